# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles a dump names: each must exist on the server before the dump can be loaded."""

from __future__ import annotations

from .contents import Contents
from .tokens import WORD, Token

_NOT_ROLES = frozenset({"public", "current_user", "session_user", "current_role", "default", "none"})


def note_roles(tokens: list[Token], contents: Contents) -> None:
    """Note every role the statement needs: owners, grantees, those of policies, default privileges, user mappings."""
    words = [token.text if token.kind == "word" else "" for token in tokens]
    verb = words[0]
    if verb in ("alter", "create"):
        for index in range(1, len(words) - 1):
            pair = (words[index - 1], words[index])
            if pair == ("owner", "to") or words[index] == "authorization":
                _role_list(tokens, index + 1, contents)
        if words[1:3] == ["user", "mapping"] and "for" in words:
            _role_list(tokens, words.index("for") + 1, contents)
        if words[1:3] == ["default", "privileges"]:
            if words[3:5] in (["for", "role"], ["for", "user"]):
                _role_list(tokens, 5, contents)
            _grantees(tokens, "from" if "revoke" in words and "grant" not in words else "to", contents)
        if words[1:2] == ["policy"]:
            _grantees(tokens, "to", contents)
    elif verb in ("grant", "revoke"):
        _grantees(tokens, "to" if verb == "grant" else "from", contents)
    elif verb == "set" and {"authorization", "role"} & set(words[1:3]):
        _role(tokens[-1], contents)


def _grantees(tokens: list[Token], wanted: str, contents: Contents) -> None:
    depth = 0
    for index, token in enumerate(tokens):
        depth += token.is_mark("(") - token.is_mark(")")
        if not depth and token.is_word(wanted):
            _role_list(tokens, index + 1, contents)
            return


def _role_list(tokens: list[Token], start: int, contents: Contents) -> None:
    index = start
    while index < len(tokens) and tokens[index].identifies:
        index += tokens[index].is_word("group")
        if index >= len(tokens):
            return
        _role(tokens[index], contents)
        index += 1
        if index >= len(tokens) or not tokens[index].is_mark(","):
            return
        index += 1


def _role(token: Token, contents: Contents) -> None:
    if token.kind != WORD or token.text not in _NOT_ROLES:
        contents.roles.add(token.text)
