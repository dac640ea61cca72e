# SPDX-License-Identifier: GPL-3.0-or-later
"""What a takeover would change, and what speaks against it: facts and a target in, findings out."""

from __future__ import annotations

from collections.abc import Iterator

from ..archive.estimate import size_text
from ..wording import first_of
from .model import Facts, Finding, Target

KEEPS, CHANGES, WARNING, REFUSAL = "keeps", "changes", "warning", "refusal"
# What a takeover exists to change; a difference in these is no surprise.
EXPECTED_CHANGES = frozenset(
    {"DB_USER", "DB_PASSWORD", "DB_HOST", "DB_PORT", "DEBUG", "MEDIA_ROOT", "STATIC_ROOT", "LOGS_DIR"}
)
# Settings that say where pgBouncer keeps its things and how it lets users in: the role's own.
ROLE_SETTINGS = frozenset({"auth_file", "auth_type", "logfile", "pidfile", "unix_socket_dir", "admin_users"})
# Room that must be left on the disk after the media folder has been copied.
SPARE_BYTES = 1 << 30
# How many changed files a finding names.
FILES_SHOWN = 10


def judge(facts: Facts, target: Target) -> tuple[Finding, ...]:
    """Every finding, in the order in which a takeover meets them."""
    findings = [
        *_unit(facts),
        *_processes(facts, target),
        *_code(facts, target),
        *_environment(facts, target),
        *_pool(facts, target),
        *_database(facts, target),
        *_media(facts, target),
        *_beside(facts),
    ]
    return tuple(_accepted(finding, target) for finding in findings)


def refusals(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What must be put right, or accepted by name, before anything changes."""
    return tuple(finding for finding in findings if finding.verdict == REFUSAL)


def _accepted(finding: Finding, target: Target) -> Finding:
    if finding.verdict == REFUSAL and finding.key and finding.key in target.accept:
        return Finding(finding.subject, finding.found, f"accepted ({finding.key})", WARNING, finding.key)
    return finding


def _unit(facts: Facts) -> Iterator[Finding]:
    if not facts.unit_file:
        yield Finding(
            "unit",
            f"systemd knows no {facts.unit}",
            "there is nothing to take over: name the unit that starts the application with adopt_unit",
            REFUSAL,
        )
        return
    habits = f"; its script {facts.script} {', '.join(facts.script_habits)}" if facts.script_habits else ""
    yield Finding(
        "unit",
        f"{facts.unit} ({facts.unit_state}, {'starts' if facts.unit_enabled else 'does not start'} at boot){habits}",
        "stopped and disabled; the file stays. erp.target takes its place: a unit for each service, each behind a gate",
        CHANGES,
    )


def _processes(facts: Facts, target: Target) -> Iterator[Finding]:
    strays = [process for process in facts.processes if process.unit != facts.unit]
    if strays:
        listed = ", ".join(f"{process.pid} ({process.command}, in {process.unit or 'no unit'})" for process in strays)
        yield Finding(
            "processes",
            f"run from {facts.code.directory} outside of {facts.unit}: {listed}",
            f"stopping {facts.unit} would not stop them. Stop each by hand (sudo kill <number>), then run this again",
            REFUSAL,
            "stray-processes",
        )
    if facts.listener and not facts.taken_over and facts.listener.unit != facts.unit:
        yield Finding(
            f"port {target.port}",
            f"is held by {facts.listener.pid} ({facts.listener.command}, in {facts.listener.unit or 'no unit'})",
            "the new web server could not listen. Stop that program, or set erp_service_listen_port",
            REFUSAL,
        )


def _code(facts: Facts, target: Target) -> Iterator[Finding]:
    code = facts.code
    if not code.commit:
        yield Finding(
            "code",
            f"{code.directory} is no git checkout",
            f"whether it is what {target.version} holds cannot be told. Compare them by hand, then accept it",
            REFUSAL,
            "unknown-code",
        )
        return
    yield Finding(
        "code",
        f"{code.directory} of user {code.user}, commit {code.commit[:12]}",
        f"stays as it is; {target.version} is checked out beside it, in {target.directory}/releases",
        KEEPS,
    )
    if code.changed:
        yield Finding(
            "code",
            f"{len(code.changed)} files differ from that commit: {first_of(code.changed, FILES_SHOWN)}",
            "these changes serve today and would not tomorrow. Commit and push them, or accept their loss",
            REFUSAL,
            "local-changes",
        )
    if target.commit and target.commit != code.commit:
        yield Finding(
            "code",
            f"{target.version} is commit {target.commit[:12]}, another than the one that serves",
            f"a takeover changes how it runs, not what: set erp_service_version: {code.commit}, deploy afterwards",
            REFUSAL,
            "other-version",
        )
    elif not target.commit:
        yield Finding(
            "code",
            f"the repository could not be asked which commit {target.version} is",
            "let this host read erp_service_repository, then run this again",
            REFUSAL,
            "other-version",
        )


def _environment(facts: Facts, target: Target) -> Iterator[Finding]:
    if facts.environment is None:
        yield Finding(
            "environment",
            f"{facts.environment_file} is not there",
            "what the application reads today cannot be compared. Name its file with adopt_environment_file",
            REFUSAL,
            "unknown-environment",
        )
        return
    lost = sorted(set(facts.environment.lost) - set(target.environment_dropped))
    if lost:
        yield Finding(
            "environment",
            f"set today, not in the inventory: {', '.join(lost)}",
            "they would be gone. Add them to erp_service_environment, or name them in adopt_environment_dropped",
            REFUSAL,
        )
    surprising = sorted(set(facts.environment.changed) - EXPECTED_CHANGES)
    if surprising:
        yield Finding(
            "environment",
            f"other values in the inventory than today: {', '.join(surprising)}",
            "the inventory's are used. Another SECRET_KEY ends every session and every signed link",
            REFUSAL if "SECRET_KEY" in surprising else WARNING,
            "secret-key" if "SECRET_KEY" in surprising else "",
        )
    if not lost and not surprising:
        yield Finding(
            "environment",
            facts.environment_file,
            "stays; the new one is /etc/erp/erp.env, readable by the application alone, with the same names and values",
            KEEPS,
        )


def _pool(facts: Facts, target: Target) -> Iterator[Finding]:
    if facts.pgbouncer is None:
        yield Finding("pgBouncer", "no pgbouncer.ini", "is installed and configured", CHANGES)
        return
    gone = sorted(set(facts.pgbouncer.databases) - set(target.pgbouncer_databases) - {"*"})
    if gone:
        yield Finding(
            "pgBouncer",
            f"also serves {', '.join(gone)}",
            "whoever uses it would be refused. Add it to pgbouncer_databases",
            REFUSAL,
            "pool-databases",
        )
    out = sorted(set(facts.pgbouncer_users) - set(target.pgbouncer_users) - {facts.old_role})
    if out:
        yield Finding(
            "pgBouncer",
            f"also lets {', '.join(out)} in",
            "they would be refused. Add them to pgbouncer_users",
            REFUSAL,
            "pool-users",
        )
    old, new = facts.pgbouncer.settings, target.pgbouncer_settings
    changed = sorted(name for name in (old.keys() & new.keys()) - ROLE_SETTINGS if old[name] != new[name])
    missing = sorted(old.keys() - new.keys() - ROLE_SETTINGS)
    differences = [f"{name} {old[name]} -> {new[name]}" for name in changed]
    if missing:
        differences.append("no longer set: " + ", ".join(f"{name} ({old[name]})" for name in missing))
    yield Finding(
        "pgBouncer",
        "hand-written pgbouncer.ini",
        "replaced, a copy is kept. " + ("; ".join(differences) if differences else "Every setting keeps its value"),
        CHANGES,
    )


def _database(facts: Facts, target: Target) -> Iterator[Finding]:
    database = facts.database
    if database.obstacle:
        yield Finding(
            "database",
            f"{database.name} could not be looked at: {database.obstacle}",
            "nothing is taken over unseen. Start PostgreSQL, or name the database: erp_service_database_name",
            REFUSAL,
        )
        return
    yield Finding(
        "database",
        f"{database.name}, {database.tables} tables, {size_text(database.size_bytes)}, owner {database.owner}",
        "stays where it is, with every row",
        KEEPS,
    )
    if database.collate != target.locale:
        yield Finding(
            "database",
            f"its locale is {database.collate}, the inventory's is {target.locale}",
            f"a database keeps its locale: set postgresql_locale: {database.collate}",
            REFUSAL,
        )
    if facts.old_role != target.role:
        superuser = (
            ", a superuser: any fault in the application can do anything to the server"
            if facts.old_role_is_superuser
            else ""
        )
        yield Finding(
            "database role",
            f"the application logs in as {facts.old_role}{superuser}",
            f"what {facts.old_role} owns in {database.name} is given to {target.role}, which may do nothing else",
            CHANGES,
        )


def _media(facts: Facts, target: Target) -> Iterator[Finding]:
    if facts.code.media_bytes + SPARE_BYTES > facts.free_bytes and not facts.taken_over:
        yield Finding(
            "uploaded files",
            f"{size_text(facts.code.media_bytes)} in {facts.code.directory}/media; {size_text(facts.free_bytes)} free",
            f"it needs that much in {target.directory} and 1 GiB to spare. Make room, then run this again",
            REFUSAL,
        )
        return
    yield Finding(
        "uploaded files",
        f"{size_text(facts.code.media_bytes)} in {facts.code.directory}/media",
        f"copied to {target.directory}/media; the old ones stay",
        KEEPS,
    )


def _beside(facts: Facts) -> Iterator[Finding]:
    if facts.tunnel_state:
        yield Finding(
            "cloudflared.service", facts.tunnel_state, "goes on; it reaches the web server on the same port", KEEPS
        )
    for line in facts.backup_lines:
        yield Finding(
            "backup",
            line,
            "goes on. It takes a cut archive for a good one: check its files with restore.yml --check",
            WARNING,
        )
