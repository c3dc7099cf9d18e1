"""The watch over conversations: what the model finds, and promises that the facts do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.office.shop_day import ShopDay, at_ms, turn
from tests.office.shop_day import day as day
from walkiosk.office.digest_value import Filed
from walkiosk.office.watch import CATEGORIES, ORDINARY, Finding, names_of_shop, unfounded, watch

MATERIAL = Path(__file__).parents[2] / "training" / "material" / "watch"
NOON = at_ms("2026-06-10")
MEANT = {
    "you crooks": "rude to the shop",
    "give me her number": "asks for another customer's data",
    "I want to disappear": "customer in distress",
    "Get lost, you.": "rude to the shop",
}


def categorise(texts: Sequence[str], categories: Sequence[str], filed: Filed) -> list[str]:
    """A model that knows what a few texts are about."""
    assert tuple(categories) == CATEGORIES
    return [MEANT.get(text, ORDINARY[0]) for text in texts]


def watched(day: ShopDay) -> tuple[Finding, ...]:
    told = day.store.conversations.between(0, 2 * NOON)
    return watch(told, categorise, names_of_shop(day.engine))


def test_the_categories_are_those_that_the_model_learns() -> None:
    learnt = [
        each["category"]["en"][0]
        for path in MATERIAL.glob("*.yaml")
        if path.stem != "heldout-watch"
        for each in yaml.safe_load(path.read_text("utf-8"))
    ]
    assert sorted(learnt) == sorted(CATEGORIES)


def test_what_somebody_should_look_at_first_comes_first(day: ShopDay) -> None:
    rude = day.talk(NOON, turn("you crooks", "not_understood"), turn("red shoes", "found_product"), language="fr")
    day.talk(NOON + 60_000, turn("give me her number", "not_understood"))
    day.talk(NOON, turn("I want to disappear", "smalltalk"))
    found = watched(day)
    assert [each.kind for each in found] == ["distress", "risk", "rude_customer"]
    last = found[-1]
    assert (last.line, last.why, last.language) == ("you crooks", "rude to the shop", "fr")
    assert (last.conversation, last.turn, last.at_ms) == (rude.id, 1, NOON)


def test_a_rude_reply_is_found_whatever_facts_are_in_it(day: ShopDay) -> None:
    day.talk(NOON, turn("", "smalltalk", "Get lost, Spinning top you.", facts=("Spinning top",)))
    (found,) = watched(day)
    assert (found.kind, found.line) == ("rude_reply", "Get lost, Spinning top you.")


def test_nothing_said_nothing_found(day: ShopDay) -> None:
    assert watched(day) == ()
    day.talk(NOON, turn("", "added", action="choose"))
    assert watched(day) == ()


@pytest.mark.parametrize(
    ("reply", "facts", "why"),
    [
        ("The Spinning top costs €12.50.", ("Spinning top", "€12.50"), []),
        ("It costs 12,50 €.", ("12.50",), []),
        ("It costs 12 €.", ("12.00",), []),
        ("इसका दाम १२.५० है।", ("12.50",), []),
        ("It costs €9.99.", ("Spinning top", "€12.50", "12.50"), ["9.99"]),
        ("It costs €112.50.", ("€12.50", "12.50"), ["112.50"]),
        ("Two for 1: 50% off!", ("€12.50",), ["1", "50"]),
        ("You get the Brown oxford as well.", ("Spinning top",), ["Brown oxford"]),
        ("Te doy la Zapatilla blanca.", ("Spinning top",), ["Zapatilla blanca"]),
        ("Leonardo DiCaprio wore it.", ("Inception",), ["Leonardo DiCaprio"]),
        ("There are 3 of them left.", ("3",), []),
        ("1,250 of them", ("1250",), []),
        ("Anything else?", (), []),
    ],
)
def test_figures_and_names_rest_on_facts(day: ShopDay, reply: str, facts: tuple[str, ...], why: list[str]) -> None:
    said = turn("what is it?", "found_product", reply, facts=facts)
    assert list(unfounded(said, names_of_shop(day.engine))) == why


def test_a_name_that_the_customer_said_is_no_promise(day: ShopDay) -> None:
    said = turn("is the brown oxford nice?", "smalltalk", "The Brown oxford is a shoe.")
    assert list(unfounded(said, names_of_shop(day.engine))) == []


def test_a_promise_is_found_with_its_line(day: ShopDay) -> None:
    day.talk(NOON, turn("how much?", "asked_price", "Only €1 for you.", facts=("€12.50",)))
    (found,) = watched(day)
    assert (found.kind, found.why, found.line) == ("promise", "1", "Only €1 for you.")


def test_without_a_model_promises_are_found_all_the_same_the_newest_first(day: ShopDay) -> None:
    for place, price in enumerate(("€1", "€2")):
        day.talk(NOON + 60_000 * place, turn("you crooks", "asked_price", f"Only {price} for you."))
    told = day.store.conversations.between(0, 2 * NOON)
    assert [each.why for each in watch(told, None, names_of_shop(day.engine))] == ["2", "1"]
