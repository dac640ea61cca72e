# SPDX-License-Identifier: GPL-3.0-or-later
"""What retention removes, and above all what it never removes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from erp_ops.backup.catalog import Backup, newest
from erp_ops.backup.manifest import Manifest, is_ours, read_manifest
from erp_ops.backup.retention import to_remove

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def manifest(hours: float, database: str = "crm", form: str = "custom") -> Manifest:
    began = (NOW - timedelta(hours=hours)).isoformat(timespec="seconds")
    return Manifest(database, form, "15.18", began, 1.5, 10, "a" * 64, {"public.t": 1}, {})


def backup(hours: float, database: str = "crm", form: str = "custom", problem: str = "") -> Backup:
    written = manifest(hours, database, form)
    return Backup(f"/b/{database}-{form}-{hours}", 10, written.began, written, problem)


def unproved(hours: float) -> Backup:
    return Backup(f"/b/other-{hours}", 10, NOW - timedelta(hours=hours), None, "it has no manifest")


def gone(backups: list[Backup], count: int, days: int) -> list[str]:
    return [backup.path.removeprefix("/b/") for backup in to_remove(backups, count, days, NOW)]


def test_what_is_beyond_the_count_goes_oldest_first() -> None:
    assert gone([backup(hours) for hours in (1, 4, 2, 3)], 2, 0) == ["crm-custom-4", "crm-custom-3"]


def test_what_is_too_old_goes() -> None:
    assert gone([backup(1), backup(47), backup(49)], 0, 2) == ["crm-custom-49"]


@pytest.mark.parametrize(("count", "days"), [(1, 1), (0, 1), (1, 0)])
def test_the_newest_good_one_never_goes_however_old_it_is(count: int, days: int) -> None:
    bad = backup(1, problem="it has 3 bytes")
    assert gone([bad, backup(5000)], count, days) == []


def test_a_bad_one_does_not_count_as_the_newest() -> None:
    bad = [backup(hours, problem="it has 3 bytes") for hours in (1, 2, 3)]
    assert gone([*bad, backup(10), backup(11)], 1, 0) == ["crm-custom-11"]


def test_each_database_and_format_is_counted_for_itself() -> None:
    kept = [backup(1), backup(2, form="sql.gz"), backup(3, database="other")]
    assert gone([*kept, backup(4, form="sql.gz")], 1, 1) == ["crm-sql.gz-4"]


def test_files_without_a_manifest_go_by_age_and_only_when_a_good_one_is_newer() -> None:
    assert gone([unproved(100), unproved(5)], 1, 1) == []
    assert gone([backup(1), unproved(100), unproved(5)], 1, 1) == ["other-100"]
    assert gone([backup(200), unproved(100)], 1, 1) == []


def test_the_newest_is_the_newest_good_one_of_its_database() -> None:
    backups = [backup(1, problem="cut"), backup(2, database="other"), backup(3), unproved(0)]
    found = newest(backups, "crm")
    assert found is not None
    assert found.path == "/b/crm-custom-3"
    assert newest([unproved(1)], "crm") is None


def test_a_manifest_is_read_as_it_was_written() -> None:
    written = manifest(1)
    assert read_manifest(written.text()) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"form": 1}',
        '{"form": 2}',
        manifest(1).text()[:-20],
        manifest(1).text().replace("+00:00", ""),
    ],
)
def test_what_is_no_manifest_is_none(text: str) -> None:
    assert read_manifest(text) is None


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("backup-20261126_094532.sql.gz", True),
        ("backup-20261126_094532.dump.part", True),
        ("backup-20261126_094532.dump.json", True),
        ("backup-20261126_094532.dump.json.part", True),
        ("backup-20261126_094532.dump.age.sha256", True),
        ("media-20261126_094532.tar.gz.part", True),
        ("backup-before-migration.dump.part", False),
        ("notes.part", False),
    ],
)
def test_only_files_of_this_toolkit_are_tidied_away(name: str, ours: bool) -> None:
    assert is_ours(name) is ours
