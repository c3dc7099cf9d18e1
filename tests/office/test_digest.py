"""A digest with scripted skills: figures, quotes and names are the remarks' own; what they do not bear is dropped."""

import datetime
import json
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.office.remarks import Script
from walkiosk.office.digest import Asked, digest
from walkiosk.office.digest_labels import LABELS
from walkiosk.office.digest_page import as_csv, as_json, as_markdown
from walkiosk.office.digest_value import Digest, Filed, Period
from walkiosk.office.digest_writing import FIRST_STEP, MOST_WORDS, figures
from walkiosk.office.items import MARK, Item, Items
from walkiosk.office.remarks import Remark, count_words
from walkiosk.office.themes import ALONE, BLOCK, group_remarks

NOW, BEFORE = datetime.date(2026, 3, 10), datetime.date(2026, 3, 3)
WEEK = Period(datetime.date(2026, 3, 8), datetime.date(2026, 3, 14))


def remarks(**counts: int) -> list[Remark]:
    """So many remarks, each about one way in its own words."""
    return [
        Remark(f"{way}-{n}", f"number {chr(97 + n)} says the {way.replace('_', ' ')} here", "en", NOW)
        for way, count in counts.items()
        for n in range(count)
    ]


def of(found: Digest, way: str) -> int:
    return next(place for place, theme in enumerate(found.themes) if way in (theme.sentence or theme.quotes[0].words))


@pytest.fixture
def script() -> Script:
    return Script()


def test_counts_shares_and_quotes_come_from_the_remarks(script: Script) -> None:
    said = [*remarks(queue=6, coffee=3), Remark("x", "what a strange evening it was", "en", NOW, 2)]
    found = digest(script.skills(), said, Asked())
    assert [(theme.count, theme.share, theme.before) for theme in found.themes] == [(6, 0.6, None), (3, 0.3, None)]
    assert found.themes[0].ids == tuple(f"queue-{n}" for n in range(6))
    assert all(
        quote in [(r.id, r.words) for r in said] for t in found.themes for quote in [(q.id, q.words) for q in t.quotes]
    )
    assert len(found.themes[0].quotes) == 2 and found.themes[0].quotes[0].day == NOW
    assert (found.remarks, found.alone, found.stars.counts, found.stars.mean) == (10, 1, (0, 1, 0, 0, 0), 2.0)


def test_every_sentence_rests_on_remarks_of_its_theme(script: Script) -> None:
    found = digest(script.skills(), remarks(queue=6, coffee=3), Asked())
    assert [sentence.kind for sentence in found.sentences] == ["complaint", "complaint", FIRST_STEP]
    for sentence in found.sentences:
        assert sentence.ids and set(sentence.ids) <= set(found.themes[sentence.theme].ids)
    assert found.text == " ".join(sentence.text for sentence in found.sentences)
    assert found.sentences[-1].text == "See to the queue."


def test_praise_comes_before_complaints_and_the_first_step_last(script: Script) -> None:
    found = digest(script.skills(), remarks(queue=3, lovely_coffee=5, wish_for_music=4), Asked())
    assert [sentence.kind for sentence in found.sentences] == ["praise", "complaint", "wish", FIRST_STEP]


def test_a_trend_is_against_the_period_of_equal_length_before(script: Script) -> None:
    then = [Remark(f"old-{n}", f"number {chr(97 + n)} said the coffee there", "en", BEFORE) for n in range(5)]
    long_ago = Remark("ancient", "the coffee of old", "en", datetime.date(2025, 1, 1))
    said = [*remarks(queue=4, coffee=5), *then, long_ago, Remark("undated", "the coffee one day", "en")]
    found = digest(script.skills(), said, Asked(period=WEEK))
    assert {(theme.count, theme.before) for theme in found.themes} == {(4, 0), (5, 5)}
    assert (found.remarks, found.before, found.undated) == (9, 5, 1)
    assert of(found, "queue") == 0  # four that are new press more than five as ever
    assert found.sentences[-1].text == "See to the queue."
    assert "old-0" not in found.themes[1].ids and "↑" in as_markdown(found) and "→" in as_markdown(found)


def test_without_remarks_before_there_is_no_trend(script: Script) -> None:
    found = digest(script.skills(), remarks(queue=3), Asked(period=WEEK))
    assert found.themes[0].before is None and found.before is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Many find the coffee cold.", "0 of 4 remarks bear it"),
        ("7 customers mention the queue.", "no remark has the figure 7"),
        ("७ ग्राहक queue", "no remark has the figure 7"),
        (f"Many say {MARK} is about the queue.", "no remark names a product"),
        ("Many say Norviks have a queue.", "a product's name is garbled"),
        ("", "unsure"),
    ],
)
def test_a_sentence_that_its_remarks_do_not_bear_is_dropped(script: Script, sentence: str, reason: str) -> None:
    script.sentences["queue"] = sentence
    found = digest(script.skills(), remarks(queue=4), Asked())
    assert [dropped.reason for dropped in found.dropped] == [reason]
    assert (found.written, len(found.dropped)) == (2, 1)
    assert [s.kind for s in found.sentences] == ["complaint", FIRST_STEP] and found.themes[0].sentence is None
    quoted = found.sentences[0]
    assert quoted.quoted and quoted.ids == ("queue-0",)
    assert quoted.text == "A customer writes: “number a says the queue here”"


def test_a_sentence_about_another_theme_is_dropped(script: Script) -> None:
    said = [*remarks(queue=4), *(Remark(f"m-{n}", f"{chr(97 + n)} the {5 * 'coffee '}queue", "en") for n in range(4))]
    script.sentences["coffee"] = "Many mention the queue and only the queue, not the coffee."
    found = digest(script.skills(), said, Asked())
    assert [dropped.reason for dropped in found.dropped] == ["nearer to another theme"]


def test_a_remark_says_what_to_do_first_where_no_step_holds(script: Script) -> None:
    script.steps = dict.fromkeys(script.steps, "")
    said = remarks(queue=4, coffee=3)
    assert FIRST_STEP not in [s.kind for s in digest(script.skills(), said, Asked()).sentences]
    found = digest(script.skills(), [replace(said[0], stars=1), *said[1:]], Asked())
    assert found.sentences[-1].kind == FIRST_STEP and found.sentences[-1].ids == ("queue-0",)
    assert found.sentences[-1].text.startswith("First look into what this customer says: “number a says the queue")


def test_stars_know_better_how_a_remark_is_meant(script: Script) -> None:
    said = [Remark(f"q{n}", f"{chr(97 + n)} queue, how lovely", "en", NOW, 1) for n in range(3)]
    said += [Remark(f"c{n}", f"{chr(97 + n)} coffee this is", "en", NOW, 5) for n in range(3)]
    found = digest(script.skills(), said, Asked())
    assert {theme.ids[0][0]: theme.feeling for theme in found.themes} == {"q": "complaint", "c": "praise"}


def test_a_remark_in_the_operators_language_speaks_before_others(script: Script) -> None:
    script.sentences["queue"] = ""
    said = [*remarks(queue=3), Remark("de", "immer diese queue", "de"), Remark("lang", "queue " * 60, "de")]
    found = digest(script.skills(), said, Asked("de"))
    assert found.sentences[0].text == "Jemand schreibt: „immer diese queue“" and found.sentences[0].ids == ("de",)


def test_a_figure_that_a_remark_has_stays(script: Script) -> None:
    said = [Remark(str(n), f"{chr(97 + n)}: half past 8 and the queue is 3,5 metres", "en") for n in range(3)]
    script.sentences["queue"] = "From 8 on the queue reaches 3.5 metres."
    assert digest(script.skills(), said, Asked()).sentences[0].text == script.sentences["queue"]
    assert figures(["3,5 and ३.५ and 12:30"]) == {"3.5", "12.30"}


def test_the_second_most_pressing_complaint_is_tried_when_the_first_step_fails(script: Script) -> None:
    script.steps["queue"] = "Do what nobody asked for."
    found = digest(script.skills(), remarks(queue=6, coffee=3), Asked())
    assert found.sentences[-1].text == "See to the coffee." and len(found.dropped) == 1


def test_products_are_read_as_a_mark_and_named_by_code(script: Script) -> None:
    items = Items.called([(Item("p3", "Polaris 3"), ["北极星"]), (Item("ox", "Cobb Oxford"), [])])
    said = [
        Remark("1", "the sizes of polaris 3 are wrong", "en"),
        Remark("2", "北极星 sizes, alas", "zh"),
        Remark("3", "Polaris 3: sizes and sizes", "en"),
        Remark("4", "even Cobb Oxford has odd sizes", "en"),
    ]
    script.sentences["sizes"] = f"Several customers find the sizes of {MARK} odd."
    found = digest(script.skills(), said, Asked(), items)
    assert all("olaris" not in text and "北极星" not in text for read in script.read for text in read)
    assert found.sentences[0].text == "Several customers find the sizes of Polaris 3 and Cobb Oxford odd."
    assert [(item.thing, item.count) for item in found.themes[0].items] == [("p3", 3), ("ox", 1)]
    assert found.themes[0].quotes[0].words in [remark.words for remark in said]


def test_a_remark_with_two_points_is_in_two_themes(script: Script) -> None:
    both = Remark("both", "The queue, the queue, the queue is far too long. But your coffee is good.", "en")
    found = digest(script.skills(), [*remarks(queue=4, coffee=3), both], Asked())
    assert [theme.count for theme in found.themes] == [5, 4]
    assert all("both" in theme.ids for theme in found.themes) and found.remarks == 8


def test_stars_alone_and_words_that_say_nothing_are_set_apart(script: Script) -> None:
    said = [*remarks(queue=3), Remark("s", "", None, NOW, 5), Remark("u", "bad", "en", NOW, 1), Remark("v", "😀", "en")]
    found = digest(script.skills(), said, Asked())
    assert (found.stars_only, found.unclear, found.remarks) == (1, ("u", "v"), 5)
    assert found.stars.mean == 3.0 and found.themes[0].count == 3
    page = as_markdown(found)
    assert f"{LABELS['en']['unclear']}: 2" in page and f"{LABELS['en']['stars_only']}: 1" in page


def test_categories_are_counted_a_remark_each(script: Script) -> None:
    found = digest(script.skills(), remarks(queue=9, coffee=3), Asked(categories=("speed", "price")))
    assert sum(count for _, count in found.categories) == 12
    assert {theme.category for theme in found.themes} <= {"speed", "price"}


def test_what_is_filed_by_hand_stays_there_and_teaches(script: Script) -> None:
    taught: list[Filed] = []

    def categorise(texts: Sequence[str], names: Sequence[str], filed: Filed) -> list[str]:
        taught.append(list(filed))
        return ["speed"] * len(texts)

    said = [replace(remark, filed="price") for remark in remarks(queue=2)] + remarks(coffee=3)
    gone = replace(said[-1], filed="a category of last year")
    found = digest(
        replace(script.skills(), categorise=categorise), [*said[:-1], gone], Asked(categories=("speed", "price"))
    )
    assert dict(found.categories) == {"price": 2, "speed": 3}
    assert taught == [[(each.words, each.filed) for each in (*said[:2], gone)]]


@pytest.mark.parametrize("said", [[], [Remark("1", "", None, None, 4)], [Remark("1", "only one remark", "en")]])
def test_next_to_nothing_makes_a_digest_without_themes(script: Script, said: list[Remark]) -> None:
    found = digest(script.skills(), said, Asked())
    assert (found.text, found.themes, found.dropped) == ("", (), ())
    assert LABELS["en"]["none"] in as_markdown(found)


def test_no_more_than_so_many_words(script: Script) -> None:
    for way in script.sentences:
        script.sentences[way] = f"{way} " * 30
    found = digest(script.skills(), remarks(queue=4, coffee=4, sizes=4, lovely_card=4, wish_light=4), Asked())
    assert 90 < count_words(found.text) <= MOST_WORDS
    assert {sentence.kind for sentence in found.sentences} == {"praise", "complaint", "wish", FIRST_STEP}


def test_the_order_of_remarks_does_not_change_the_themes(script: Script) -> None:
    said = remarks(queue=7, coffee=5, sizes=3)
    shuffled = random.Random(1).sample(said, len(said))
    first, second = (digest(script.skills(), each, Asked()) for each in (said, shuffled))
    assert [set(theme.ids) for theme in first.themes] == [set(theme.ids) for theme in second.themes]
    assert first == digest(script.skills(), said, Asked())


@pytest.mark.parametrize(("size", "themes", "noise"), [(60, 5, 10), (4 * BLOCK, 30, 300)])
def test_planted_groups_are_found_across_blocks(size: int, themes: int, noise: int) -> None:
    draw = np.random.default_rng(0)
    middles = draw.normal(size=(themes, 256))
    planted = np.concatenate([np.arange(size) % themes, np.full(noise, ALONE)])
    vectors = np.where(planted[:, None] >= 0, middles[planted], draw.normal(size=(len(planted), 256)))
    vectors[:size] += 0.7 * draw.normal(size=(size, 256))
    shuffled = draw.permutation(len(planted))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True))[shuffled].astype(np.float16)
    found = group_remarks(unit, 0.45, 0.5)
    assert len(found.means) == themes
    assert len({(a, b) for a, b in zip(planted[shuffled], found.group, strict=True)}) == themes + 1


@pytest.mark.parametrize("language", sorted(LABELS))
def test_the_page_is_in_every_language(script: Script, language: str) -> None:
    assert LABELS[language].keys() == LABELS["en"].keys()
    said = [*remarks(queue=3), *(Remark(f"o{n}", f"the queue {n}", "en", BEFORE, 3) for n in range(2))]
    page = as_markdown(digest(script.skills(), said, Asked(language, WEEK)))
    assert page.startswith(f"# {LABELS[language]['title']}\n") and "queue-0" in page


def test_the_object_and_the_table_have_it_all(script: Script) -> None:
    said = [Remark("q", "=the queue()", "en", NOW), Remark("q2", "so long a queue", "en", NOW)]
    found = digest(script.skills(), said, Asked(period=WEEK))
    told = json.loads(as_json(found))
    assert told["themes"][0]["count"] == 2 and told["period"] == {"since": "2026-03-08", "until": "2026-03-14"}
    assert told["sentences"][0]["ids"] and told["dropped"] == []
    table = as_csv(found).splitlines()
    assert table[0].startswith("theme,sentence,feeling") and "'=the queue()" in table[1]
