"""The page's files, the shop's pictures, and the interface's words."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.fake_kiosk import FakeKiosk
from tests.web.words import words
from walkiosk.modality import audio
from walkiosk.web.app import STATIC


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, client=("127.0.0.1", 50_000)) as opened:
        yield opened


def test_page_and_health(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "/static/js/main.js" in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/healthz").json()["shop"] == "The Film Shop"
    assert client.get("/healthz").json()["voices"]["hi"] == "espeak-ng hi"


def test_the_jingle_where_the_shop_wants_one(fake: FakeKiosk, client: TestClient) -> None:
    assert client.get("/jingle.wav").status_code == 404
    fake.jingle = np.linspace(-0.5, 0.5, 1600, dtype=np.float32)
    heard = audio.read(io.BytesIO(client.get("/jingle.wav").content))
    np.testing.assert_allclose(heard, fake.jingle, atol=1e-4)


def test_pictures_and_clips_of_the_shop(client: TestClient) -> None:
    assert client.get("/store/images/oxford.jpg").headers["content-type"] == "image/jpeg"
    part = client.get("/store/clips/scene-1.mp4", headers={"range": "bytes=0-99"})
    assert part.status_code == 206 and len(part.content) == 100


@pytest.mark.parametrize(
    "path",
    ["customers.csv", "products.csv", "images/../customers.csv", "images/..%2fcustomers.csv", "%2e%2e/x", "/etc/passwd",
     "images", "", "clips/missing.mp4", "%00", "images/%00oxford.jpg", "a" * 5000],
)  # fmt: skip
def test_nothing_else_of_the_shop(client: TestClient, path: str) -> None:
    assert client.get(f"/store/{path}").status_code == 404


def test_a_named_picture_outside_the_folder_stays_there(folder: Path, app: FastAPI, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    picture = folder / "images/boot.jpg"
    kept = picture.read_bytes()
    picture.unlink()
    picture.symlink_to(secret)
    try:
        with TestClient(app) as client:
            assert client.get("/store/images/boot.jpg").status_code == 404
    finally:
        picture.unlink()
        picture.write_bytes(kept)


def test_every_language_has_every_word_with_the_same_braces() -> None:
    english = words()["en"]
    assert set(words()) == {"en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh"}
    for language, said in words().items():
        assert said.keys() == english.keys(), language
        for key, text in said.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), (language, key)


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    sources = [STATIC / "index.html", *sorted((STATIC / "js").glob("*.js"))]
    text = "\n".join(file.read_text("utf-8") for file in sources)
    used = set(re.findall(r'data-word(?:-label|-placeholder)?"?[=:] ?"(\w+)"', text))
    missing = used - words()["en"].keys()
    assert not missing
    # That one is asked for by the name of the state.
    unused = {key for key in words()["en"] if not re.search(rf"\b{key}\b", text)} - {"listening"}
    assert not unused


def test_nothing_is_loaded_from_elsewhere() -> None:
    for file in STATIC.rglob("*.*"):
        addresses = re.findall(r"https?://[\w.]+", file.read_text("utf-8"))
        assert set(addresses) <= {"http://www.w3.org"}, file
