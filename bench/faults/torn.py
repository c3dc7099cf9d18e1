"""Tears the last write of a SQLite write-ahead log, as a power cut in the middle of it would leave it.

The till was killed as its last commit returned and before anything else was done, so a log in which that commit is
half written is one that a power cut could have left. Format: https://www.sqlite.org/fileformat2.html#walformat
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

HEADER, FRAME = 32, 24  # bytes


def tear(log: Path, draw: random.Random) -> bool:
    """Writes nothing but noise behind a place within the last transaction's frames; False when there is none."""
    content = log.read_bytes() if log.is_file() else b""
    if len(content) < HEADER:
        return False
    (page,) = struct.unpack(">I", content[8:12])
    salt = content[16:24]
    commits, at = [HEADER], HEADER
    while at + FRAME + page <= len(content) and content[at + 8 : at + 16] == salt:
        (of_size,) = struct.unpack(">I", content[at + 4 : at + 8])
        at += FRAME + page
        if of_size:  # the last frame of a transaction says how large the database is
            commits.append(at)
    if len(commits) < 2:
        return False
    cut = draw.randrange(commits[-2], commits[-1])
    noise = draw.randbytes(commits[-1] - cut) if draw.random() < 0.5 else b""
    log.write_bytes(content[:cut] + noise)
    return True
