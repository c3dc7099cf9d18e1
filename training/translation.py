"""Translation pairs → packed examples, en ↔ es fr de it pt (and ru hi zh where a source has them).

Sources: Bagisto's shop strings (MIT), LibreOffice help (aligned by paragraph id), Debian package descriptions, and the
questions and replies that we wrote in nine languages. GNOME help is a test set and stays out.
"""

import bz2
import csv
import html
import lzma
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlretrieve

from training.paths import CACHE, PACKED, WHISPER
from training.shops import HELD_OUT_SHOPS, draw_name, load_shops
from training.understanding import WEIGHTS
from walkiosk.modality.text import END, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.translation import prefix

Pair = tuple[str, str, str, str]  # source language, target language, source, target
HELP = {"es": "es", "fr": "fr", "de": "de", "it": "it", "pt": "pt-BR", "hi": "hi", "zh": "zh-CN", "ru": "ru"}
DESCRIPTIONS = "http://deb.debian.org/debian/dists/bookworm/main/i18n"
HELD_OUT_KEYS = 20  # every so many of Bagisto's keys is a test string
PARAGRAPH = re.compile(r'<(?:p|h\d)[^>]* id="([^"]+)"[^>]*>(.*?)</(?:p|h\d)>', re.S)


def shop_strings(held_out: bool) -> Iterator[Pair]:
    """Bagisto's strings; those of every twentieth key (by its English text) are held out."""
    folder = CACHE / "text" / "bagisto_retail_i18n" / "bagisto_parallel.tsv"
    with folder.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            english = row["en"].strip()
            if len(english) < 3 or (sum(map(ord, english)) % HELD_OUT_KEYS == 0) != held_out:
                continue
            for column in ("es", "fr", "de", "it", "pt_BR", "hi_IN", "zh_CN"):
                other = row[column].strip()
                if other and (other != english or len(english) < 8):
                    yield "en", column[:2], english, other


def help_pages() -> Iterator[Pair]:
    base = Path("/usr/share/libreoffice/help")

    def paragraphs(path: Path) -> dict[str, str]:
        found = PARAGRAPH.findall(path.read_text(encoding="utf-8"))
        return {key: " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split()) for key, text in found}

    for path in sorted((base / "en-US" / "text").rglob("*.html")):
        english = paragraphs(path)
        for language, folder in HELP.items():
            other = base / folder / path.relative_to(base / "en-US")
            if other.is_file():
                for key, text in paragraphs(other).items():
                    if key in english and 12 <= len(english[key]) <= 220 and text and text != english[key]:
                        yield "en", language, english[key], text


def description_list(code: str) -> str:
    """The text of Debian's list of package descriptions in a language, downloaded once into CACHE/text/debian."""
    kind = "xz" if code == "en" else "bz2"  # as they are published
    path = CACHE / "text" / "debian" / f"Translation-{code}.{kind}"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial, _ = urlretrieve(f"{DESCRIPTIONS}/{path.name}", path.with_suffix(".partial"))
        Path(partial).rename(path)
    raw = path.read_bytes()
    text = lzma.decompress(raw) if kind == "xz" else bz2.decompress(raw)
    return text.decode()


def debian_descriptions() -> Iterator[Pair]:
    """Short lines of package descriptions, paired by the English text that they translate."""

    def short_lines(code: str) -> dict[str, str]:
        lines: dict[str, str] = {}
        key = ""
        for line in description_list(code).splitlines():
            if line.startswith("Description-md5: "):
                key = line[17:]
            elif line.startswith("Description-"):
                lines[key] = line.split(": ", 1)[-1].strip()
        return lines

    english = short_lines("en")
    for code, language in (("es", "es"), ("fr", "fr"), ("de", "de"), ("it", "it"), ("pt_BR", "pt")):
        for key, text in short_lines(code).items():
            if key in english and text and text != english[key]:
                yield "en", language, english[key], text


def shop_questions(draw: random.Random) -> Iterator[Pair]:
    """The questions that we wrote for each training shop in nine languages, two languages of each, names filled in."""
    for shop in (shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS):
        for item in shop.raw["authored"]:
            one, two = draw.sample(list(WEIGHTS), 2, counts=list(WEIGHTS.values()))
            if one == two:
                continue
            names = [draw_name(shop, type_, draw) for type_ in item["slots"]]
            slots = {f"{{{number}}}": name for number, name in enumerate(names, 1)}
            source, target = str(item[one]), str(item[two])
            for slot, name in slots.items():
                source, target = source.replace(slot, name), target.replace(slot, name)
            yield one, two, source, target


def examples(vocabulary: Vocabulary, pairs: list[Pair], longest: int = 160) -> Iterator[Example]:
    """Both directions of each pair."""
    end = vocabulary.special(END)
    for one, two, source, target in pairs:
        for a, b, s, t in ((one, two, source, target), (two, one, target, source)):
            example = Example(prefix(vocabulary, a, b, s), [*vocabulary.encode(" " + t), end])
            if len(example.prefix) + len(example.target) <= longest:
                yield example


def main(shard: int = 20_000) -> None:
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    random.seed(0)
    draw = random.Random(1)
    strings = list(shop_strings(held_out=False)) + [pair for _ in range(8) for pair in shop_questions(draw)]
    prose = list(set(debian_descriptions())) + list(set(help_pages()))
    random.shuffle(prose)
    print(len(strings), "shop sentences", len(prose), "prose pairs")
    kept = [pair for pair in prose if pair[1] not in ("ru", "hi", "zh")] + [
        p for p in prose if p[1] in ("ru", "hi", "zh")
    ][:9000]
    random.shuffle(kept)
    ours = shard // 2 if kept else len(strings)  # the right register: in every shard
    for number, at in enumerate(range(0, max(1, len(kept)), shard)):
        rows = list(examples(vocabulary, kept[at : at + shard] + random.sample(strings, min(len(strings), ours))))
        write_shard(PACKED / "translation" / f"{number:03}.npz", rows)
        print(number, len(rows), flush=True)


if __name__ == "__main__":
    main()
