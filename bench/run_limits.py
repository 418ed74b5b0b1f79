"""The limits of this machine, right now, that a run is compared with: bare inserts of its rows, bare signatures."""

import sqlite3
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

TABLES = ("inbox_notice", "evidence_event")


def inserts_per_second(database: Path, letter: str, scratch: Path, chunk: int, most: int = 10_000) -> float:
    """Notices with their events, as they lie in the database, written again by `executemany` in chunks.

    Into tables with the same indexes, in a file of their own, with synchronous=FULL; nothing but SQLite is measured.
    """
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    key = letter.replace("-", "")
    batches = {
        "inbox_notice": source.execute(
            "SELECT * FROM inbox_notice WHERE letter_id = ? LIMIT ?", (key, most)
        ).fetchall(),
        "evidence_event": source.execute(
            "SELECT * FROM evidence_event WHERE letter = ? AND kind = 'notice.deposited' LIMIT ?", (key, most)
        ).fetchall(),
    }
    scratch.unlink(missing_ok=True)
    target = sqlite3.connect(scratch, isolation_level=None)
    target.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;")
    for table in TABLES:
        made = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL"
        for (statement,) in source.execute(made, (table,)):
            target.execute(statement)
    count = len(batches["inbox_notice"])
    began = time.perf_counter()
    for start in range(0, count, chunk):
        target.execute("BEGIN IMMEDIATE")
        for table, rows in batches.items():
            marks = ",".join("?" * len(rows[0]))
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[start : start + chunk])  # noqa: S608
        target.execute("COMMIT")
    seconds = time.perf_counter() - began
    target.close()
    source.close()
    return count / seconds


def signatures_per_second(seconds: float = 1.0) -> float:
    """Bare ECDSA P-256 over 200 bytes."""
    key, data, done = ec.generate_private_key(ec.SECP256R1()), b"x" * 200, 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        key.sign(data, ec.ECDSA(hashes.SHA256()))
        done += 1
    return done / spent
