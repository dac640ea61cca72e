# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format of pg_dump, plain and packed: recognised by content, restored whole, refused when cut or changed."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.archive import unpack_io
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from ansible.module_utils.erp_ops.errors import OperatorError

from tests.integration.archive.archive_dumps import Dumps, checksums

FORMATS = ("plain", "custom", "tar", "directory")
PACKED = {"none": None, "gzip": ["gzip", "-c"], "zstd": ["zstd", "-q", "-c"]}
COMBINATIONS = [(form, packed) for form in FORMATS for packed in PACKED if form != "directory" or packed == "none"]
Restore = Callable[..., dict[str, Any]]


def make(dumps: Dumps, form: str, packed: str = "none") -> Path:
    """A backup under a name that lies: it says nothing of the format."""
    path = dumps.make(f"lies-{form}.txt", f"--format={form}")
    if form == "directory":
        for file in (path, *path.iterdir()):
            file.chmod(0o755)  # what the server's user could read if it had made it
    command = PACKED[packed]
    if not command:
        return path
    target = path.with_name(f"{path.name}.{packed}.dump")
    if not target.exists():
        with target.open("wb") as file:
            subprocess.run([*command, str(path)], check=True, stdout=file)
    return target


@pytest.mark.parametrize(("form", "packed"), COMBINATIONS)
def test_every_format_is_told_by_its_content_and_restores_whole(  # noqa: PLR0917 - fixtures
    form: str,
    packed: str,
    dumps: Dumps,
    source_checksums: Any,
    database: Any,
    restore: Restore,
) -> None:
    path = make(dumps, form, packed)
    found = inspect(str(path), str(dumps.cluster.bindir))
    assert (found.format, found.compression) == (form, packed)
    assert found.contents.rows() == inspect(str(make(dumps, "plain"))).contents.rows()
    loaded = restore(path, database.name, sha256=found.sha256, jobs=2)
    assert (loaded["format"], loaded["compression"]) == (form, packed)
    assert loaded["jobs"] == (2 if form in ("custom", "directory") else 1)
    assert checksums(dumps.cluster, database.name) == source_checksums


def test_an_archive_that_was_written_to_a_pipe_restores_in_parallel(
    dumps: Dumps, source_checksums: Any, database: Any, restore: Restore
) -> None:
    assert restore(dumps.custom_from_pipe(), database.name, jobs=3)["jobs"] == 3
    assert checksums(dumps.cluster, database.name) == source_checksums


@pytest.mark.parametrize(("form", "packed"), [pair for pair in COMBINATIONS if pair[0] != "directory"])
def test_a_file_that_was_cut_anywhere_is_refused(form: str, packed: str, dumps: Dumps, tmp_path: Path) -> None:
    content = make(dumps, form, packed).read_bytes()
    chance = random.Random(form + packed)  # noqa: S311 - a fixed seed: the same cuts in every run
    # A tar ends with two blocks of zeros; pg_dump's reader does not need them.
    end = len(content.rstrip(b"\0")) if (form, packed) == ("tar", "none") else len(content)
    cut = tmp_path / "cut"
    for length in sorted({end - 5, end * 2 // 3, end // 3, *chance.sample(range(1, end), 4)}):
        cut.write_bytes(content[:length])
        with pytest.raises(OperatorError, match=r"it was cut off|it is damaged|in pg_dump's tar format|no backup made"):
            inspect(str(cut), str(dumps.cluster.bindir))


@pytest.mark.parametrize("change", ["missing", "cut", "empty", "no contents", "not contents"])
def test_a_directory_of_which_something_is_wrong_is_refused(
    change: str, dumps: Dumps, tmp_path: Path, database: Any, restore: Restore
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(make(dumps, "directory"), folder)
    tmp_path.chmod(0o755)
    largest = max(folder.glob("*.dat.gz"), key=lambda path: path.stat().st_size)
    if change == "missing":
        largest.unlink()
    elif change == "cut":
        largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])
    elif change == "empty":
        largest.write_bytes(b"")
    elif change == "no contents":
        (folder / "toc.dat").unlink()
    else:
        (folder / "toc.dat").write_bytes(b"contents")
    with pytest.raises(OperatorError, match="cannot restore the backup"):
        inspect(str(folder), str(dumps.cluster.bindir))
    if change == "missing":
        # Inspected whole, then something was taken away: the load begins nothing.
        whole = inspect(str(make(dumps, "directory")), str(dumps.cluster.bindir))
        with pytest.raises(OperatorError, match="the inspection says"):
            restore(folder, database.name, sha256=whole.sha256)


@pytest.mark.parametrize("packed", ["gzip", "zstd"])
def test_what_is_packed_must_be_a_backup(packed: str, tmp_path: Path) -> None:
    command = PACKED[packed]
    assert command
    for content, words in ((b"", "nothing is packed"), (b"hello\n" * 50, "no backup made by pg_dump")):
        path = tmp_path / "backup.sql.gz"
        path.write_bytes(subprocess.run(command, check=True, input=content, stdout=subprocess.PIPE).stdout)
        with pytest.raises(OperatorError, match=words):
            inspect(str(path))
        twice = tmp_path / "twice"
        twice.write_bytes(subprocess.run(command, check=True, input=path.read_bytes(), stdout=subprocess.PIPE).stdout)
        with pytest.raises(OperatorError, match="packed twice"):
            inspect(str(twice))


def test_something_behind_a_zstd_backup_is_refused(dumps: Dumps, tmp_path: Path) -> None:
    path = tmp_path / "tail"
    path.write_bytes(make(dumps, "plain", "zstd").read_bytes() + b"tail of another file")
    with pytest.raises(OperatorError, match="damaged"):
        inspect(str(path))


def test_an_archive_that_unpacks_to_more_than_the_disk_holds_is_refused(
    dumps: Dumps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack_io, "_KEPT_FREE", 1 << 62)
    with pytest.raises(OperatorError, match="cannot be unpacked into"):
        inspect(str(make(dumps, "custom", "zstd")), str(dumps.cluster.bindir))


def test_a_packed_bomb_of_an_archive_costs_no_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    shell = "{ head -c 6000 /dev/zero; head -c 300000000 /dev/zero; } | zstd -q -c"
    bomb.write_bytes(subprocess.run(["bash", "-c", shell], check=True, stdout=subprocess.PIPE).stdout)
    with pytest.raises(OperatorError, match="no backup made by pg_dump"):
        inspect(str(bomb))


@pytest.mark.parametrize("form", FORMATS)
def test_what_superusers_owned_is_given_to_the_application(
    form: str, dumps: Dumps, database: Any, restore: Restore, source_checksums: Any
) -> None:
    role = database.create_role("application")
    loaded = restore(make(dumps, form), database.name, owner=role, jobs=2)
    assert loaded["handed_over"] > 10
    left = database.execute(
        "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner WHERE r.rolsuper"
        " AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND NOT EXISTS"
        " (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')"
    )
    assert left == []
    owners = "SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proname IN ('risky', 'atomic')"
    assert database.execute(owners) == [(role,)]
    assert database.execute("SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proname = 'crypt'") == [
        ("postgres",)
    ]
    database.execute("INSERT INTO items (name) VALUES ('new'); ALTER TABLE orders ADD COLUMN added int", user=role)
    database.execute("DELETE FROM items WHERE name = 'new'; ALTER TABLE orders DROP COLUMN added")
    found = checksums(dumps.cluster, database.name)
    assert found[:2] + found[3:] == source_checksums[:2] + source_checksums[3:]
    database.execute(f'REASSIGN OWNED BY "{role}" TO postgres; DROP OWNED BY "{role}"')


def test_a_role_that_is_not_there_is_refused_before_anything_is_loaded(
    dumps: Dumps, database: Any, restore: Restore
) -> None:
    with pytest.raises(OperatorError, match="the server has no such role"):
        restore(make(dumps, "custom"), database.name, owner="nobody")
    assert database.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]


def test_a_directory_that_the_loading_user_may_not_read_is_refused(
    dumps: Dumps, tmp_path: Path, database: Any, restore: Restore, login: dict[str, Any]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(make(dumps, "directory"), folder)
    (folder / "toc.dat").chmod(0o600)
    largest = max(folder.glob("*.dat.gz"), key=lambda path: path.stat().st_size)
    largest.chmod(0)
    with pytest.raises(OperatorError, match=f"the user {login['run_as']} may not read"):
        restore(folder, database.name)
