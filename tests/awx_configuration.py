# SPDX-License-Identifier: GPL-3.0-or-later
"""inventory/awx as Ansible itself reads it: what the role awx hands to the modules of awx.awx, and what these take."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader, init_plugin_loader, module_loader
from ansible.template import Templar
from ansible.utils.plugin_docs import get_docstring
from ansible.vars.manager import VariableManager

from tests.repository import REPOSITORY

# The secrets that inventory/awx takes from the environment.
SECRETS = {
    "ERP_SSH_PRIVATE_KEY": "a private key",
    "ERP_VAULT_PASSWORD": "a vault's password",
    "ERP_WEBHOOK_URL": "https://chat.example.com/hook",
}
Items = list[dict[str, Any]]


@cache
def given() -> dict[str, Items]:
    """For each module of awx.awx the options of its calls, with the secrets of SECRETS."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in SECRETS.items():
            environment.setenv(name, value)
        return _given()


def _given() -> dict[str, Items]:
    init_plugin_loader()
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(REPOSITORY / "inventory/awx/hosts.yml")])
    variables = VariableManager(loader=loader, inventory=inventory).get_vars(host=inventory.get_host("awx"))
    for part in ("defaults", "vars"):
        told = loader.load_from_file(str(REPOSITORY / "roles/awx" / part / "main.yml"), trusted_as_template=True)
        variables = {**told, **variables} if part == "defaults" else {**variables, **told}
    # An empty AWX.
    variables |= {"__awx_credentials_there": [], "__awx_notifications_there": {}}
    templar = Templar(loader=loader, variables=variables)
    lists = {
        "organization": "awx_organizations",
        "execution_environment": "awx_execution_environments",
        "credential_type": "awx_credential_types",
        "credential": "__awx_credentials_given",
        "project": "awx_projects",
        "inventory": "awx_inventories",
        "inventory_source": "awx_inventory_sources",
        "notification_template": "__awx_notifications_given",
        "job_template": "__awx_job_templates_whole",
        "workflow_job_template": "__awx_workflows_whole",
        "workflow_job_template_node": "awx_workflow_nodes",
        "schedule": "awx_schedules",
    }
    belongs = templar.template(variables["__awx_belongs"])
    alone = ("organization", "credential_type")
    return {
        kind: [({} if kind in alone else belongs) | item for item in templar.template(variables[name])]
        for kind, name in lists.items()
    }


@cache
def documented(module: str) -> dict[str, Any]:
    """The options that a module of awx.awx documents, as an argument specification."""
    path = module_loader.find_plugin(f"awx.awx.{module}")
    documentation = get_docstring(path, fragment_loader, collection_name="awx.awx", plugin_type="module")[0]
    return _specification(documentation["options"])


def _specification(options: dict[str, Any]) -> dict[str, Any]:
    kept = ("type", "elements", "choices", "required", "aliases")
    found = {}
    for name, option in options.items():
        found[name] = {key: option[key] for key in kept if key in option}
        if option.get("suboptions"):
            found[name]["options"] = _specification(option["suboptions"])
    return found


@cache
def role_options() -> dict[str, dict[str, Any]]:
    """Every option of every role's argument specification, by its name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(REPOSITORY.glob("roles/*/meta/argument_specs.yml")):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            found |= entry.get("options") or {}
    return found


def survey(template: dict[str, Any]) -> Items:
    questions: Items = template.get("survey_spec", {}).get("spec", [])
    return questions


def templates() -> dict[str, dict[str, Any]]:
    """Job templates and workflows, by name."""
    return {one["name"]: one for kind in ("job_template", "workflow_job_template") for one in given()[kind]}
