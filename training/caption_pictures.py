"""Pictures with a name in nine languages: emoji as eight families draw them, named by Unicode's CLDR, and clothes.

All are of npm, by code point or by their English name: Fluent in 3D, in colours and flat (Microsoft; MIT), Noto of
today and of before 2017 (Google; Apache-2.0), FxEmojis (Mozilla; Apache-2.0), Twemoji (Twitter and others; CC-BY-4.0),
Emoji One 2 (CC-BY-4.0). A skin tone is not named: all tones of a sign are one thing. Flags of countries are left out.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.pairs.downloads import in_npm, npm
from training.pairs.emoji import TONE, Emoji, named, plain
from training.pairs.fashion_mnist import clothes
from training.paths import CACHE, is_test_clip
from walkiosk.modality.text import LANGUAGES

FOLDER = CACHE / "captioning"
SIDE = 64  # pixels, with how opaque they are
FLAGS = 9  # Unicode's group of them
FLUENT = ("fluent-3d", "fluent-emoji", "fluent-emoji-flat")  # one drawing in three renderings
DRAWN = {  # packages of @iconify-json
    "fluent-emoji": "1.2.7",
    "fluent-emoji-flat": "1.2.6",
    "noto": "1.2.9",
    "noto-v1": "1.2.5",
    "twemoji": "1.2.5",
    "fxemoji": "1.2.2",
    "emojione": "1.2.3",
}
TONES = ("", "-light-skin-tone", "-dark-skin-tone", "-light", "-dark")  # behind the names of people's icons
CLDR = "48.2.0"
TRAINED_CLOTHES = 60_000  # of the 70,000; the others are shown to nobody
CLOTHES = (  # Fashion-MNIST's ten classes, named by us
    ("t-shirt", "camiseta", "t-shirt", "T-Shirt", "maglietta", "camiseta", "футболка", "टी-शर्ट", "T恤"),
    ("trousers", "pantalón", "pantalon", "Hose", "pantaloni", "calças", "брюки", "पतलून", "裤子"),
    ("pullover", "jersey", "pull", "Pullover", "maglione", "suéter", "свитер", "स्वेटर", "套头衫"),
    ("dress", "vestido", "robe", "Kleid", "vestito", "vestido", "платье", "ड्रेस", "连衣裙"),
    ("coat", "abrigo", "manteau", "Mantel", "cappotto", "casaco", "пальто", "कोट", "外套"),
    ("sandal", "sandalia", "sandale", "Sandale", "sandalo", "sandália", "сандалия", "सैंडल", "凉鞋"),
    ("shirt", "camisa", "chemise", "Hemd", "camicia", "camisa", "рубашка", "कमीज़", "衬衫"),
    ("sneaker", "zapatilla", "basket", "Turnschuh", "scarpa da ginnastica", "tênis", "кроссовка", "स्नीकर", "运动鞋"),
    ("bag", "bolso", "sac", "Tasche", "borsa", "bolsa", "сумка", "बैग", "手提包"),
    ("ankle boot", "botín", "bottine", "Stiefelette", "stivaletto", "bota", "ботинок", "जूता", "短靴"),
)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    concept: str  # its code points without a skin tone
    style: str


def stem(code: str) -> str:
    """What is held out together: a sign for man, woman and person."""
    return Emoji(code, "", 0, "").stem


def unseen_picture(code: str) -> bool:
    """Whether the Fluent drawing of a concept is held out."""
    return is_test_clip(stem(code))


def unseen_concept(code: str) -> bool:
    """Whether a concept is held out in every style: one in twenty of those whose Fluent drawing is held out or not."""
    return int(hashlib.sha1(f"concept {stem(code)}".encode()).hexdigest(), 16) % 20 == 0


def trained(picture: Picture) -> bool:
    return not unseen_concept(picture.concept) and not (picture.style in FLUENT and unseen_picture(picture.concept))


@cache
def names() -> dict[str, dict[str, str]]:
    """Concept → language → name, of concepts that are named in all nine."""
    archive = npm("cldr-annotations-full", CLDR)
    told: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    with tarfile.open(archive) as opened:
        for member in opened:
            found = re.fullmatch(r"package/annotations(?:Derived)?/(\w+)/annotations\.json", member.name)
            if not found or found[1] not in told or not (file := opened.extractfile(member)):
                continue
            (content,) = json.load(file).values()
            for sign, said in content["annotations"].items():
                if "tts" in said:
                    told[found[1]][plain("-".join(f"{ord(letter):04x}" for letter in sign))] = said["tts"][0]
    codes = [code for code, one in named().items() if one.group != FLAGS and not TONE.search(code)]
    return {
        code: {language: told[language][code] for language in LANGUAGES}
        for code in codes
        if all(code in told[language] for language in LANGUAGES)
    }


def things() -> list[dict[str, str]]:
    """Names of all things by language: concepts in their order, and clothes behind them."""
    return [*names().values(), *(dict(zip(LANGUAGES, each, strict=True)) for each in CLOTHES)]


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("’", "").replace("ñ", "n")).strip("-")


def _shrunk(image: Image.Image) -> Bytes:
    """A square picture with its opacity; colours of what cannot be seen do not bleed in."""
    small = image.convert("RGBA").convert("RGBa").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small.convert("RGBA"), np.uint8)


def three_d() -> Iterator[tuple[str, Image.Image]]:
    """(code with its tone, picture of 256²)."""
    for name, raw in in_npm(npm("@lobehub/fluent-emoji-3d", "1.1.0"), ".webp"):
        yield plain(Path(name).stem), Image.open(BytesIO(raw))


def _drawn(style: str) -> Iterator[tuple[str, Bytes]]:
    draw: Any = importlib.import_module("resvg_py")  # python -m pip install resvg-py
    told = json.loads(next(in_npm(npm(f"@iconify-json/{style}", DRAWN[style]), "package/icons.json"))[1])
    aliases = told.get("aliases", {})
    for code, said in names().items():
        for tone in TONES:
            key = slug(said["en"]) + tone
            alias = aliases.get(key, {})
            icon = told["icons"].get(alias.get("parent", key))
            if icon is None or (tone and not TONE.search(_toned(code))):
                continue
            width, height = icon.get("width", told["width"]), icon.get("height", told["height"])
            box = f'viewBox="{icon.get("left", 0)} {icon.get("top", 0)} {width} {height}"'
            svg = (
                f'<svg xmlns="http://www.w3.org/2000/svg" {box} width="{width}" height="{height}">{icon["body"]}</svg>'
            )
            try:
                png = draw.svg_to_bytes(svg_string=svg, width=2 * SIDE, height=2 * SIDE, skip_system_fonts=True)
            except ValueError:
                continue  # what resvg cannot read
            image = Image.open(BytesIO(bytes(png)))
            yield code, _shrunk(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if alias.get("hFlip") else image)


@cache
def _tones() -> dict[str, str]:
    return {TONE.sub("", code): code for code in named() if TONE.search(code)}


def _toned(code: str) -> str:
    """Some form of a concept that has a skin tone, or itself."""
    return _tones().get(code, code)


def build() -> None:
    """Draw all pictures into `FOLDER`: `pictures.npy` N × 64 × 64 × 4, `pictures.json`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows: list[Picture] = []
    stack: list[Bytes] = []
    for code, image in three_d():
        if (concept := TONE.sub("", code)) in names() and (concept == code or code in named()):
            rows.append(Picture(concept, "fluent-3d"))
            stack.append(_shrunk(image))
    for style in DRAWN:
        before = len(rows)
        for concept, pixels in _drawn(style):
            rows.append(Picture(concept, style))
            stack.append(pixels)
        print(style, len(rows) - before, flush=True)
    np.save(FOLDER / "pictures.npy", np.stack(stack))
    (FOLDER / "pictures.json").write_text(json.dumps([asdict(row) for row in rows]))
    print(len(names()), "concepts,", len(rows), "pictures,", sum(map(trained, rows)), "to train on")


def pictures() -> tuple[list[Picture], Bytes]:
    rows = [Picture(**row) for row in json.loads((FOLDER / "pictures.json").read_text())]
    return rows, np.load(FOLDER / "pictures.npy", mmap_mode="r")


def garments() -> tuple[Bytes, Bytes]:
    """Fashion-MNIST's training half: N × 28 × 28, dark on white, and classes."""
    shown, labels = clothes()
    return shown[:TRAINED_CLOTHES], labels[:TRAINED_CLOTHES]


def held_out_garments() -> tuple[Bytes, Bytes]:
    shown, labels = clothes()
    return shown[TRAINED_CLOTHES:], labels[TRAINED_CLOTHES:]
