# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/awx.yml against the stand-in of AWX's API (tests/awx_api.py says for what it stands, and why)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import awx_api, playbook_runs
from tests.awx_configuration import SECRETS, given

# The kinds in the order in which they are made; they go in the reverse order.
ORDER = [
    "organizations",
    "credential_types",
    "execution_environments",
    "credentials",
    "projects",
    "inventories",
    "inventory_sources",
    "notification_templates",
    "job_templates",
    "workflow_job_templates",
    "schedules",
]
LOGIN = {"CONTROLLER_USERNAME": "admin", "CONTROLLER_PASSWORD": "the password of admin"}
TOKEN = {"CONTROLLER_OAUTH_TOKEN": "a token of admin"}
Run = Callable[..., playbook_runs.Ended]


@pytest.fixture
def api() -> Iterator[tuple[awx_api.Awx, str]]:
    with awx_api.running() as started:
        yield started


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(environment, *arguments)``: nothing of AWX is in the environment but what is given."""

    def run(environment: dict[str, str], *arguments: str) -> playbook_runs.Ended:
        command = ["-i", "inventory/awx", "playbooks/awx.yml", *arguments]
        return playbook_runs.run(*command, home=tmp_path, seconds=1500, **environment)

    return run


def changes(output: str) -> int:
    found = re.search(r"^awx\s.*\bchanged=(\d+)", output, re.MULTILINE)
    assert found, output
    return int(found[1])


def kinds(log: list[tuple[str, str]], method: str) -> list[str]:
    """The kinds of the items that were made or deleted, each once, in this order."""
    return list(dict.fromkeys(kind for how, kind in log if how == method and kind in ORDER))


def test_applied_twice_and_removed(api: tuple[awx_api.Awx, str], run: Run) -> None:
    awx, url = api
    at = {"CONTROLLER_HOST": url}

    status, output = run(at | LOGIN | SECRETS)
    assert status == 0, output
    assert kinds(awx.log, "POST") == ORDER
    for module, items in given().items():
        kind = "inventories" if module == "inventory" else f"{module}s"
        assert {item.get("name") or item["identifier"] for item in items} <= awx.names(kind), kind
    assert not any(secret in output for secret in SECRETS.values())
    assert awx.links_of("workflow_job_template_nodes", "approve", "success_nodes") == ["restore"]

    awx.synchronise()
    made = list(awx.log)
    status, output = run(at | TOKEN | SECRETS)
    assert (status, changes(output)) == (0, 0), output
    assert [what for what in awx.log[len(made) :] if what[0] != "PATCH"] == []

    awx.log.clear()
    status, output = run(at | TOKEN, "-e", "awx_state=absent", "-e", "awx_remove_organization=true")
    assert status == 0, output
    assert kinds(awx.log, "DELETE") == ORDER[::-1]
    assert {kind: awx.names(kind) for kind in ORDER if kind != "credential_types" and awx.names(kind)} == {}
    assert awx.names("credential_types") == {"Machine", "Vault", "Source Control"}

    status, output = run(at | TOKEN, "-e", "awx_state=absent", "-e", "awx_remove_organization=true")
    assert (status, changes(output)) == (0, 0), output


def test_what_was_made_with_a_secret_keeps_it_where_nobody_gives_it_again(
    api: tuple[awx_api.Awx, str], run: Run
) -> None:
    awx, url = api
    at = {"CONTROLLER_HOST": url} | TOKEN
    login = ["-e", "site_mail_user=erp"]
    status, output = run(at | SECRETS, *login)
    assert status == 2
    said = 'Nothing was configured: the password of "erp" (notification "ERP mail") was not given.'
    assert said in " ".join(output.split())
    assert awx.log == []

    status, output = run(at | SECRETS | {"ERP_MAIL_PASSWORD": "the mail server's"}, *login)
    assert status == 0, output
    links = json.dumps([[*key, value] for key, value in awx.links.items()])
    assert "the mail server's" not in output

    status, output = run(at, *login)
    assert (status, changes(output)) == (0, 0), output
    assert json.dumps([[*key, value] for key, value in awx.links.items()]) == links
    said = "Left as they are in AWX, since their secrets were not given: ERP servers, ERP vault."
    assert said in " ".join(output.split())

    status, output = run(at, *login, "-e", '{"site_mail_to": ["night@example.com"]}')
    assert (status, changes(output)) == (0, 1), output
    (mail,) = (one for one in awx.items["notification_templates"].values() if one["name"] == "ERP mail")
    told = mail["notification_configuration"]
    assert (told["recipients"], told["password"]) == (["night@example.com"], "the mail server's")


def test_half_of_a_credential_is_refused_before_anything_else(api: tuple[awx_api.Awx, str], run: Run) -> None:
    awx, url = api
    ended = run({"CONTROLLER_HOST": url, "ERP_GIT_USER": "awx"} | TOKEN | SECRETS)
    assert ended.status == 2
    assert 'Nothing was configured: ERP_GIT_TOKEN (credential "ERP git") was not given.' in ended.folded
    assert awx.log == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        # AWX gives each job such variables; this one must come as far as to its own refusal.
        (
            ["awx_job_id=7", "awx_user_name=admin", "awx_inventory_id=2"],
            "Nothing was done: CONTROLLER_HOST is not set.",
        ),
        (["awx_stat=absent"], "Nothing was configured: nobody reads awx_stat."),
    ],
    ids=["of AWX itself", "misspelt"],
)
def test_only_variables_that_nobody_reads_are_refused(run: Run, variables: list[str], said: str) -> None:
    ended = run(TOKEN, *[part for each in variables for part in ("-e", each)])
    assert ended.status == 2
    assert said in ended.folded


def test_the_stand_in_refuses_what_awx_refuses() -> None:
    awx = awx_api.Awx()
    project = awx.create("projects", {"name": "p", "allow_override": True})
    question = {"variable": "v", "type": "multiplechoice", "choices": ["a"], "required": True, "default": "a"}
    told = {"name": "t", "project": project["id"], "survey_enabled": True, "survey_spec": {"spec": [question]}}
    schedule = {"name": "s", "unified_job_template": awx.create("job_templates", told)["id"]}
    for answers, said in (({}, "'v' value missing"), ({"v": "b"}, "expected to be one of"), ({"w": 1}, "not allowed")):
        with pytest.raises(awx_api.RefusedError, match=said):
            awx.create("schedules", schedule | {"extra_data": answers})
    awx.create("schedules", schedule | {"extra_data": {"v": "a"}})
