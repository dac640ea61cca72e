# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWX's REST API, as far as the modules of awx.awx ask it while playbooks/awx.yml runs.

AWX itself cannot be had where these tests run: it comes as container images of a registry, for a cluster. What stands
here is what the modules rely on (lists with filters, items with links, associations, surveys, approvals, secrets that
are never shown) and what AWX refuses (awx/api/serializers.py, awx/main/models/mixins.py of 24.6.1): a schedule that
leaves a required question open, an answer of the wrong type or that nobody asks for, a playbook that the project has
not got yet, a reference to nothing, a name that is taken, the deletion of a credential type in use. It runs no job.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Item = dict[str, Any]

# Kind of item: what else it is shown with, by default.
KINDS: dict[str, Item] = {
    "organizations": {"description": ""},
    "execution_environments": {"description": "", "credential": None},
    "credential_types": {"description": "", "managed": False},
    "credentials": {"description": "", "inputs": {}},
    "projects": {"description": "", "status": "never updated", "type": "project"},
    "inventories": {"description": "", "kind": "", "host_filter": None},
    "inventory_sources": {"description": "", "type": "inventory_source"},
    "notification_templates": {"description": ""},
    "job_templates": {"description": "", "type": "job_template"},
    "workflow_job_templates": {"description": "", "type": "workflow_job_template"},
    "workflow_approval_templates": {"description": "", "type": "workflow_approval_template"},
    "workflow_job_template_nodes": {
        "extra_data": {},
        "unified_job_template": None,
        "type": "workflow_job_template_node",
    },
    "schedules": {"description": "", "extra_data": {}, "enabled": True},
}
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
# A field that names another item: of which kinds.
REFERENCES = {
    "organization": ("organizations",),
    "execution_environment": ("execution_environments",),
    "credential_type": ("credential_types",),
    "credential": ("credentials",),
    "project": ("projects",),
    "source_project": ("projects",),
    "inventory": ("inventories",),
    "workflow_job_template": ("workflow_job_templates",),
    "unified_job_template": UNIFIED,
}
# What goes with the deletion of an item, by the field that names it.
OWNED = {
    "workflow_job_templates": {
        "workflow_job_template_nodes": "workflow_job_template",
        "schedules": "unified_job_template",
    },
    "job_templates": {"schedules": "unified_job_template"},
    "inventories": {"inventory_sources": "inventory"},
}
SECRET = "$encrypted$"


class RefusedError(Exception):
    def __init__(self, status: int, said: Any) -> None:
        super().__init__(said)
        self.status, self.said = status, said


def unfit(question: Item, answers: Item, whole: bool) -> list[str]:
    """What AWX has against the answer to a question of a survey."""
    variable = question["variable"]
    if variable not in answers:
        return [f"'{variable}' value missing"] if whole and question["required"] else []
    value = answers[variable]
    if question["type"] == "multiplechoice":
        choices = question["choices"]
        return [] if value in choices else [f"Value {value} for '{variable}' expected to be one of {choices}."]
    wanted, size = (int, value) if question["type"] == "integer" else (str, len(str(value)))
    if type(value) is not wanted:
        return [f"Value {value} for '{variable}' expected to be {wanted.__name__}."]
    return [] if question["min"] <= size <= question["max"] else [f"'{variable}' value {value} is too small or large."]


class Awx:
    """The items, by kind and number. ``log``: what changed something, as (method, kind)."""

    def __init__(self) -> None:
        self.items: dict[str, dict[int, Item]] = {kind: {} for kind in KINDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.log: list[tuple[str, str]] = []
        self._number = 0
        for name in ("Machine", "Vault", "Source Control"):
            self.create("credential_types", {"name": name, "managed": True})
        self.log.clear()

    def names(self, kind: str) -> set[str]:
        return {str(one.get("name", one.get("identifier"))) for one in self.items[kind].values()}

    def links_of(self, kind: str, identifier: str, link: str) -> list[str]:
        """The nodes that follow the node of this identifier."""
        (number,) = (each for each, one in self.items[kind].items() if one["identifier"] == identifier)
        return [self.items[kind][each]["identifier"] for each in self.links[(kind, number, link)]]

    def find(self, kind: str, query: dict[str, str]) -> list[Item]:
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        asked = {name: value for name, value in query.items() if name not in ("page_size", "order_by")}
        return [
            self.shown(each, number)
            for each in kinds
            for number, one in self.items[each].items()
            if all(self.value(one, name) == value for name, value in asked.items())
        ]

    def value(self, one: Item, field: str) -> str:
        """As a filter sees it: the name of what a field names, for ``<field>__name``."""
        of, _, by_name = field.partition("__")
        value = one.get(of)
        return str(self.items[REFERENCES[of][0]][value]["name"] if by_name and value else value)

    def shown(self, kind: str, number: int) -> Item:
        url = f"/api/v2/{kind}/{number}/"
        one = self.items[kind][number]
        related = {name: f"{url}{name}/" for name in ("survey_spec",) if kind.endswith("job_templates")}
        if one.get("unified_job_template"):
            target = self.kind_of(UNIFIED, one["unified_job_template"])
            related["unified_job_template"] = f"/api/v2/{target}/{one['unified_job_template']}/"
        inputs = {
            name: SECRET if name not in ("username", "become_method") else value
            for name, value in one.get("inputs", {}).items()
        }
        hidden: Item = {"inputs": inputs} if kind == "credentials" else {}
        if one.get("notification_configuration", {}).get("password"):
            hidden = {"notification_configuration": {**one["notification_configuration"], "password": SECRET}}
        return {
            "type": kind.removesuffix("s"),
            **one,
            **hidden,
            "id": number,
            "url": url,
            "related": related,
            "summary_fields": {},
        }

    def kind_of(self, kinds: tuple[str, ...], number: int) -> str:
        for kind in kinds:
            if number in self.items[kind]:
                return kind
        raise RefusedError(400, {"detail": f"Invalid pk {number}: object does not exist"})

    def create(self, kind: str, told: Item) -> Item:
        self.check(kind, told)
        name = "identifier" if kind == "workflow_job_template_nodes" else "name"
        within = "workflow_job_template" if kind == "workflow_job_template_nodes" else "organization"
        if any(
            one.get(name) == told.get(name) and one.get(within) == told.get(within) for one in self.items[kind].values()
        ):
            raise RefusedError(400, {"__all__": [f"{kind} with this {name} already exists."]})
        self._number += 1
        self.items[kind][self._number] = {**KINDS[kind], **told}
        self.log.append(("POST", kind))
        return self.shown(kind, self._number)

    def change(self, kind: str, number: int, told: Item) -> Item:
        self.check(kind, {**self.items[kind][number], **told})
        old = self.items[kind][number].get("notification_configuration", {})
        if told.get("notification_configuration", {}).get("password") == SECRET:
            told["notification_configuration"]["password"] = old["password"]
        self.items[kind][number].update(told)
        self.log.append(("PATCH", kind))
        return self.shown(kind, number)

    def check(self, kind: str, told: Item) -> None:
        for field, kinds in REFERENCES.items():
            if told.get(field):
                self.kind_of(kinds, int(told[field]))
        if kind == "job_templates" and not self.items["projects"][told["project"]].get("allow_override"):
            raise RefusedError(400, {"playbook": ["Playbook not found for project."]})
        if kind in ("schedules", "workflow_job_template_nodes") and told.get("unified_job_template"):
            number = int(told["unified_job_template"])
            template = self.items[self.kind_of(UNIFIED, number)][number]
            survey = template.get("survey_spec", {}).get("spec", []) if template.get("survey_enabled") else []
            answers = told.get("extra_data") or {}
            unasked = sorted(answers.keys() - {question["variable"] for question in survey})
            if unasked:
                raise RefusedError(400, {"extra_data": [f"Variables {', '.join(unasked)} are not allowed on launch."]})
            # Of a node nothing is required: the workflow's own survey may answer.
            wrong = [sentence for question in survey for sentence in unfit(question, answers, kind == "schedules")]
            if wrong:
                raise RefusedError(400, {"variables_needed_to_start": wrong})

    def synchronise(self) -> None:
        """As a source of an inventory does: the variables of its group "all" are written into the inventory."""
        for one in self.items["inventories"].values():
            one["variables"] = json.dumps({"erp_service_user": "erp"})

    def delete(self, kind: str, number: int) -> None:
        if kind == "credential_types" and any(
            one["credential_type"] == number for one in self.items["credentials"].values()
        ):
            raise RefusedError(403, {"detail": "Credential types that are in use cannot be deleted"})
        for owned, field in OWNED.get(kind, {}).items():
            for each in [each for each, one in self.items[owned].items() if one.get(field) == number]:
                del self.items[owned][each]
        del self.items[kind][number]
        self.log.append(("DELETE", kind))


class _Handler(BaseHTTPRequestHandler):
    awx: Awx

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        told = json.loads(self.rfile.read(size) or b"{}")
        address = urlsplit(self.path)
        try:
            status, said = self.asked(address.path.strip("/").split("/")[2:], dict(parse_qsl(address.query)), told)
        except RefusedError as refusal:
            status, said = refusal.status, refusal.said
        body = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 (http.server's names)

    def asked(self, path: list[str], query: dict[str, str], told: Item) -> tuple[int, Any]:
        awx, method, kind = self.awx, self.command, path[0]
        if kind == "tokens":
            return (201, {"id": 1, "token": "token"}) if method == "POST" else (204, None)
        if len(path) == 1:
            if method == "POST":
                return 201, awx.create(kind, told)
            found = awx.find(kind, query)
            return 200, {"count": len(found), "results": found, "next": None}
        number = int(path[1])
        if number not in awx.items[kind]:
            raise RefusedError(404, {"detail": "Not found."})
        if len(path) > 2:
            return self.of_item(kind, number, path[2], told)
        if method == "DELETE":
            awx.delete(kind, number)
            return (202 if kind == "inventories" else 204), None
        return 200, awx.change(kind, number, told) if method == "PATCH" else awx.shown(kind, number)

    def of_item(self, kind: str, number: int, what: str, told: Item) -> tuple[int, Any]:
        awx, method = self.awx, self.command
        if what == "survey_spec":
            if method != "GET":
                awx.items[kind][number]["survey_spec"] = told
                awx.log.append((method, "survey_spec"))
            return 200, awx.items[kind][number].get("survey_spec", {})
        if what == "create_approval_template":
            made = awx.create(
                "workflow_approval_templates",
                {name: told[name] for name in ("name", "description", "timeout") if name in told},
            )
            awx.items[kind][number]["unified_job_template"] = made["id"]
            return 201, made
        linked = awx.links.setdefault((kind, number, what), [])
        if method == "GET":
            return 200, {"count": len(linked), "results": [{"id": one} for one in linked], "next": None}
        if told.get("disassociate"):
            linked.remove(told["id"])
        else:
            linked.append(told["id"])
        awx.log.append(("POST", f"{kind}/{what}"))
        return 204, None

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is not its place."""


@contextmanager
def running() -> Iterator[tuple[Awx, str]]:
    """The API on a free port of this machine: its items, and its address."""
    awx = Awx()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"awx": awx}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield awx, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
