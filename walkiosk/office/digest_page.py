"""A digest as a page of Markdown in the operator's language, as a table of its themes, and as an object."""

from __future__ import annotations

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from pydantic import TypeAdapter

from walkiosk.office import report_tables
from walkiosk.office.digest_labels import LABELS
from walkiosk.office.digest_value import Digest, Quote, Theme

COLUMNS = (
    "theme", "sentence", "feeling", "category", "count", "share", "last_period", "quote_1", "quote_2", "products",
    "ids",
)  # fmt: skip
BETWEEN = " | "
LINKED = 12  # ids that are written behind a sentence
SHOWN = 40  # themes of the page; the table and the object have them all


def as_json(digest: Digest) -> str:
    """One object; days as 2026-03-31."""
    return TypeAdapter(Digest).dump_json(digest, indent=1).decode()


def as_csv(digest: Digest) -> str:
    """One row a theme."""
    rows = tuple(_row(number, theme) for number, theme in enumerate(digest.themes, 1))
    return report_tables.as_csv(report_tables.Table("themes", COLUMNS, rows))


def _row(number: int, theme: Theme) -> tuple[report_tables.Cell, ...]:
    first, second, *_ = [*(quote.words for quote in theme.quotes), "", ""]
    return (
        number,
        theme.sentence or "",
        theme.feeling,
        theme.category or "",
        theme.count,
        f"{theme.share:.4f}",
        "" if theme.before is None else theme.before,
        first,
        second,
        BETWEEN.join(f"{item.name} ({item.count})" for item in theme.items),
        BETWEEN.join(theme.ids),
    )


def as_markdown(digest: Digest) -> str:
    """The page: the digest with the remarks that each sentence rests on, the themes, and what was left out."""
    label = LABELS[digest.language]
    lines = [f"# {label['title']}", *_period(digest), ""]
    for sentence in digest.sentences:
        more = ", …" if len(sentence.ids) > LINKED else ""
        lines.append(f"- {sentence.text} [{', '.join(sentence.ids[:LINKED])}{more}]")
    lines += ["", f"## {label['themes']}", ""] + ([] if digest.themes else [label["none"], ""])
    for number, theme in enumerate(digest.themes[:SHOWN], 1):
        lines += _theme(digest, number, theme)
    if len(digest.themes) > SHOWN:
        lines += [f"… +{len(digest.themes) - SHOWN}", ""]
    lines += [f"- {label[name]}: {value}" for name, value in _left(digest)]
    return "\n".join(lines) + "\n"


def _period(digest: Digest) -> list[str]:
    if digest.period is None:
        return []
    days = (digest.period.since, digest.period.until)
    return ["", " – ".join(format_date(day, "long", digest.language) for day in days)]


def _theme(digest: Digest, number: int, theme: Theme) -> list[str]:
    label, language = LABELS[digest.language], digest.language
    facts = [label[theme.feeling], *([theme.category] if theme.category else [])]
    facts += [
        f"{label['count']}: {theme.count}",
        f"{label['share']}: {format_percent(theme.share, locale=language)}",
    ]
    if theme.before is not None:
        facts.append(f"{label['before']}: {theme.before} {trend(theme)}")
    if theme.items:
        facts.append(f"{label['items']}: {', '.join(f'{item.name} ({item.count})' for item in theme.items[:5])}")
    head = f"**{number}. {theme.sentence}**  " if theme.sentence else f"**{number}.**  "
    return [head, " · ".join(facts), "", *(f"> {_quoted(quote, language)}  " for quote in theme.quotes), ""]


def trend(theme: Theme) -> str:
    """An arrow: more, fewer or as many as a period ago."""
    before = theme.before if theme.before is not None else theme.count
    return "↑" if theme.count > before else "↓" if theme.count < before else "→"


def _quoted(quote: Quote, language: str) -> str:
    where = [quote.id, *([quote.language] if quote.language else [])]
    where += [format_date(quote.day, "medium", language)] if quote.day else []
    words = quote.words.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
    return f"{words} ({', '.join(where)})"


def _left(digest: Digest) -> list[tuple[str, str]]:
    """What the themes do not say, each with its figure; nothing of what there is none."""
    language = digest.language
    told: list[tuple[str, str]] = []
    if digest.stars.mean is not None:
        before = digest.stars.before
        earlier = f" ({LABELS[language]['before']}: {format_decimal(before, '0.0', language)})" if before else ""
        told.append(("stars", f"{format_decimal(digest.stars.mean, '0.0', language)}{earlier}"))
    counts = {
        "alone": digest.alone,
        "unclear": len(digest.unclear),
        "stars_only": digest.stars_only,
        "undated": digest.undated,
    }
    told += [(name, str(count)) for name, count in counts.items() if count]
    if digest.dropped:
        told.append(("dropped", f"{len(digest.dropped)} / {digest.written}"))
    return told
