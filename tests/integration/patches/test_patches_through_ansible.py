# SPDX-License-Identifier: GPL-3.0-or-later
"""From files beside a playbook to the tree, by the real ``ansible-playbook``: nothing of a diff is lost on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import playbook_runs
from tests.integration.patches.trees import differing, files_of, git_diff, lines, state_of, write

TEXT = lines(*(f"value_{number} = {number}" for number in range(40)))
PYTHON_TEXT = TEXT + "name = 'الادوية'\n".encode()

CASES = {
    "CRLF": (
        {"crlf.py": TEXT.replace(b"\n", b"\r\n")},
        {"crlf.py": TEXT.replace(b"20\n", b"21\n").replace(b"\n", b"\r\n")},
    ),
    "ARABIC": ({"مخزن/ملف.py": PYTHON_TEXT}, {"مخزن/ملف.py": PYTHON_TEXT.replace("لاد".encode(), "لأد".encode())}),
    "BLANK": ({"blank.py": lines("a = 1", "", "", "")}, {"blank.py": lines("a = 2", "", "", "")}),
    "JINJA": ({"page.html": b"{{ a }}\n{% if b %}\n"}, {"page.html": b"{{ a }}\n{% if c %}\n"}),
    "BINARY": ({"logo.png": bytes(range(256))}, {"logo.png": bytes(reversed(range(256)))}),
}

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - code_patch_series:
        path: "{{ tree }}"
        patches: "{{ series }}"
      register: done
    - ansible.builtin.debug:
        var: done.message
"""


@pytest.fixture
def play(tmp_path: Path, repository: Path) -> list[str]:
    (tmp_path / "patches").mkdir()
    series = []
    for name, (old, new) in CASES.items():
        (tmp_path / name).mkdir()
        (tmp_path / "patches" / f"{name}.patch").write_bytes(git_diff(tmp_path / name, old, new))
        read = f"{{{{ lookup('ansible.builtin.file', 'patches/{name}.patch', rstrip=False) }}}}"
        series.append(f'- {{id: {name}, reason: r, files: {sorted(differing(old, new))}, diff: "{read}"}}')
    (tmp_path / "play.yml").write_text(
        PLAYBOOK + "  vars:\n    series:\n" + "".join(f"      {one}\n" for one in series)
    )
    (tmp_path / "ansible.cfg").write_text(
        f"[defaults]\nlibrary = {repository}/library\nmodule_utils = {repository}/module_utils\n"
        f"doc_fragment_plugins = {repository}/doc_fragments\n"
        f"local_tmp = {tmp_path}/local\nremote_tmp = {tmp_path}/remote\n"
    )
    return ["play.yml", "-e", f"tree={tmp_path / 'tree'}", "-e", f"ansible_python_interpreter={sys.executable}"]


def test_a_series_from_files(tmp_path: Path, play: list[str]) -> None:
    tree = write(tmp_path / "tree", {name: data for old, _ in CASES.values() for name, data in old.items()})

    def run(*options: str) -> str:
        status, said = playbook_runs.run(*play, *options, home=tmp_path, folder=tmp_path)
        assert status == 0, said
        return said

    before = state_of(tree)
    foretold = run("--check", "--diff")
    assert state_of(tree) == before
    assert "+++ after: b/مخزن/ملف.py" in foretold
    assert "-name = 'الادوية'\n+name = 'الأدوية'" in foretold
    assert "Binary files a/logo.png and b/logo.png differ" in foretold
    assert f"applied: {', '.join(CASES)}" in foretold
    assert "changed=1" in run()
    assert files_of(tree) == {name: data for _, new in CASES.values() for name, data in new.items()}
    before = state_of(tree)
    again = run("--diff")
    assert "changed=0" in again
    assert f"unchanged: {', '.join(CASES)}" in again
    assert state_of(tree) == before
