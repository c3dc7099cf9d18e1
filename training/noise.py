"""What typing and hearing do to a sentence: no capitals, no marks, slips, names misheard."""

import random
import re
import unicodedata

Piece = tuple[str, int | None]
ALIKE = (  # spellings that sound alike somewhere; applied either way to names
    "ph f, ck k, c k, qu kw, x ks, y i, th t, z s, ee i, oo u, w v, sch sh, di de, ll l, ss s, tt t, nn n, rr r, "
    "ei ai, ou u, gh g, b v, m n, er ar, o au, en an, ó o, é e, j g"
)
MISHEARD = [tuple(pair.split()) for pair in ALIKE.split(", ")]
KEYS = "qwertyuiopasdfghjklzxcvbnm"
BESIDE = "wa es rd ft yg tu yj uk io pl os aw sd df fg gh hj jk kl lo xa zc xv cb vn bm nj"  # on a QWERTY keyboard
NEAR = dict(zip(KEYS, BESIDE.split(), strict=False))


def typo(text: str, draw: random.Random) -> str:
    """One slip of the fingers: a letter swapped, dropped, doubled or missed by one key."""
    letters = [i for i, c in enumerate(text) if c.isalpha()]
    if len(letters) < 4:
        return text
    at = draw.choice(letters[1:])
    kind = draw.randrange(4)
    if kind == 0 and at + 1 < len(text) and text[at + 1].isalpha():
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + draw.choice(NEAR.get(text[at].lower(), text[at])) + text[at + 1 :]


def misheard(name: str, draw: random.Random) -> str:
    """A name as a recogniser may write it."""
    for _ in range(draw.choice((1, 1, 2))):
        pairs = [(a, b) for pair in MISHEARD for a, b in (pair, pair[::-1]) if a in name.lower()]
        if pairs:
            a, b = draw.choice(pairs)
            at = draw.choice([m.start() for m in re.finditer(re.escape(a), name.lower())])
            name = name[:at] + (b.capitalize() if name[at].isupper() else b) + name[at + len(a) :]
    if draw.random() < 0.15 and " " not in name and len(name) > 7:
        half = len(name) // 2
        name = f"{name[:half]} {name[half:]}"
    return name


def without_accents(text: str) -> str:
    if not text.isascii() and all(ord(c) < 0x250 or unicodedata.combining(c) for c in text):
        return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return text


def noisy(pieces: list[Piece], language: str, draw: random.Random) -> list[Piece]:
    """Change the pieces of a sentence; a piece with a number is a name and stays one."""
    spoken = draw.random() < 0.35
    lower = draw.random() < (0.15 if spoken else 0.4)
    unmarked = draw.random() < 0.3
    bare = draw.random() < 0.2
    result: list[Piece] = []
    for text, number in pieces:
        if number is not None and language not in ("zh", "hi"):
            if spoken and draw.random() < 0.35:
                text = misheard(text, draw)
            elif not spoken and draw.random() < 0.15:
                text = typo(text, draw)
        elif number is None and not spoken and draw.random() < 0.12:
            text = typo(text, draw)
        if bare:
            text = without_accents(text)
        if lower:
            text = text.lower()
        if unmarked and number is None:
            text = re.sub(r"[¿?¡!,.;:。，？！]", " " if language == "zh" else "", text)
        result.append((text, number))
    if not lower and draw.random() < 0.5 and result[0][0]:
        first = result[0][0]
        result[0] = (first[:1].upper() + first[1:], result[0][1])
    if spoken and not unmarked and language not in ("hi", "zh") and draw.random() < 0.6:
        last = result[-1][0].rstrip()
        if not last.endswith(("?", ".", "!")):
            result[-1] = (last + ".", result[-1][1])
    return result
