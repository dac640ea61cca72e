# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploys of an ERP that is under load: the cases of `make bench-deploy`."""

from __future__ import annotations

from bench import ROOT
from bench.node import Node, NodeError, variables
from bench.under_load import UNNOTICED, Case

PATCHES = ROOT / "inventory" / "example" / "patches"


def patch(name: str, *files: str) -> dict[str, object]:
    """One of the example inventory's patches, as ``erp_service_patches`` holds it."""
    return {"id": name, "reason": "measured", "file": str(PATCHES / f"{name}.patch"), "files": list(files)}


CUTTING = patch("BUG-017", "cutting/inventory_integration.py")
TIMEOUT = patch("BUG-018", "crm/settings.py")


def patched(node: Node) -> None:
    """Each call brings another patch than the one before."""
    node.play("playbooks/deploy.yml", "-e", variables(erp_service_patches=[CUTTING]))


def gone_back(node: Node) -> None:
    """A patch whose smoke test fails: the release before it serves again."""
    wanted = variables(erp_service_patches=[CUTTING, TIMEOUT], erp_service_smoke_paths=["/no-such-page/"])
    try:
        node.play("playbooks/deploy.yml", "-e", wanted)
    except NodeError as error:
        if "404" not in str(error):
            raise
        return
    raise RuntimeError("The deploy did not fail, though a page that it must see is not there.")


def rolled_back(node: Node) -> None:
    node.play("playbooks/rollback.yml", "-e", variables())


CASES = (
    Case("deploy with a patch", patched, UNNOTICED, small=True),
    Case("deploy whose smoke test fails", gone_back, UNNOTICED, small=True),
    Case("rollback.yml", rolled_back, UNNOTICED),
)
