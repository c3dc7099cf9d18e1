"""The files for putting a kiosk up: they say what the program understands, and shut in what they should."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from walkiosk.cli import app
from walkiosk.web.vitals import THIS_MACHINE

HOUSE = Path(__file__).parents[2]
DEPLOY, DOC = HOUSE / "deploy", HOUSE / "docs" / "deployment.md"
SERVICES = ("walkiosk.service", "walkiosk-screen.service")


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, all values of each."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def commands() -> Iterator[list[str]]:
    """Every `walkiosk …` that the files and the page tell somebody to run."""
    yield shlex.split(unit("walkiosk.service")["ExecStart"][0])[1:]
    image = (DEPLOY / "Containerfile").read_text()
    yield json.loads(re.findall(r"^CMD (.*)$", image, re.MULTILINE)[0])
    for line in re.findall(
        r"^(?:.* )?(?:bin/)?walkiosk ((?:customer|office|store|serve) .*)$", DOC.read_text(), re.MULTILINE
    ):
        yield shlex.split(line, comments=True)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one_that_there_is(words: list[str]) -> None:
    command = typer.main.get_command(app)
    words = words[: words.index(">")] if ">" in words else words
    context = None
    while isinstance(command, typer.core.TyperGroup):
        context = command.make_context(words[0], [], parent=context, resilient_parsing=True)
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
    command.make_context(str(command.name), list(words), parent=context)


def test_the_kiosk_is_shut_in_and_watched() -> None:
    said = unit("walkiosk.service")
    assert said["Type"] == ["notify"] and int(said["WatchdogSec"][0]) >= 60 and said["Restart"] == ["always"]
    for key in ("NoNewPrivileges", "PrivateTmp", "MemoryDenyWriteExecute", "LockPersonality", "ProtectKernelModules"):
        assert said[key] == ["yes"], key
    assert said["ProtectSystem"] == ["strict"] and said["CapabilityBoundingSet"] == [""]
    assert said["IPAddressDeny"] == ["any"] and said["IPAddressAllow"] == ["localhost"] and said["LimitCORE"] == ["0"]
    assert said["Environment"] == ["XDG_STATE_HOME=/var/lib"] and said["StateDirectory"] == ["walkiosk"]
    assert "--host" not in said["ExecStart"][0]  # this machine's only


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there to read its units")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_understands_the_units(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text()
    text = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    (tmp_path / name).write_text(re.sub(r"^(User|Group)=.*", r"\1=root", text, flags=re.MULTILINE))
    asked = ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / name)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not [line for line in done.stderr.splitlines() if str(tmp_path) in line], (
        done.stderr
    )


def test_the_screens_chromium_opens_the_kiosk_alone_and_gives_it_the_microphone() -> None:
    policy = json.loads((DEPLOY / "chromium-policy.json").read_text())
    address = unit("walkiosk-screen.service")["Environment"][0].partition("=")[2].rstrip("/")
    assert policy["URLBlocklist"] == ["*", "chrome://*"] and policy["URLAllowlist"] == [address]
    assert policy["AudioCaptureAllowedUrls"] == [address] and policy["AudioCaptureAllowed"] is False
    assert policy["VideoCaptureAllowed"] is False and policy["DeveloperToolsAvailability"] == 2
    assert ":8090" not in address


def test_the_screens_script_is_a_shell_script() -> None:
    script = DEPLOY / "walkiosk-screen"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    assert unit("walkiosk-screen.service")["ExecStart"][0].endswith(f"/deploy/{script.name}")


def test_what_stands_in_front_keeps_the_figures_and_the_office_in() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    kiosk, office = text.split("office.shop.lan")
    assert "/metrics" in kiosk and "respond @inside 404" in kiosk and "8090" not in kiosk
    assert "private_ranges" in office and "respond @outside 403" in office
    assert all(network.is_loopback for network in THIS_MACHINE)


def test_the_image_serves_no_office_and_holds_all_that_is_built() -> None:
    image = (DEPLOY / "Containerfile").read_text()
    assert '"--office-port", "0"' in image and "USER walkiosk" in image
    for source in re.findall(r"^COPY (?!--)(.*) /", image, re.MULTILINE):
        assert all((HOUSE / name).exists() for name in source.split()), source
    extras = re.findall(r"/src\[([^]]*)\]", image)[0].split(",")
    declared = (HOUSE / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", declared, re.MULTILINE) for extra in extras)
