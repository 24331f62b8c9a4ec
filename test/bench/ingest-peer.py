#!/usr/bin/env python3
"""What an admin's script would do: one regex a line, executemany into SQLite. For test/bench/ingest.ts.

ingest-peer.py error|audit LOG DATABASE: reads one log into a new database with tables and indexes like the product's,
commits every 20,000 rule hits, and prints JSON: transactions, hits, and the peak of its memory in KiB.
"""
import calendar
import json
import re
import sqlite3
import sys
from urllib.parse import unquote_plus

BATCH = 20_000
MONTHS = {name: number + 1 for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}
# [Sun Nov 22 13:49:05.155729 2026] [security2:error] [pid ...] [client A:port] [client A] ModSecurity: text ... tail
LINE = re.compile(
    r"^\[\w{3} (\w{3}) (\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6}) (\d{4})\] .*?\[client ([0-9a-fA-F.:]+)\] ModSecurity: "
    r'(Access denied|Warning)(.*?) \[file "([^"]*)(?:"\] \[line "(\d+))?(?:"\] \[id "(\d+))?(?:"\] \[msg "([^"]*))?'
    r'(?:"\] \[data "((?:[^"\\]|\\.)*))?(?:"\] \[severity "([A-Z]*))?.*?'
    r' \[hostname "([^"]*)"\] \[uri "([^"]*)"\] \[unique_id "([^"]*)"\]'
)
BOUNDARY = re.compile(r"^--([0-9a-f]{8})-([A-Z])--$")
OPENING = re.compile(r"^\[(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d)\.(\d{6}) ([+-])(\d\d)(\d\d)\] (\S+) (\S+) \d+ \S+ \d+")
MESSAGE = re.compile(
    r'^Message: (Access denied|Warning)(.*?) \[file "([^"]*)(?:"\] \[line "(\d+))?(?:"\] \[id "(\d+))?'
    r'(?:"\] \[msg "([^"]*))?(?:"\] \[data "((?:[^"\\]|\\.)*))?(?:"\] \[severity "([A-Z]*))?'
)
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 8000;
CREATE TABLE transactions (
  id INTEGER PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, client TEXT NOT NULL, vhost TEXT, path TEXT,
  request TEXT
);
CREATE INDEX transactions_by_client ON transactions (client, at);
CREATE INDEX transactions_by_time ON transactions (at);
CREATE INDEX transactions_by_vhost ON transactions (vhost, at);
CREATE TABLE hits (
  tx INTEGER NOT NULL, number INTEGER NOT NULL, rule_id TEXT, action TEXT, operator TEXT, file TEXT, line TEXT, message TEXT,
  data TEXT, severity TEXT, place INTEGER, PRIMARY KEY (tx, number)
) WITHOUT ROWID;
"""


class Tables:
    """Rows that wait for the next batch."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(SCHEMA)
        self.ids = {}
        self.counts = {}
        self.transactions = []
        self.hits = []
        self.total = 0

    def transaction(self, uid, row):
        known = self.ids.get(uid)
        if known is not None:
            return known
        number = self.ids[uid] = len(self.ids) + 1
        self.transactions.append((number, uid, *row))
        return number

    def hit(self, tx, row):
        number = self.counts.get(tx, 0)
        self.counts[tx] = number + 1
        self.hits.append((tx, number, *row))
        if len(self.hits) >= BATCH:
            self.flush()

    def flush(self):
        self.total += len(self.hits)
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?)", self.transactions)
        self.db.executemany("INSERT INTO hits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self.hits)
        self.db.execute("COMMIT")
        self.transactions.clear()
        self.hits.clear()

    def close(self):
        self.flush()
        self.db.close()


def micros(year, month, day, hour, minute, second, fraction):
    seconds = calendar.timegm((int(year), MONTHS[month], int(day), int(hour), int(minute), int(second)))
    return seconds * 1_000_000 + int(fraction)


def read_error_log(log, tables):
    place = 0
    for line in log:
        if "ModSecurity: " in line:
            found = LINE.match(line)
            if found is not None:
                month, day, hour, minute, second, fraction, year, client, *rest = found.groups()
                action, operator, file, number, rule, message, data, severity, vhost, uri, uid = rest
                at = micros(year, month, day, hour, minute, second, fraction)
                tx = tables.transaction(uid, (at, client, vhost, uri, None))
                tables.hit(tx, (rule, action, operator, file, number, message, data, severity, place))
        place += len(line)


def read_audit_log(log, tables):
    place = 0
    boundary = part = None
    opening = request = None
    headers, body, messages = {}, "", []
    for line in log:
        found = BOUNDARY.match(line) if line.startswith("--") else None
        if found is not None and (found[1] == boundary or (boundary is None and found[2] == "A")):
            boundary, part = found[1], found[2]
            if part == "A":
                start, opening, request, headers, body, messages = place, None, None, {}, "", []
            elif part == "Z":
                keep_record(tables, opening, (request, headers, body), messages, start)
                boundary = part = None
        elif part == "A":
            opening = opening or OPENING.match(line)
        elif part == "B":
            if request is None:
                request = line.rstrip("\n")
            elif ": " in line:
                name, value = line.rstrip("\n").split(": ", 1)
                headers[name] = value
        elif part == "C":
            body += line
        elif part == "H" and line.startswith("Message: "):
            messages.append(line)
        place += len(line)


def keep_record(tables, opening, told, messages, place):
    if opening is None:
        return
    day, month, year, hour, minute, second, fraction, sign, off_h, off_m, uid, client = opening.groups()
    offset = (int(off_h) * 60 + int(off_m)) * (1 if sign == "+" else -1)
    at = micros(year, month, day, hour, minute, second, fraction) - offset * 60_000_000
    request, headers, body = told
    target = (request or "").split(" ")[1:2]
    path, _, query = (target[0] if target else "").partition("?")
    pairs = [pair.partition("=") for text in (query, body) for pair in text.rstrip("\n").split("&") if pair]
    arguments = [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]
    kept = json.dumps({"request": request, "headers": headers, "arguments": arguments})
    tx = tables.transaction(uid, (at, client, headers.get("Host"), path, kept))
    for message in messages:
        found = MESSAGE.match(message)
        if found is not None:
            action, operator, file, number, rule, text, data, severity = found.groups()
            tables.hit(tx, (rule, action, operator, file, number, text, data, severity, place))


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main():
    kind, path, database = sys.argv[1:]
    tables = Tables(database)
    with open(path, encoding="latin-1", newline="\n") as log:
        (read_error_log if kind == "error" else read_audit_log)(log, tables)
    tables.close()
    print(json.dumps({"transactions": len(tables.ids), "hits": tables.total, "peakKib": peak_kib()}))


main()
