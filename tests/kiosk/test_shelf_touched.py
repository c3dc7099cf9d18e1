"""A good that is touched on the shop's shelf, before a word was said."""

import pytest

from tests.kiosk.conftest import Say
from walkiosk.kiosk import Kiosk


def test_a_good_that_was_touched_is_shown(say: Say) -> None:
    reply = say(action='show sku="OX-42"')
    assert (reply.event, reply.asks, reply.stage) == ("ask_size", "size", "talk")
    assert [card.name for card in reply.cards] == ["Brown oxford"]
    sized = say(action="size 42")
    assert (sized.event, sized.cards[0].sku) == ("found_product", "OX-42")
    assert say(action="choose 1 size=42 quantity=1").basket[0].name == "Brown oxford"


def test_it_is_shown_in_the_language_chosen_or_the_shops_first(say: Say, kiosk: Kiosk) -> None:
    assert say(action="show sku=OX-42").language == kiosk.languages[0]
    shown = say(action="show sku=OX-42", language="es")
    assert (shown.language, shown.cards[0].name) == ("es", "Zapato oxford marrón")


@pytest.mark.parametrize("sku", ["nothing", "", "OX-42' OR 1=1", "../customers.csv", "sku:c1"])
def test_what_the_shop_does_not_have_is_not_found(say: Say, sku: str) -> None:
    reply = say(action=f'show sku="{sku}"')
    assert (reply.event, reply.cards) == ("not_found", ())
