# SPDX-License-Identifier: GPL-3.0-or-later
"""A survey is the roles' web interface: its questions are options of the argument specifications, and say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.awx_configuration import given, role_options, survey

# AWX's type of a question for the specification's; AWX has no yes or no: the roles read such text by `| bool`.
TYPES = {"str": "text", "path": "text", "int": "integer", "float": "float", "bool": "multiplechoice"}
# Playbooks' own variables, which are no role's: like this option.
OWN = {"status_language": "restore_language", "stock_audit_language": "restore_language"}
# A site's own, which its inventory of servers has: where the code patches lie.
OF_THE_INVENTORY = {"site_patches"}
# What a survey leaves out of an option's choices, and why.
LEFT_OUT = {"sequences_action": {"reset"}}  # it may lower a sequence: for the command line, where it asks twice
# Defaults that are the site's (inventory/awx/group_vars/all/site.yml), or that only make sense in AWX.
OTHER_DEFAULTS = {"restore_archive": "newest"}  # a role has no right to choose one
OF_THE_SITE = {
    "erp_service_version",
    "status_language",
    "stock_audit_language",
    "restore_language",
    "sequences_language",
    "incident_report_language",
}
ARABIC = re.compile(r"[\u0600-\u06ff]")


def questions() -> list[tuple[str, dict[str, Any]]]:
    asked = [*given()["job_template"], *given()["workflow_job_template"]]
    return [(template["name"], question) for template in asked for question in survey(template)]


EACH = pytest.mark.parametrize(
    ("template", "question"), questions(), ids=[f"{name}: {question['variable']}" for name, question in questions()]
)


def option_of(variable: str) -> dict[str, Any]:
    options = role_options()
    assert OWN.get(variable, variable) in options, f"no role and no playbook knows {variable}"
    return options[OWN.get(variable, variable)]


def text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


@EACH
def test_type_and_choices_are_the_options(template: str, question: dict[str, Any]) -> None:
    option = option_of(question["variable"])
    wanted = "multiplechoice" if "choices" in option else TYPES[option["type"]]
    assert question["type"] == wanted, template
    if wanted == "multiplechoice":
        choices = [
            each
            for each in option.get("choices", ["true", "false"])
            if each not in LEFT_OUT.get(question["variable"], ())
        ]
        assert question["choices"] == choices
        assert question["default"] in choices
    else:
        assert {"min", "max"} <= question.keys()


@EACH
def test_default_and_required_are_the_options(template: str, question: dict[str, Any]) -> None:
    variable = question["variable"]
    option = option_of(variable)
    if variable not in OF_THE_SITE:
        assert question["default"] == OTHER_DEFAULTS.get(variable, text(option.get("default"))), template
    # Only what may be empty may be left out: AWX then gives the playbook an empty text.
    assert question["required"] is (question["default"] != "")
    if option.get("required"):
        assert question["required"]


@EACH
def test_help_is_in_both_languages(template: str, question: dict[str, Any]) -> None:
    for part in ("question_name", "question_description"):
        english, arabic = question[part].split(" | ")
        assert re.search("[A-Za-z]", english), template
        assert ARABIC.search(arabic), template
        assert not ARABIC.search(english), template


@pytest.mark.parametrize("template", given()["job_template"], ids=lambda template: template["name"])
def test_the_playbook_takes_what_is_asked(template: dict[str, Any], repository: Path) -> None:
    """The variable is one of a role that the playbook runs, or of the playbook's own head."""
    path = repository / template["playbook"]
    if path.parent == repository:
        path = repository / "playbooks" / path.name
    written = path.read_text()
    roles = set(re.findall(r"\b(?:role|job_role|name): ([a-z_]+)$", written, re.MULTILINE))
    head = written.split("\n- name:")[0]
    told = template.get("extra_vars", {}).keys() - OF_THE_INVENTORY
    for variable in {question["variable"] for question in survey(template)} | told:
        assert variable in head or any(variable.startswith(f"{role}_") for role in roles), variable


def test_the_survey_covers_the_work_that_operators_start() -> None:
    playbooks = {Path(template["playbook"]).name for template in given()["job_template"] if survey(template)}
    wanted = "provision deploy restore rollback restore-rollback backup restore-drill sequences incident-report status"
    assert {f"{name}.yml" for name in wanted.split()} <= playbooks
