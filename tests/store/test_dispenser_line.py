"""Lines to and from a dispenser's controller, those of the manual, and which dispenser a shop has."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.dispenser_line import checksum, read_answer, request, wire_name
from walkiosk.store.dispensers import dispenser_of
from walkiosk.store.serial_dispenser import SerialDispenser
from walkiosk.store.settings import Settings, read_settings

from .fake_controller import crc


def test_lines() -> None:
    assert checksum(b"123456789") == crc("123456789") == "29B1"
    assert (
        request(0x1F, ("DROP", "k-1", wire_name("A1")))
        == b">001F DROP k-1 A1*" + crc(">001F DROP k-1 A1").encode() + b"\n"
    )
    whole = f"<001F DROPPED k-1 A1*{crc('<001F DROPPED k-1 A1')}".encode()
    for raw in (whole, whole + b"\r", b"\xffrst<0\x00" + whole):
        answer = read_answer(raw)
        assert answer is not None and (answer.number, answer.words) == ("001F", ("DROPPED", "k-1", "A1"))
    assert (answer.word(1), answer.word(9)) == ("k-1", "")
    for raw in (b"", whole[:-1], whole + b"0", whole[1:], whole.replace(b"A1", b"A2"), whole.replace(b"<", b">")):
        assert read_answer(raw) is None
    for words in (("DROP", "a b"), ("DROP", "é"), ("DROP", ""), ("DROP", "k" * 200)):
        with pytest.raises(ValueError, match=words[1] or "words"):
            request(1, words)


def test_the_lines_of_the_manual_are_right() -> None:
    manual = Path(__file__).parents[2] / "docs/dispenser-protocol.md"
    lines = re.findall(r"(?m)^    ([<>][0-9A-F]{4} .*)$", manual.read_text("utf-8"))
    assert len(lines) == 21
    for line in lines:
        sign, number, words = line[0], int(line[1:5], 16), tuple(line[6:-5].split())
        if sign == ">":
            assert request(number, words) == f"{line}\n".encode()
        else:
            answer = read_answer(line.encode())
            assert answer is not None and (answer.number, answer.words) == (f"{number:04X}", words)


def test_the_dispenser_that_the_shop_names(film_shop: Path, tmp_path: Path) -> None:
    toml = film_shop / "store.toml"
    plain = toml.read_text("utf-8")
    toml.write_text(f'{plain}dispenser = "serial:/dev/ttyACM0"\n', "utf-8")
    settings, problems = read_settings(film_shop)
    assert isinstance(settings, Settings) and problems == []
    dispenser = dispenser_of(settings, tmp_path / "journal.db")
    assert isinstance(dispenser, SerialDispenser) and dispenser.place == "/dev/ttyACM0"
    assert isinstance(dispenser_of(replace(settings, dispenser="simulated"), ":memory:"), SimulatedDispenser)
    for value in ('"serial:"', '"usb:1"', "1", '"simulated:1"'):
        toml.write_text(f"{plain}dispenser = {value}\n", "utf-8")
        nothing, problems = read_settings(film_shop)
        assert nothing is None and "simulated or serial:… expected" in problems[0].reason
