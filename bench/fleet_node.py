# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts in one node: PostgreSQL servers of their own ports, and an inventory whose hosts reach them by SSH.

Each host has an SSH connection of its own, and asks its own server; the application's services, which the table of
services measures, are those of the node, for all of them.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import yaml
from jinja2 import Template

from bench import ROOT
from bench.node import INVENTORY, Node

DATABASE = "fleet"
TABLES = 40
FIRST_PORT = 5501
# Where Ansible finds the inventory's group_vars beside it: those of the test nodes.
FOLDER = ROOT / ".cache" / "bench-fleet"

# As small as a server gets: the controller is measured, and not PostgreSQL.
_SETTINGS = (
    "-c listen_addresses= -c unix_socket_directories=/run/postgresql -c shared_buffers=1MB -c max_connections=12 "
    "-c fsync=off -c autovacuum=off -c max_worker_processes=0 -c max_wal_senders=0 -c wal_level=minimal"
)
_SERVERS = f"""
bin=$(ls -d /usr/lib/postgresql/*/bin)
as_postgres() {{ runuser -u postgres -- "$@"; }}
start() {{ as_postgres $bin/pg_ctl start --silent --wait --pgdata=$1 --log=$1.log --options="-p $2 {_SETTINGS}"; }}
cd /
mkdir -p /srv/fleet
chown postgres: /srv/fleet
as_postgres $bin/initdb --no-sync --auth=trust --username=postgres --pgdata=/srv/fleet/first > /srv/fleet/initdb.log
start /srv/fleet/first {FIRST_PORT}
as_postgres createdb --port={FIRST_PORT} {DATABASE}
for number in $(seq {TABLES}); do
    echo "CREATE TABLE part_$number (id serial PRIMARY KEY, name text);"
    echo "INSERT INTO part_$number (name) SELECT n::text FROM generate_series(1, 200) n;"
done | as_postgres psql --quiet --port={FIRST_PORT} --set=ON_ERROR_STOP=1 {DATABASE}
as_postgres $bin/pg_ctl stop --silent --wait --pgdata=/srv/fleet/first
for number in $(seq 0 $((HOSTS - 1))); do
    cp --archive /srv/fleet/first /srv/fleet/$number
    start /srv/fleet/$number $(({FIRST_PORT} + number))
done
"""
# The question of the module, as an administrator types it: by sequence where it is, and the highest ID.
QUESTION = """
SELECT s.sequencename, s.last_value,
       (xpath('/row/m/text()', query_to_xml(
           format('SELECT max(%I) AS m FROM %I.%I', a.attname, s.schemaname, c.relname), false, true, '')))[1]
FROM pg_sequences s
JOIN pg_depend d ON d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
"""


def start_servers(node: Node, hosts: int) -> None:
    """One server for each host, the same 40 tables in each; they go with the node."""
    node.shell(f"HOSTS={hosts}{_SERVERS}")


def name_of(number: int) -> str:
    return f"fleet{number:02}"


def ssh_options(node: Node) -> list[str]:
    """Of OpenSSH, as the inventory of the test nodes has them: a server within the node for each connection."""
    told = yaml.safe_load((INVENTORY / "group_vars" / "all" / "node.yml").read_text(encoding="utf-8"))
    known = {"inventory_dir": INVENTORY, "ansible_host": node.container}
    known["node_ssh_key"] = Template(told["node_ssh_key"]).render(known)
    return shlex.split(Template(told["ansible_ssh_common_args"]).render(known))


def question_of(node: Node, number: int) -> list[str]:
    """The peer: what asks one host without Ansible."""
    port = str(FIRST_PORT + number)
    asked = ["runuser", "-u", "postgres", "--", "psql", "-AtX", "-p", port, "-c", QUESTION, DATABASE]
    return ["ssh", *ssh_options(node), f"root@{name_of(number)}", f"cd / && {shlex.join(asked)}"]


def write_inventory(node: Node, hosts: int) -> Path:
    """An inventory of so many hosts, in all groups. JSON is YAML."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables = FOLDER / "group_vars"
    if not variables.is_symlink():
        variables.symlink_to(INVENTORY / "group_vars")
    told = {
        name_of(number): {
            # A name of its own, so that no host shares the connection of another.
            "ansible_host": name_of(number),
            "ansible_ssh_common_args": shlex.join(ssh_options(node)),
            "sequences_database": DATABASE,
            "sequences_login_host": "",
            "sequences_login_port": FIRST_PORT + number,
            "sequences_login_user": "postgres",
            # The table of services has no row of backups, of which a test node has none.
            "status_backup_directory": "/srv/archives-that-are-not-there",
        }
        for number in range(hosts)
    }
    document = {"all": {"children": {group: {"hosts": told} for group in ("postgresql", "broker", "application")}}}
    path = FOLDER / f"hosts-{hosts}.yml"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path
