# SPDX-License-Identifier: GPL-3.0-or-later
"""With what AWX has of the repository and of an inventory, and sets for a job, a job comes as far as its hosts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import runner_jobs
from tests.awx_configuration import SECRETS, given, survey

PASSWORD = SECRETS["ERP_VAULT_PASSWORD"]
VAULT = str(Path(sys.executable).parent / "ansible-vault")
# They refuse a patch that is not there and a secret that is none, before any host is asked.
STRICT = [one for one in given()["job_template"] if one["name"] in ("ERP: deploy", "ERP: provision")]


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD)
    return path


@pytest.fixture
def inventory(repository: Path, tmp_path: Path) -> Path:
    """The example's, with a host that nobody reaches."""
    mine = tmp_path / "mine"
    shutil.copytree(repository / "inventory" / "example", mine)
    hosts = mine / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("erp1.example.com", "erp1.invalid"))
    return mine


def encrypted_one_by_one(vault: Path, password: Path) -> str:
    """The file's secrets as ``ansible-vault encrypt_string`` writes them."""
    command = [VAULT, "encrypt_string", "--vault-password-file", str(password), "--name"]
    names = yaml.safe_load(vault.read_text())
    return "\n".join(subprocess.check_output([*command, name, "a secret"], text=True) for name in names)


@pytest.mark.parametrize("template", STRICT, ids=lambda template: template["name"])
def test_a_job_comes_as_far_as_its_hosts(
    template: dict[str, Any], inventory: Path, password: Path, tmp_path: Path
) -> None:
    vault = inventory / "group_vars" / "all" / "vault.yml"
    vault.write_text(encrypted_one_by_one(vault, password))
    data = tmp_path / "job"
    runner_jobs.copy_project(data / "project")
    runner_jobs.write_inventory(data / "inventory", inventory, {})
    assert "a secret" not in (data / "inventory" / "hosts").read_text()
    shown = [{**template, "survey": survey(template)}]
    ((_, playbook, variables),) = runner_jobs.jobs(shown, [])
    ended = runner_jobs.run(data, playbook, arguments=f"--vault-password-file {password}", variables=variables)
    assert (ended.status, "unreachable=1" in ended.output) == (4, True), ended.output
    assert ended.artifact["erp_job"]["hosts"] == {"erp1.invalid": {"outcome": "unfinished"}}


def test_awx_cannot_read_a_file_that_is_encrypted_as_a_whole(inventory: Path, password: Path, tmp_path: Path) -> None:
    """Of docs/awx.md: an inventory's source in AWX takes no vault credential."""
    vault = inventory / "group_vars" / "all" / "vault.yml"
    subprocess.run([VAULT, "encrypt", "--vault-password-file", str(password), str(vault)], check=True)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        runner_jobs.write_inventory(tmp_path / "awx", inventory, {})
    assert re.search("no vault secrets", refused.value.stderr)
