# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups taken from a real server: proved, written down, found again, kept and copied."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from ansible.module_utils.erp_ops.backup import catalog_io, cli
from ansible.module_utils.erp_ops.backup.choice_io import choose
from ansible.module_utils.erp_ops.backup.settings import Settings
from ansible.module_utils.erp_ops.backup.take_io import take
from ansible.module_utils.erp_ops.errors import OperatorError

MakeSettings = Callable[..., Settings]


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in Path(settings.directory).iterdir())


@pytest.mark.parametrize("form", ["custom", "sql.gz"])
def test_a_backup_is_whole_and_its_manifest_true(form: str, settings: MakeSettings, source: Any) -> None:
    given = settings(formats=(form,))
    (path,) = take(given).backups
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    manifest = json.loads(Path(f"{path}.json").read_text())
    assert Path(f"{path}.sha256").read_text() == f"{digest}  {Path(path).name}\n"
    assert (manifest["size"], manifest["sha256"], manifest["database"]) == (len(content), digest, source.name)
    assert manifest["rows"] == {"public.held": 0, "public.orders": 2000, "public.سطور": 700}
    assert manifest["sequences"]["public.orders_id_seq"] == {"last_value": 2000, "is_called": True}
    assert manifest["sequences"]["public.سطور_id_seq"] == {"last_value": 700, "is_called": True}
    assert manifest["server_version"].startswith(str(source.cluster.version))
    assert len(files(given)) == 3
    assert Path(path).stat().st_mode & 0o777 == 0o640
    assert inspect(path, given.bin_dir).sha256_verified


def test_both_formats_are_taken_in_one_run(settings: MakeSettings) -> None:
    taken = take(settings(formats=("custom", "sql.gz")))
    assert [Path(path).suffix for path in taken.backups] == [".dump", ".gz"]


def test_the_newest_good_backup_is_found_and_one_that_changed_is_passed_over(
    settings: MakeSettings, source: Any
) -> None:
    given = settings()
    first = take_in_a_second_of_its_own(given)
    second = take_in_a_second_of_its_own(given)
    assert first != second
    newest = catalog_io.newest_good(given.directory, source.name, verify=True)
    assert newest is not None
    assert newest.path == max(first, second)
    assert 0 <= newest.age_seconds(datetime.now(UTC)) < 600
    damaged = bytearray(Path(newest.path).read_bytes())
    damaged[-100] ^= 1
    Path(newest.path).write_bytes(damaged)
    other = catalog_io.newest_good(given.directory, source.name, verify=True)
    assert other is not None
    assert other.path == min(first, second)
    Path(other.path).write_bytes(b"cut")
    assert [backup.good for backup in catalog_io.list_backups(given.directory)] == [True, False]
    assert catalog_io.newest_good(given.directory, source.name, verify=True) is None
    assert catalog_io.newest_good(given.directory, "another database") is None


def take_in_a_second_of_its_own(given: Any) -> str:
    """A backup's name tells its second, and only between seconds is one older than another."""
    time.sleep(1.1)
    (path,) = take(given).backups
    return path


def test_old_backups_go_with_all_that_belongs_to_them(settings: MakeSettings) -> None:
    given = settings(keep_count=2, keep_days=0)
    taken = [take_in_a_second_of_its_own(given) for _ in range(4)]
    assert files(given) == sorted(
        Path(path).name + suffix for path in sorted(taken)[-2:] for suffix in ("", ".json", ".sha256")
    )


def test_files_of_others_are_left_alone(settings: MakeSettings) -> None:
    given = settings(keep_count=1)
    others = ["backup-before-migration.sql.gz", "notes.part", "x.json"]
    for name in others:
        (Path(given.directory) / name).touch()
    take(given)
    take(given)
    assert set(others) <= set(files(given))
    assert len(files(given)) == 3 + len(others)


def test_media_files_are_packed_without_the_backups_among_them(settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "فاتورة.pdf").write_bytes(b"content")
    given = settings(media_directory=str(tmp_path), media_keep_count=1)
    take(given)
    media = [path for path in take(given).backups if "media-" in path]
    with tarfile.open(media[0]) as archive:
        assert sorted(archive.getnames()) == [".", "./فاتورة.pdf"]
    assert len([name for name in files(given) if name.startswith("media-")]) == 1


def test_the_command_takes_lists_and_finds(
    settings: MakeSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = settings()
    configuration = tmp_path / "backup.json"
    configuration.write_text(json.dumps(dataclasses.asdict(given)))
    options = ["--settings", str(configuration)]
    assert cli.main([*options, "newest"]) == 1
    assert "there is no good backup" in capsys.readouterr().err
    assert cli.main([*options, "take"]) == 0
    assert "took backup-" in capsys.readouterr().out
    assert cli.main([*options, "newest", "--json", "--verify"]) == 0
    assert json.loads(capsys.readouterr().out)["good"] is True
    assert cli.main([*options, "list"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("good")
    configuration.write_text('{"directory": "/x", "colour": 1}')
    assert cli.main([*options, "take"]) == 1
    assert "colour" in capsys.readouterr().err


def test_where_no_copy_can_be_made_the_backup_stays_and_the_run_fails(settings: MakeSettings) -> None:
    given = settings(copy_to="nobody@127.0.0.1:/nowhere", copy_ssh_port=1)
    with pytest.raises(OperatorError, match=r"is good, but was not copied to nobody@127\.0\.0\.1"):
        take(given)
    assert [backup.good for backup in catalog_io.list_backups(given.directory)] == [True]


def test_a_copy_off_the_host_is_made_once_and_what_a_failed_run_left_is_made_up_for(
    settings: MakeSettings, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(OperatorError, match="was not copied"):
        take(settings(copy_to=str(elsewhere / "not" / "there")))
    elsewhere.mkdir()
    given = settings(copy_to=str(elsewhere))
    taken = take(given)
    assert len(taken.copied) == 2
    assert sorted(path.name for path in elsewhere.iterdir()) == files(given)
    assert len(take(given).copied) == 1
    newest = catalog_io.newest_good(str(elsewhere), given.database, verify=True)
    assert newest is not None
    inspect(newest.path, given.bin_dir)


def test_an_encrypted_copy_is_opened_by_the_private_key_only(settings: MakeSettings, tmp_path: Path) -> None:
    elsewhere, key, opened = tmp_path / "elsewhere", tmp_path / "key", tmp_path / "opened"
    elsewhere.mkdir()
    subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True).stdout.strip()
    given = settings(copy_to=str(elsewhere), copy_age_recipients=(public,))
    (path,) = take(given).backups
    sealed = elsewhere / f"{Path(path).name}.age"
    assert sorted(elsewhere.iterdir()) == [sealed, Path(f"{sealed}.sha256")]
    subprocess.run(["sha256sum", "--check", f"{sealed.name}.sha256"], check=True, cwd=elsewhere, capture_output=True)
    subprocess.run(["age", "--decrypt", "-i", str(key), "-o", str(opened), str(sealed)], check=True)
    assert opened.read_bytes() == Path(path).read_bytes()
    with pytest.raises(OperatorError, match="encrypted"):
        inspect(str(sealed), given.bin_dir)
    with pytest.raises(OperatorError, match="Correct the public keys"):
        take(settings(copy_to=str(elsewhere), copy_age_recipients=("age1nonsense",)))
    assert not [name for name in files(given) if ".age" in name]


def test_a_drill_takes_the_newest_good_one_and_says_what_it_passes_over(settings: MakeSettings, source: Any) -> None:
    given = settings()
    first = take_in_a_second_of_its_own(given)
    second = take_in_a_second_of_its_own(given)
    assert choose(given.directory, source.name, unproved=True).path == second
    with Path(second).open("ab") as file:
        file.write(b"!")
    chosen = choose(given.directory, source.name, unproved=True)
    assert (chosen.path, chosen.proved) == (first, True)
    assert chosen.sha256 == hashlib.sha256(Path(first).read_bytes()).hexdigest()
    assert Path(second).name in chosen.note


def test_a_file_without_a_manifest_is_taken_only_where_there_is_no_other_and_only_on_request(
    settings: MakeSettings, source: Any
) -> None:
    given = settings()
    team = Path(given.directory) / "older" / "backup-20260101_000000.sql.gz"
    team.parent.mkdir()
    team.write_bytes(b"anything")
    chosen = choose(given.directory, source.name, unproved=True)
    assert (chosen.path, chosen.proved, chosen.sha256) == (str(team), False, "")
    assert "nothing says that it is whole" in chosen.note
    with pytest.raises(OperatorError, match="have no manifest"):
        choose(given.directory, source.name, unproved=False)
    (taken,) = take(given).backups
    assert choose(given.directory, source.name, unproved=True).path == taken
    with Path(taken).open("ab") as file:
        file.write(b"!")
    with pytest.raises(OperatorError, match="but its manifest says"):
        choose(given.directory, source.name, unproved=True)


def test_a_backup_of_another_database_is_never_taken(settings: MakeSettings) -> None:
    given = settings()
    take(given)
    with pytest.raises(OperatorError, match="are of " + given.database):
        choose(given.directory, "another", unproved=True)


def test_a_backup_that_is_not_the_one_of_its_manifest_is_refused(settings: MakeSettings) -> None:
    given = settings()
    (path,) = take(given).backups
    Path(f"{path}.sha256").unlink()
    assert inspect(path, given.bin_dir).sha256_verified is False
    with pytest.raises(OperatorError, match="its manifest says"):
        inspect(path, given.bin_dir, sha256="0" * 64)
