"""What the shop shows of itself: which goods, drawn how, and who may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.fake_kiosk import FakeKiosk
from tests.web.fake_store import GOODS, FakeStore, product
from walkiosk.store import Store
from walkiosk.web.shelf import MOST, Shelf
from walkiosk.web.tiles import PALETTES, PATTERNS, tile

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


def shelf(store: FakeStore) -> Shelf:
    return Shelf(lambda: cast(Store, store))


def test_one_of_every_category_comes_first(fake: FakeKiosk, client: TestClient) -> None:
    goods = client.get("/shelf/en").json()
    assert goods[0] == {
        "sku": "oxford-42", "name": "Cobb’s black Oxford", "price_cents": 18900, "image": "images/oxford.jpg",
    }  # fmt: skip
    categories = {each.sku: each.category for each in GOODS}
    shown = [categories[each["sku"]] for each in goods]
    assert shown == ["shoes", "mug", "poster", "hat", "coat", "vinyl", "shoes", "shoes"]
    assert {each["image"] for each in goods[1:6]} == {""}


def test_names_are_in_the_language_asked(client: TestClient) -> None:
    assert all(each["name"].startswith("es ") for each in client.get("/shelf/es").json())
    assert client.get("/shelf/xx").json() == client.get("/shelf/en").json()
    assert client.get("/shelf/../en").status_code == 404 and client.get("/shelf/english").status_code == 422


def test_nothing_for_adults_and_nothing_that_is_gone() -> None:
    store = FakeStore(left={"mug-1": 0, "hat-1": None})
    shown = {good.sku for good in shelf(store).goods("en")}
    assert "whisky-1" not in shown and "mug-1" not in shown and {"hat-1", "coat-1"} <= shown


def test_a_large_shop_shows_a_part_the_same_every_time() -> None:
    goods = tuple(product(f"sku-{number}", f"Thing {number}", f"kind {number % 7}", 100) for number in range(500))
    store = FakeStore(goods=goods)
    shown = shelf(store).goods("en")
    assert len(shown) == MOST and shown == shelf(store).goods("en")
    assert {int(good.sku[4:]) % 7 for good in shown[:7]} == set(range(7))


def test_an_empty_shop_has_an_empty_shelf() -> None:
    assert shelf(FakeStore(goods=())).goods("en") == ()


def test_a_style_in_many_sizes_is_one_thing() -> None:
    sizes = tuple(
        replace(product(f"boot-{size}", "Boot", "shoes", 100), thing="boot", size=str(size)) for size in (41, 42)
    )
    assert [good.sku for good in shelf(FakeStore(goods=sizes, left={"boot-41": 0})).goods("en")] == ["boot-42"]


def test_tiles_are_drawn_for_goods_of_the_shop_alone(client: TestClient) -> None:
    drawn = client.get("/tile/mug-1")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(drawn.text).find(f"{SVG}text").text == "T"  # type: ignore[union-attr]
    assert ElementTree.fromstring(client.get("/ground/mug-1").text).find(f"{SVG}text") is None
    assert client.get("/tile/nothing").status_code == client.get("/ground/..%2fx").status_code == 404


def test_a_tile_depends_on_name_and_category_alone() -> None:
    assert tile("Totem mug", "mug") == tile("TOTEM mug", "Mug") != tile("Other mug", "mug")
    drawings = [tile(name, "mug") for name in ("Totem mug", "Dream mug", "Snow mug")]
    assert len({re.search('fill="(#[0-9a-f]+)"', each)[1] for each in drawings}) == 1  # type: ignore[index]
    assert len({tile("One", f"category {number}", initial=False) for number in range(60)}) > len(PALETTES) + len(
        PATTERNS
    )


@pytest.mark.parametrize("name", ["<script>", "& co", "हाथ", "雨衣", "…", "", "“quoted”", "é", "ß"])
def test_any_name_gives_a_drawing(name: str) -> None:
    drawn = ElementTree.fromstring(tile(name, f"{name}&<"))
    kinds = {element.tag.removeprefix(SVG) for element in drawn.iter()}
    assert kinds <= {"svg", "g", "rect", "circle", "path", "text"}
    assert len(drawn.find(f"{SVG}text").text or "") <= 2  # type: ignore[union-attr]  # ß is SS in capitals


def test_every_pattern_is_a_drawing_within_its_colours() -> None:
    seen = {tile("A", f"category {number}", initial=False) for number in range(200)}
    for drawn in seen:
        ElementTree.fromstring(drawn)
    colours = {colour for drawn in seen for colour in re.findall("#[0-9a-f]{6}", drawn)}
    assert colours <= {colour for palette in PALETTES for colour in palette}


@pytest.mark.parametrize("palette", PALETTES)
def test_a_letter_can_be_read_on_its_ground(palette: tuple[str, str, str, str]) -> None:
    ground, *_, ink = (_luminance(colour) for colour in palette)
    assert (ground + 0.05) / (ink + 0.05) >= 7


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_demo_shop_fills_its_shelf(tmp_path: Path) -> None:
    store = Store.open(Path("stores/demo"), f"sqlite:///{tmp_path / 'demo.db'}")
    goods = Shelf(lambda: store).goods("de")
    assert len(goods) == MOST and len({good.name for good in goods}) == MOST
    assert all(good.image.endswith(".svg") for good in goods)
