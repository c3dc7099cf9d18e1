"""Files of pairs: what each malformed line is said to be, what is guessed, and what stops everything."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from walkiosk.pairs import Fault, PairsError, Sides, read_pairs, tolerated

GOOD = [json.dumps({"input": f"words {n}", "target": n + 0.5}) for n in range(3)]


def written(folder: Path, *lines: str, name: str = "pairs.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def pictures(folder: Path, count: int = 3) -> list[str]:
    (folder / "photos").mkdir()
    names = [f"photos/{n}.png" for n in range(count)]
    for name in names:
        Image.new("RGB", (4, 4)).save(folder / name)
    return names


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at letter 2"),
        ("[1, 2]", "a list, not an object with the keys input and target"),
        ("7", "a number, not an object with the keys input and target"),
        ('{"input": "a"}', "no key 'target'"),
        ('{"target": 1}', "no key 'input'"),
        ('{"input": "a", "target": NaN}', "NaN is not a finite number"),
        ('{"input": "a", "target": -Infinity}', "-Infinity is not a finite number"),
        ('{"input": "a", "target": 1e999}', "target: inf is not a finite number"),
        ('{"input": "a", "target": null}', "target: null"),
        ('{"input": null, "target": 1}', "input: null"),
        ('{"input": 3, "target": 1}', "input: the number 3 where texts are"),
        ('{"input": "a", "target": "many"}', "target: 'many' is no number"),
        ('{"input": "a", "target": [1]}', "target: a list where numbers are"),
        ('{"input": "a", "target": {"x": 1}}', "target: an object where numbers are"),
        ('{"input": "a", "target": ""}', "target: an empty text where numbers are"),
        ('{"input": "a", "target": 1, "group": []}', "group: a list names no group"),
    ],
)
def test_faulty_line_is_left_out_and_said(tmp_path: Path, line: str, said: str) -> None:
    found = read_pairs(written(tmp_path, *GOOD[:2], line, GOOD[2]))
    assert found.faults == [Fault(3, said)]
    assert [pair.line for pair in found.pairs] == [1, 2, 4]
    assert found.lines == 4


def test_bytes_that_are_not_utf8_spoil_one_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD[0].encode() + b'\n\n{"input": "\xff", "target": 1}\n' + GOOD[1].encode())
    found = read_pairs(path)
    assert found.faults == [Fault(3, "not UTF-8")]
    assert [pair.inputs for pair in found.pairs] == [("words 0",), ("words 1",)]
    assert found.lines == 3  # blank ones are none


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("photos/9.png", "input: 'photos/9.png': no such file"),
        ("photos", "input: 'photos': a folder, not a file"),
        ("https://x.org/a.png", "input: 'https://x.org/a.png': nothing is fetched from the network; name a file"),
        (4, "input: the number 4 where names of files are"),
        ("a\0b.png", "input: 'a\\x00b.png': no such file"),
    ],
)
def test_file_that_is_not_there(tmp_path: Path, value: Any, said: str) -> None:
    lines = [json.dumps({"input": name, "target": 1}) for name in [*pictures(tmp_path), value]]
    assert read_pairs(written(tmp_path, *lines), inputs=["image"]).faults == [Fault(4, said)]


@pytest.mark.parametrize(
    ("values", "kind", "why"),
    [
        ([3, 4.5, 1e3], "scalar", "input: scalar, because 3 is a number"),
        ([True, False, True], "scalar", "input: scalar, because True is a number"),
        (["3", "4.5", "-1e3"], "scalar", "input: scalar, because '3' is a number"),
        (["3", "4.5", "x"], "text", "input: text, because not all of its values are numbers"),
        ([[1, 2, 3, 4], [1], [2, 3]], "trend", "input: trend, because [1, 2, 3, …] is a list of numbers"),
        (["hello", "a b.png c", "hi"], "text", "input: text, because 'hello' is words and names no file"),
        (["a.JPG", "b.png", "c.webp"], "image", "input: image, because 'a.JPG' names a picture"),
        (["a.wav", "b.mp3", "c.flac"], "audio", "input: audio, because 'a.wav' names a sound"),
        (["a.mp4", "b.webm", "c.mov"], "video", "input: video, because 'a.mp4' names a video"),
        (["a.csv", "b.csv", "c.csv"], "trend", "input: trend, because 'a.csv' names a trend"),
        (["a.txt", "b.txt", "c.txt"], "text", "input: text, because 'a.txt' names a text"),
    ],
)
def test_kind_is_guessed_aloud(tmp_path: Path, values: list[Any], kind: str, why: str) -> None:
    for value in values:
        if isinstance(value, str) and "." in value and " " not in value:
            (tmp_path / value).touch()
    found = read_pairs(written(tmp_path, *(json.dumps({"input": value, "target": "so"}) for value in values)))
    assert found.sides == Sides((kind,), "text")
    assert found.said == [why, "target: text, because 'so' is words and names no file"]
    assert not found.faults


def test_values_are_made_of_what_a_line_says(tmp_path: Path) -> None:
    (name, *_) = pictures(tmp_path)
    lines = [json.dumps({"input": name, "target": value, "group": 7}) for value in ([1, 2], [3.5, 4, 5])]
    first, second = read_pairs(written(tmp_path, *lines)).pairs
    assert first.inputs == (tmp_path / name,)
    assert first.group == "7"
    assert second.target.dtype == np.float64 and second.target.tolist() == [3.5, 4, 5]
    faults = read_pairs(written(tmp_path, *lines, '{"input": "photos/0.png", "target": [1, "2"]}')).faults
    assert faults == [Fault(3, "target: the text '2' in a list of numbers")]


def test_several_parts_by_place_and_by_name(tmp_path: Path) -> None:
    names = pictures(tmp_path)
    found = read_pairs(written(tmp_path, *(json.dumps({"input": [name, "x", 3], "target": 1}) for name in names)))
    assert found.sides == Sides(("image", "text", "scalar"), "scalar")
    assert found.pairs[0].inputs == (tmp_path / names[0], "x", 3.0)
    lines = [json.dumps({"input": {"words": "x", "seen": name}, "target": 1}) for name in names]
    lines += ['{"input": {"words": "x"}, "target": 1}', '{"input": "x", "target": 1}']
    found = read_pairs(written(tmp_path, *lines))
    assert found.parts == ("words", "seen")
    assert found.sides == Sides(("text", "image"), "scalar")
    assert [fault.said for fault in found.faults] == [
        "input: the parts words where the parts words, seen are expected",
        "input: the text 'x' where the parts words, seen are expected",
    ]
    lines = ['{"input": {"text": "x", "scalar": 2}, "target": 1}'] * 2 + ['{"input": [1], "target": 1}']
    found = read_pairs(written(tmp_path, *lines), Sides(("scalar", "text"), "scalar"))
    assert found.pairs[0].inputs == (2.0, "x")


@pytest.mark.parametrize(
    ("values", "told", "sides", "faults"),
    [
        ([[1, 2], [3, 4]], (), ("scalar", "scalar"), []),
        ([[1, 2], [3, 4, 5]], (), ("trend",), []),
        ([list(range(30))] * 2, (), ("trend",), []),
        ([[1, 2], [3, 4]], ("trend",), ("trend",), []),
        ([[1], [3]], ("trend",), ("trend",), []),
        ([[[1, 2]], [[3, 4]]], ("trend",), ("trend",), []),
        ([["a"], ["b"]], ("text",), ("text",), []),
        ([["a", 1], ["b", 2], ["c"]], (), ("text", "scalar"), ["input: 1 parts where 2 parts are"]),
        ([["a", 1], ["b", 2], "c"], ("text", "scalar"), ("text", "scalar"), ["input: the text 'c' where 2 parts are"]),
    ],
)
def test_list_is_a_trend_or_parts(values: list[Any], told: tuple[str, ...], sides: Any, faults: list[str]) -> None:
    found = read_pairs([(value, 1) for value in values], inputs=told)
    assert found.sides.inputs == sides
    assert [fault.said.removesuffix(" expected") for fault in found.faults] == faults


def test_csv(tmp_path: Path) -> None:
    rows = ['hello,3,"a\nb"', "bye,4,c", "one,two,three,four", "x,,d", 'last,"5",e']
    found = read_pairs(written(tmp_path, "input,target,speaker", *rows, name="pairs.csv"), group="speaker")
    assert found.sides == Sides(("text",), "scalar")
    assert [(p.line, p.inputs, p.target, p.group) for p in found.pairs] == [
        (2, ("hello",), 3.0, "a\nb"), (4, ("bye",), 4.0, "c"), (7, ("last",), 5.0, "e"),
    ]  # fmt: skip
    assert found.faults == [
        Fault(5, "4 cells, the header has 3"), Fault(6, "target: an empty text where numbers are"),
    ]  # fmt: skip
    path = written(tmp_path, "input_2;input_1;target", "b;1;[1, 2]", "c;2;[3, 4, 5]", "d;3;[NaN]", name="parts.csv")
    found = read_pairs(path)
    assert found.sides == Sides(("scalar", "text"), "trend")
    assert found.pairs[1].inputs == (2.0, "c")
    assert found.faults == [Fault(4, "NaN is not a finite number")]
    path.write_bytes(b"input,target\na,b\n\xff,c\nd,e\n")
    assert read_pairs(path).faults == [Fault(3, "not UTF-8")]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("input,tagret", "line 1: unknown key 'tagret'; did you mean 'target'?"),
        ("input,target,colour", "line 1: unknown key 'colour'; there are input, target, group, input_1"),
        ("input,input,target", "line 1: column 'input' stands there twice"),
        ("input", "line 1: the header is input,target or input_1,input_2,…,target, not ['input']"),
    ],
)
def test_csv_header(tmp_path: Path, head: str, said: str) -> None:
    path = written(tmp_path, head, "a,b", name="pairs.csv")
    with pytest.raises(PairsError) as caught:
        read_pairs(path)
    assert str(caught.value) == f"{path}, {said}"


def test_iterables(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    found = read_pairs([(pixels, "a", "g"), {"input": pixels, "target": "b"}, (pixels, "c"), "d"])
    assert found.sides == Sides(("image",), "text")
    assert [pair.group for pair in found.pairs] == ["g", None, None]
    assert found.faults == [Fault(4, "a text, not (input, target), (input, target, group) or a dict")]
    assert read_pairs((n, n * 2.0) for n in range(9)).lines == 9
    sounds = [(np.zeros(99, np.float32), True), (np.ones(99, np.float32), False)]
    assert read_pairs(sounds, inputs=["audio"]).pairs[0].target is True
    assert read_pairs([("3", np.float32(2)), ("4", np.int64(1))]).pairs[0].target == 2.0


def test_words_where_numbers_were_told_are_classes() -> None:
    found = read_pairs([(n, "cat" if n % 2 else "dog") for n in range(9)] + [(9, 3)], target="scalar")
    assert found.sides.target == "scalar" and found.pairs[0].target == "dog"
    assert "target: classes, because its values are words, not numbers" in found.said
    assert found.faults == [Fault(10, "target: the number 3 where the names of classes are")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "no pairs are in it (0 lines)"),
        (GOOD[0].encode(), "one pair is in it (1 lines)"),
        (b"{}\n{}\n", "no pairs are in it (2 lines); line 1: no key 'input'"),
        (gzip.compress(b"{}"), "packed with gzip; unpack it first"),
        (b"PK\x03\x04", "packed with zip; unpack it first"),
        (b"a\0b", "not text; pairs are JSON Lines or CSV in UTF-8"),
        (b'[\n{"input": 1, "target": 2}\n]', "begins with '['; write one object a line, not one array"),
    ],
)
def test_file_that_holds_no_pairs(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(content)
    with pytest.raises(PairsError) as caught:
        read_pairs(path)
    assert str(caught.value) == f"{path}: {said}"


def test_what_an_operator_must_put_right(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD, '{"input": "a", "traget": 1}')
    with pytest.raises(PairsError, match=r"pairs.jsonl, line 4: unknown key 'traget'; did you mean 'target'\?"):
        read_pairs(path)
    with pytest.raises(PairsError, match="a folder; name a file of pairs"):
        read_pairs(tmp_path)
    with pytest.raises(PairsError, match=r"none.jsonl: No such file"):
        read_pairs(tmp_path / "none.jsonl")
    six = "there are scalar, trend, text, image, audio, video; did you mean image"
    with pytest.raises(PairsError, match=f"no modality 'imgae'; {six}"):
        read_pairs(path, inputs=["imgae"])
    lines = ['{"input": {"a": 1, "b": 2}, "target": 1}'] * 3
    with pytest.raises(PairsError, match="an input has the parts a, b, but 1 were told: scalar"):
        read_pairs(written(tmp_path, *lines), inputs=["scalar"])


def test_less_than_a_hundredth_of_the_lines_may_be_faulty() -> None:
    tolerated([], 1, "pairs.jsonl")
    tolerated([Fault(3, "odd")], 101, "pairs.jsonl")
    faults = [Fault(line, "odd") for line in range(12, 0, -1)]
    with pytest.raises(PairsError) as caught:
        tolerated(faults, 1_000, "pairs.jsonl")
    head, *named, more = str(caught.value).splitlines()
    assert head == "pairs.jsonl: 12 of 1,000 lines are faulty; up to 1% would be left out"
    assert named == [f"  line {line}: odd" for line in range(1, 11)]
    assert more == "  … and 2 more"


def test_a_hundred_thousand_lines_stream_through(tmp_path: Path) -> None:
    path = written(tmp_path, *(f'{{"input": "words {n}", "target": {n % 7}}}' for n in range(100_000)))
    found = read_pairs(path)
    assert len(found.pairs) == found.lines == 100_000 and not found.faults
