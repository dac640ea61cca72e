# SPDX-License-Identifier: GPL-3.0-or-later
"""inventory/awx holds what the modules of awx.awx take, and every name in it is the name of something."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.awx_configuration import documented, given, role_options, survey, templates

KINDS = sorted(given())
# An option that names something, and the kinds whose names it may be.
NAMES = {
    "organization": ["organization"],
    "execution_environment": ["execution_environment"],
    "credential_type": ["credential_type"],
    "credential": ["credential"],
    "credentials": ["credential"],
    "project": ["project"],
    "source_project": ["project"],
    "inventory": ["inventory"],
    "workflow_job_template": ["workflow_job_template"],
    "unified_job_template": ["job_template", "workflow_job_template"],
    "notification_templates_error": ["notification_template"],
}
# Credential types that come with AWX.
OF_AWX = {"credential_type": {"Machine", "Vault", "Source Control"}}
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_takes_every_option(kind: str) -> None:
    assert given()[kind], kind
    for item in given()[kind]:
        result = ArgumentSpecValidator(documented(kind)).validate(item)
        assert result.error_messages == [], item.get("name") or item["identifier"]


def test_a_wrong_option_would_be_found() -> None:
    validator = ArgumentSpecValidator(documented("job_template"))
    assert "playbok" in str(validator.validate({"name": "x", "playbok": "y"}).error_messages)
    assert "job_type" in str(validator.validate({"name": "x", "job_type": "try"}).error_messages)


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_is_the_name_of_something(kind: str) -> None:
    for item in given()[kind]:
        for option in NAMES.keys() & item.keys():
            known = {one["name"] for each in NAMES[option] for one in given()[each]} | OF_AWX.get(option, set())
            named = item[option] if isinstance(item[option], list) else [item[option]]
            assert set(named) <= known, (item, option)


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_is_taken_twice(kind: str) -> None:
    names = [(one.get("workflow_job_template"), one.get("name") or one["identifier"]) for one in given()[kind]]
    assert len(set(names)) == len(names)


def test_job_templates_and_workflows_have_different_names() -> None:
    """A schedule or a node names either: with one name for both it would be unclear which is meant."""
    assert len(templates()) == len(given()["job_template"]) + len(given()["workflow_job_template"])


def test_every_playbook_and_inventory_is_in_the_repository(repository: Path) -> None:
    missing = [one["playbook"] for one in given()["job_template"] if not (repository / one["playbook"]).is_file()]
    sources = [one["source_path"] for one in given()["inventory_source"]]
    assert missing == []
    assert [path for path in sources if not (repository / path).exists()] == []


def test_every_step_of_a_workflow_is_reached_and_leads_to_a_step() -> None:
    for workflow in given()["workflow_job_template"]:
        nodes = {
            one["identifier"]: one
            for one in given()["workflow_job_template_node"]
            if one["workflow_job_template"] == workflow["name"]
        }
        led_to = {name for node in nodes.values() for link in LINKS for name in node.get(link, [])}
        assert led_to <= nodes.keys()
        assert len(nodes.keys() - led_to) == 1, workflow["name"]


def test_the_workflows_are_those_that_were_asked_for() -> None:
    def follow(workflow: str, links: dict[str, tuple[str, str]]) -> None:
        nodes = {
            one["identifier"]: one
            for one in given()["workflow_job_template_node"]
            if one["workflow_job_template"] == workflow
        }
        assert {name: (link, node[link][0]) for name, node in nodes.items() for link in LINKS if link in node} == links

    follow(
        "ERP: check, repair, check again, alert",
        {
            "check": ("failure_nodes", "repair"),
            "repair": ("always_nodes", "check again"),
            "check again": ("failure_nodes", "alert"),
        },
    )
    follow(
        "ERP: backup, restore into staging, verify",
        {"backup": ("success_nodes", "restore"), "restore": ("success_nodes", "verify")},
    )
    approval = {one["identifier"]: one for one in given()["workflow_job_template_node"] if "approval_node" in one}
    assert approval["approve"]["success_nodes"] == ["restore"]


def launches() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What AWX starts by itself: its name, template and variables."""
    found = [
        (one["name"], templates()[one["unified_job_template"]], one.get("extra_data", {}))
        for one in given()["schedule"]
    ]
    workflow_asks = {
        name: {question["variable"] for question in survey(one)}
        for name, one in templates().items()
        if "playbook" not in one
    }
    for node in given()["workflow_job_template_node"]:
        if "unified_job_template" in node:
            asked = dict.fromkeys(workflow_asks[node["workflow_job_template"]])
            template = templates()[node["unified_job_template"]]
            known = {question["variable"] for question in survey(template)}
            handed_on = {name: None for name in asked if name in known}
            name = f"{node['workflow_job_template']}: {node['identifier']}"
            found.append((name, template, {**handed_on, **node.get("extra_data", {})}))
    return found


@pytest.mark.parametrize(
    ("name", "template", "variables"), launches(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_starts_by_itself_answers_its_survey(
    name: str, template: dict[str, Any], variables: dict[str, Any]
) -> None:
    """AWX wants a schedule to give required answers, even where the question has a default, and nothing else."""
    questions = {question["variable"]: question for question in survey(template)}
    assert variables.keys() <= questions.keys(), name
    assert {variable for variable, question in questions.items() if question["required"]} <= variables.keys(), name
    for variable, value in variables.items():
        if value is None:  # the workflow's own answer
            continue
        question = questions[variable]
        assert isinstance(value, int if question["type"] == "integer" else str), (name, variable)
        assert value in question.get("choices", [value]), (name, variable)


def test_the_backup_that_was_asked_for_is_the_one_that_is_rehearsed_and_restored() -> None:
    handed_on = {name: variables for name, _, variables in launches() if name.startswith("ERP: restore, with approval")}
    with_backup = [name.rpartition(": ")[2] for name, given in handed_on.items() if "restore_archive" in given]
    assert with_backup == ["rehearse", "restore"]
    assert {handed_on[f"ERP: restore, with approval: {step}"]["restore_archive"] for step in with_backup} == {None}


def test_the_schedules_are_those_that_were_asked_for() -> None:
    rules = {one["name"]: one["rrule"] for one in given()["schedule"]}
    hourly = rules["ERP: repair the sequences, hourly"]
    daily = rules["ERP: check the sequences and export, daily"]
    assert "FREQ=HOURLY;INTERVAL=1" in hourly
    assert re.search(r"DTSTART;TZID=Africa/Cairo:\d{8}T030000 RRULE:FREQ=DAILY;INTERVAL=1$", daily)
    assert "FREQ=WEEKLY" in rules["ERP: rehearse a restore, weekly"]
    assert "FREQ=DAILY" in rules["ERP: incident report, daily"]


def test_inventories_have_the_variables_of_their_sources_only(repository: Path) -> None:
    """AWX writes those of the group "all" into the inventory. So the hosts' Python is pinned in ansible.cfg."""
    assert [one["name"] for one in given()["inventory"] if "variables" in one] == []
    assert "\ninterpreter_python = /usr/bin/python3\n" in (repository / "ansible.cfg").read_text()


def test_awx_kills_no_job_before_its_own_steps_have_ended() -> None:
    """A restore, a backup and a deploy, which saves the database first, end in order; who is killed does not."""
    longest = {name: role_options()[f"{name}_timeout"]["default"] for name in ("restore", "backup")}
    playbooks = {"restore": "restore", "restore-drill": "restore", "backup": "backup", "deploy": "backup"}
    short = [
        template["name"]
        for template in given()["job_template"]
        for name, bound in playbooks.items()
        if Path(template["playbook"]).stem == name and template["timeout"] <= longest[bound] + 300
    ]
    assert short == []


def test_no_secret_is_in_the_repository(repository: Path) -> None:
    """Whatever of a credential AWX hides comes from the environment."""
    text = (repository / "inventory/awx/group_vars/all/credentials.yml").read_text().split("awx_credentials:")[1]
    inputs = re.findall(r"^      (?!username|become_method)(\w+): (?!ERP_)(.*)$", text, re.MULTILINE)
    assert {"ssh_key_data", "vault_password", "database_password"} <= {name for name, _ in inputs}
    assert [name for name, value in inputs if "lookup('ansible.builtin.env', 'ERP_" not in value] == []
