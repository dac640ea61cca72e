# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps written by hand, so that each holds exactly what a test is about."""

from __future__ import annotations

from erp_ops.archive.scanner import Scanner

BEGINNING = b"""--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

"""
END = b"""
--
-- PostgreSQL database dump complete
--

"""


def dump_of(body: bytes) -> bytes:
    return BEGINNING + body + END


def scan(text: bytes, chunk: int = 1 << 20) -> Scanner:
    scanner = Scanner("/backups/erp.sql")
    for begin in range(0, len(text), chunk):
        scanner.feed(text[begin : begin + chunk])
    scanner.finish()
    return scanner
