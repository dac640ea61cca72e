#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for Cloudflare's cloudflared, which Debian does not have and whose other end cannot be had in a test.

It takes the same command line and the same environment, tells systemd that it is ready as cloudflared does when it is
connected, and ends at SIGTERM. No tunnel is opened."""

import os
import signal
import socket
import sys

if sys.argv[1:] != ["tunnel", "--no-autoupdate", "run"] or not os.environ.get("TUNNEL_TOKEN"):
    sys.exit(f"not how cloudflared is called: {sys.argv[1:]}, TUNNEL_TOKEN {'TUNNEL_TOKEN' in os.environ}")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
    notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
print("stands for a connected tunnel", flush=True)
while True:
    signal.pause()
