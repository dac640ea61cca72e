# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong on the controller is refused there, by the real ``ansible-playbook``, before any host is asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests import playbook_runs
from tests.repository import REPOSITORY

NOT_FROM_GIT = "erp_service_repository="


@pytest.fixture
def inventory(repository: Path, tmp_path: Path) -> Path:
    """The example's, with secrets, and a host that nobody reaches."""
    mine = tmp_path / "mine"
    shutil.copytree(repository / "inventory" / "example", mine)
    vault = mine / "group_vars" / "all" / "vault.yml"
    vault.write_text(yaml.safe_dump(dict.fromkeys(yaml.safe_load(vault.read_text()), "a secret")))
    hosts = mine / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("erp1.example.com", "erp1.invalid"))
    return mine


def play(inventory: Path, *arguments: str, folder: Path = REPOSITORY, **environment: str) -> tuple[int, str]:
    """Exit status and output, its white space folded."""
    ended = playbook_runs.run("-i", str(inventory), *arguments, home=inventory.parent, folder=folder, **environment)
    return ended.status, ended.folded


def refused(inventory: Path, *arguments: str) -> str:
    status, said = play(inventory, *arguments)
    assert status == 2, said
    assert "unreachable=1" not in said
    return said


def test_with_right_inputs_a_host_is_asked(inventory: Path) -> None:
    status, said = play(inventory, "playbooks/deploy.yml")
    assert (status, "unreachable=1" in said) == (4, True), said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["restore.yml", "--tags", "restor", "-e", "restore_archive=newest"],
            "Nothing was restored: this playbook has no tag restor. Its steps make sense only together",
        ),
        (
            ["provision.yml", "--tags", "postgres,broker"],
            "Nothing was provisioned: this playbook has no tag postgres. It has postgresql, broker, pgbouncer,",
        ),
        (
            ["playbooks/deploy.yml", "-e", "erp_service_versoin=v2"],
            "Nothing was deployed: nobody reads erp_service_versoin. Correct the name after -e; those that there are "
            "stand in roles/erp_service/defaults/main.yml.",
        ),
        (
            ["playbooks/stock-audit.yml", "-e", "stock_audit_langauge=ar"],
            "nobody reads stock_audit_langauge. Correct the name after -e; those that there are stand in the head",
        ),
        (["playbooks/status.yml", "-e", "status_language=fr"], 'status_language is "fr". Write en or ar.'),
        (
            ["playbooks/sequences.yml", "-e", "sequences_action=repair"],
            "value of sequences_action must be one of: check, fix, auto, monitor, info, reset, got: repair",
        ),
        (
            ["playbooks/sequences.yml", "-e", "sequences_action=fix", "-e", "sequences_confirm=true"],
            "Nothing was done: sequences_confirm is an option of reset, and sequences_action is fix. Leave it out, or",
        ),
        (
            ["playbooks/sequences.yml", "-e", "sequences_table=orders_order"],
            "nobody reads sequences_table. Correct the name after -e; those that there are stand in roles/sequences/",
        ),
        (
            ["provision.yml", "--tags", "sequences", "-e", "sequences_repair_role="],
            "sequences_auto_fix=true asks for repairs, and the role erp-sequences may only look.",
        ),
        (
            ["playbooks/deploy.yml", "-e", "erp_service_keep_releases=many"],
            "'erp_service_keep_releases' is of type str",
        ),
        (
            ["playbooks/deploy.yml", "-e", "erp_service_code_archive=/nowhere.tar"],
            "set exactly one of erp_service_repository, erp_service_code_archive and erp_service_code_directory",
        ),
        (
            ["playbooks/deploy.yml", "-e", NOT_FROM_GIT, "-e", "erp_service_code_archive=/nowhere.tar"],
            "on the controller there is no /nowhere.tar. Correct",
        ),
        (
            ["playbooks/deploy.yml", "-e", NOT_FROM_GIT, "-e", "erp_service_code_directory=/nowhere"],
            "on the controller there is no /nowhere. Correct",
        ),
    ],
)
def test_wrong_arguments(inventory: Path, arguments: list[str], sentence: str) -> None:
    assert sentence in refused(inventory, *arguments)


def test_an_inventory_that_is_not_there(tmp_path: Path) -> None:
    said = refused(tmp_path / "nowhere", "playbooks/deploy.yml")
    assert 'Nothing was deployed: the inventory has no host in the group "application", "postgresql". Name' in said


def test_an_inventory_without_a_database_host(inventory: Path) -> None:
    hosts = inventory / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("postgresql:", "database:"))
    said = refused(inventory, "playbooks/rollback.yml")
    assert 'Nothing was rolled back: the inventory has no host in the group "postgresql"' in said


def test_a_limit_skips_no_check(inventory: Path) -> None:
    said = refused(inventory, "playbooks/deploy.yml", "--limit", "erp1.invalid", "-e", "erp_service_versoin=v2")
    assert "Nothing was deployed: nobody reads erp_service_versoin." in said


def test_a_limit_that_leaves_no_host_of_the_playbook(inventory: Path) -> None:
    (inventory / "more.yml").write_text("elsewhere:\n  hosts:\n    db9.invalid:\n")
    said = refused(inventory, "playbooks/backup.yml", "--limit", "db9.invalid")
    assert 'Nothing was done: --limit leaves no host of "postgresql", on which this playbook runs. Name one of' in said


def test_a_vault_that_lacks_a_variable(inventory: Path) -> None:
    vault = inventory / "group_vars" / "all" / "vault.yml"
    vault.write_text("".join(line for line in vault.read_text().splitlines(True) if "email" not in line))
    said = refused(inventory, "playbooks/deploy.yml")
    assert "Nothing was begun: 'vault_email_password' is undefined, and its environment needs it. Give it" in said


def test_a_patch_without_its_file(inventory: Path) -> None:
    (inventory / "patches" / "BUG-019.patch").unlink()
    said = refused(inventory, "playbooks/deploy.yml")
    assert f"on the controller there is no {inventory}/patches/BUG-019.patch. Correct erp_service_patches" in said


def test_another_folder(repository: Path, inventory: Path, tmp_path: Path) -> None:
    hosts = inventory / "hosts.yml"
    status, said = play(hosts, str(repository / "playbooks" / "deploy.yml"), folder=tmp_path)
    assert status == 2
    assert "Nothing was deployed: Ansible did not read the toolkit's ansible.cfg" in said


def test_an_archive_that_may_not_be_read(repository: Path, tmp_path: Path) -> None:
    """A folder stands for it: root may read every file."""
    (tmp_path / "code.tar").mkdir()
    (tmp_path / "hosts").write_text("localhost\n")
    (tmp_path / "play.yml").write_text(
        "- hosts: localhost\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        "    - ansible.builtin.include_role: {name: erp_service, tasks_from: archive}\n"
        f"      vars: {{erp_service_code_archive: {tmp_path}/code.tar}}\n"
    )
    settings = str(repository / "ansible.cfg")
    status, said = play(tmp_path / "hosts", str(tmp_path / "play.yml"), folder=tmp_path, ANSIBLE_CONFIG=settings)
    assert status == 2
    assert f'Nothing was deployed: you may not read "{tmp_path}/code.tar" on the controller.' in said
