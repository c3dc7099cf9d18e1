"""From choosing to thanks: sizes, caps, stock, paying, declined, jammed, feedback."""

import pytest

from tests.kiosk.conftest import Say
from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script
from walkiosk.kiosk import Kiosk, Line, Reply, Turn
from walkiosk.store import office_tables, tables
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.payment import SimulatedReader


@pytest.fixture
def shoes(script: Script) -> str:
    """A sentence that finds the oxfords."""
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    script.ask("spinning top", "1", ("Spinning top", "product"))
    script.ask("boots", "1", ("Black boot", "product"))
    return SHOES_SAID


def buy(kiosk: Kiosk, session: str, *things: str) -> list[Reply]:
    """Chooses what each sentence finds, goes to pay, and pays."""
    for thing in things:
        kiosk.answer(Turn(session, thing))
        assert kiosk.answer(Turn(session, action="choose 1 quantity=1")).event == "added"
    assert kiosk.answer(Turn(session, action="checkout")).stage == "checkout"
    paying = kiosk.answer(Turn(session, action="pay"))
    assert (paying.event, paying.stage) == ("paying", "paying")
    steps = list(kiosk.pay(session))
    assert steps[0] == paying
    return steps


def test_a_whole_purchase(
    kiosk: Kiosk, script: Script, shoes: str, reader: SimulatedReader, dispenser: SimulatedDispenser
) -> None:
    session = kiosk.start("c1")
    script.actions |= {
        "I want to buy it": "choose",
        "that's all": "checkout",
        "pay": "pay",
        "great, four stars": "feedback stars=4 words",
    }
    kiosk.answer(Turn(session, shoes))
    added = kiosk.answer(Turn(session, "I want to buy it"))
    assert added.event == "added" and added.basket == (Line("Brown oxford", 1, 7642),) and added.total_cents == 7642
    asked = kiosk.answer(Turn(session, "pay"))  # the model's word alone takes no money: the total comes first
    assert (asked.event, asked.stage) == ("checkout", "checkout") and "Ana García" in asked.text
    assert reader.held_cents() == 0
    paying = kiosk.answer(Turn(session, "pay"))
    steps = list(kiosk.pay(session))
    assert paying.stage == "paying"
    assert [step.event for step in steps] == ["paying", "dispensing", "thanks"]
    assert [step.stage for step in steps] == ["paying", "dispensing", "thanks"]
    assert "Brown oxford" in steps[1].text and "Ana García" in steps[2].text
    assert steps[2].asks == "stars" and steps[2].basket == added.basket and not steps[2].cards
    assert reader.taken_cents() == 7642 and dispenser.dropped() == {"A2": 1}
    assert kiosk.shop.store.inventory.available("OX-42") == 2
    thanked = kiosk.answer(Turn(session, "great, four stars"))
    assert (thanked.event, thanked.stage) == ("feedback_thanks", "thanks")
    (remark,) = kiosk.shop.store.feedback.remarks()
    assert (remark.stars, remark.words) == (4, "great, four stars") and remark.sale_id
    again = kiosk.answer(Turn(session, "spinning top"))
    assert (again.stage, again.basket) == ("talk", ())


def test_a_size_is_asked_before_anything_is_bought(kiosk: Kiosk, script: Script, shoes: str) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, shoes))
    script.actions |= {"two pairs": "choose quantity=2", "forty-one": "choose size=41", "43 then": "choose size=43"}
    asked = kiosk.answer(Turn(session, "two pairs"))
    assert (asked.event, asked.asks, asked.basket) == ("ask_size", "size", ())
    missing = kiosk.answer(Turn(session, "43 then"))
    assert (missing.event, missing.options, missing.basket) == ("size_missing", ("41", "42"), ())
    added = kiosk.answer(Turn(session, "forty-one"))
    assert added.event == "added" and [(line.quantity) for line in added.basket] == [2]


def test_a_size_that_does_not_exist_is_missing(say: Say, shoes: str) -> None:
    say(shoes)
    reply = say(action="size 99")
    assert reply.event == "size_missing" and "99" in reply.text and reply.asks == "size"


def test_the_size_stands_in_the_words_when_the_model_saw_no_choice(say: Say, shoes: str) -> None:
    say(shoes)
    assert say("42 I think").cards[0].sku == "OX-42"


def test_quantities_stay_within_the_shops_caps(say: Say, shoes: str) -> None:
    say("spinning top")
    for words in ("quantity=3", "quantity=999999", "quantity=" + "9" * 5000):
        over = say(action=f"choose 1 {words}")
        assert over.event == "over_cap" and "2" in over.text and over.basket == ()
    assert say(action="choose 1 quantity=2").basket[0].quantity == 2
    say("boots")
    short = say(action="choose 1 size=42 quantity=3")
    assert short.event == "asked_stock" and "1" in short.text and len(short.basket) == 1


def test_things_come_out_of_the_basket(say: Say, shoes: str) -> None:
    assert say(action="remove 1").event == "basket_empty"
    say("spinning top")
    say(action="choose 1 quantity=2")
    assert say(action="remove 7").event == "basket"
    assert say(action="remove 1 quantity=1").basket[0].quantity == 1
    gone = say(action="remove 1")
    assert gone.event == "removed" and gone.basket == () and "Spinning top" in gone.text


def test_a_choice_that_fits_nothing_on_the_screen(say: Say, script: Script, shoes: str) -> None:
    say("boots")
    assert say(action="choose 5").event == "clarify"
    script.ask("all shoes", '*product category = "Shoes"')
    say("all shoes")
    script.actions["I'll take it"] = "choose"
    which = say("I'll take it")
    assert which.event == "which_one" and which.options == ("Black boot", "White trainer", "Brown oxford")
    script.actions["the white one"] = "choose colour=white"
    assert say("the white one").basket[0].name == "White trainer"
    script.actions["in pink"] = "choose colour=pink"
    assert say("in pink").event == "asked_colours"


def test_a_colour_in_the_customers_language(say: Say, script: Script) -> None:
    script.ask("zapatos", '*product category = "Shoes"', language="es")
    say("zapatos")
    script.actions["el blanco"] = "choose colour=blanco"
    script.questions["el blanco"] = ((), '*product colour = "white"')
    assert say("el blanco").basket[0].name == "Zapatilla blanca"


def test_declined_then_paid_with_another_card(kiosk: Kiosk, shoes: str, reader: SimulatedReader) -> None:
    session = kiosk.start("c1")
    reader.decline_next()
    declined = buy(kiosk, session, shoes)[-1]
    assert (declined.event, declined.stage, len(declined.basket)) == ("declined", "checkout", 1)
    assert reader.taken_cents() == 0
    assert kiosk.answer(Turn(session, action="pay")).event == "paying"
    assert [step.event for step in kiosk.pay(session)] == ["paying", "dispensing", "thanks"]
    assert reader.taken_cents() == 7642


def test_after_declined_the_basket_can_change(kiosk: Kiosk, shoes: str, reader: SimulatedReader) -> None:
    session = kiosk.start("c1")
    reader.decline_next()
    buy(kiosk, session, shoes)
    kiosk.answer(Turn(session, "spinning top"))
    assert len(kiosk.answer(Turn(session, action="choose 1 quantity=1")).basket) == 2
    kiosk.answer(Turn(session, action="pay"))
    assert list(kiosk.pay(session))[-1].event == "thanks" and reader.taken_cents() == 7642 + 1250


def test_a_jam_costs_nothing(kiosk: Kiosk, shoes: str, reader: SimulatedReader, dispenser: SimulatedDispenser) -> None:
    session = kiosk.start("c1")
    dispenser.jam_next("A2")
    jammed = buy(kiosk, session, shoes)[-1]
    assert (jammed.event, jammed.stage) == ("jammed", "talk") and "€76.42" in jammed.text
    assert reader.taken_cents() == reader.held_cents() == 0


def test_half_a_jam_costs_what_fell(
    kiosk: Kiosk, shoes: str, reader: SimulatedReader, dispenser: SimulatedDispenser
) -> None:
    session = kiosk.start("c1")
    dispenser.jam_next("A2")
    jammed = buy(kiosk, session, shoes, "spinning top")[-1]
    assert (jammed.event, jammed.stage, jammed.asks) == ("jammed", "thanks", "stars") and "€76.42" in jammed.text
    assert reader.taken_cents() == 1250


def test_an_unreachable_bank_is_a_decline_that_can_be_repeated(
    kiosk: Kiosk, shoes: str, reader: SimulatedReader
) -> None:
    session = kiosk.start("c1")
    reader.lose_next("authorise", "after")
    assert buy(kiosk, session, shoes)[-1].event == "declined"
    kiosk.answer(Turn(session, action="pay"))
    assert list(kiosk.pay(session))[-1].event == "thanks"
    assert reader.taken_cents() == 7642 and reader.held_cents() == 0


@pytest.mark.parametrize("touch", ["remove 1", "choose 1 quantity=1", "cancel"])
def test_a_sale_that_the_bank_may_have_taken_is_not_changed(
    kiosk: Kiosk, shoes: str, reader: SimulatedReader, touch: str
) -> None:
    session = kiosk.start("c1")
    reader.lose_next("authorise", "after")
    buy(kiosk, session, shoes)
    reader.lose_next("find", "before")
    refused = kiosk.answer(Turn(session, action=touch))
    assert (refused.event, refused.stage, refused.total_cents) == ("refused", "checkout", 7642)
    assert kiosk.answer(Turn(session, action=touch)).event in (
        "removed",
        "added",
        "cancelled",
    )  # the bank answers again
    assert reader.held_cents() == reader.taken_cents() == 0


def test_what_needs_an_age_check_is_never_paid(
    kiosk: Kiosk, script: Script, shoes: str, reader: SimulatedReader
) -> None:
    with kiosk.shop.store.engine.begin() as connection:
        connection.execute(tables.product.update().where(tables.product.c.sku == "TO-1").values(minimum_age=18))
    session = kiosk.start()
    script.actions |= {"let me pay": "pay"}
    for thing in ("boots", "spinning top"):
        kiosk.answer(Turn(session, thing))
        kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    for turn in (
        Turn(session, action="checkout"), Turn(session, action="pay"), Turn(session, "let me pay"),
    ):  # fmt: skip
        checked = kiosk.answer(turn)
        assert (checked.event, checked.stage) == ("age_check", "talk") and "Spinning top" in checked.text
    assert [step.event for step in kiosk.pay(session)] == ["age_check"]
    assert reader.held_cents() == reader.taken_cents() == 0
    assert kiosk.answer(Turn(session, action="remove 2")).event == "removed"
    assert kiosk.answer(Turn(session, action="pay")).event == "paying"


def test_paying_for_nothing(kiosk: Kiosk) -> None:
    session = kiosk.start()
    assert kiosk.answer(Turn(session, action="checkout")).event == "basket_empty"
    assert kiosk.answer(Turn(session, action="pay")).event == "basket_empty"
    assert [step.event for step in kiosk.pay(session)] == ["basket_empty"]


def test_somebody_else_took_the_last_one(kiosk: Kiosk, shoes: str) -> None:
    first, second = kiosk.start(), kiosk.start()
    for session in (first, second):
        kiosk.answer(Turn(session, "boots"))
        assert kiosk.answer(Turn(session, action="choose 1 quantity=1")).event == "added"
    assert kiosk.answer(Turn(first, action="pay")).event == "paying"
    late = kiosk.answer(Turn(second, action="pay"))
    assert (late.event, late.stage) == ("out_of_stock", "talk")
    kiosk.end(first)  # what was held is free again
    assert kiosk.answer(Turn(second, action="pay")).event == "paying"


def test_cancel_lets_go_of_everything(kiosk: Kiosk, shoes: str) -> None:
    session = kiosk.start("c1")
    kiosk.answer(Turn(session, "boots"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="pay"))
    cancelled = kiosk.answer(Turn(session, action="cancel"))
    assert (cancelled.event, cancelled.stage, cancelled.basket, cancelled.cards) == ("cancelled", "talk", (), ())
    assert kiosk.shop.store.inventory.available("BO-42") == 1


def test_passers_by_leave_no_basket(kiosk: Kiosk, shoes: str) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, "boots"))
    kiosk.end(session)
    with kiosk.shop.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM basket").scalar() == 0


def test_several_things_are_chosen_at_once_and_wait_for_a_size(kiosk: Kiosk, script: Script, shoes: str) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, shoes))
    goods = [card.name for card in kiosk.answer(Turn(session, action="other kind")).cards]
    assert len(goods) > 1
    script.actions |= {"both of them": "choose 1 2"}
    reply = kiosk.answer(Turn(session, "both of them"))
    while reply.asks == "size":
        reply = kiosk.answer(Turn(session, action=f"size {reply.options[0]}"))
    assert reply.event == "added" and [(line.name, line.quantity) for line in reply.basket] == [
        (n, 1) for n in goods[:2]
    ]
    assert all(name in reply.text for name in goods[:2])


def test_what_was_shown_before_comes_back(kiosk: Kiosk, script: Script, shoes: str) -> None:
    session = kiosk.start()
    first = kiosk.answer(Turn(session, shoes))
    other = kiosk.answer(Turn(session, "spinning top"))
    assert other.cards and other.cards != first.cards
    script.actions["the first ones again"] = "show back"
    back = kiosk.answer(Turn(session, "the first ones again"))
    assert back.cards == first.cards and back.trace == first.trace
    assert kiosk.answer(Turn(session, action="show back")).event == "none_other"
    kiosk.answer(Turn(session, action="cancel"))
    assert kiosk.answer(Turn(session, action="show back")).event == "none_other"  # for nobody else


def test_a_clerk_who_has_seen_the_age_types_their_code(
    kiosk: Kiosk, script: Script, shoes: str, reader: SimulatedReader
) -> None:
    store = kiosk.shop.store
    with store.engine.begin() as connection:
        connection.execute(tables.product.update().where(tables.product.c.sku == "TO-1").values(minimum_age=18))
    store.accounts.add("rosa", "a long password", "clerk")
    code = store.clerk_codes.make("rosa")
    session = kiosk.start()
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    assert kiosk.answer(Turn(session, action="checkout")).asks == "clerk"
    script.actions["the code"] = f"clerk code={code}"
    assert kiosk.answer(Turn(session, "the code")).event == "clerk_coming"  # a code that is only said opens nothing
    wrong = kiosk.answer(Turn(session, action="clerk code=00000000"))
    assert (wrong.event, wrong.asks) == ("identify_failed", "clerk")
    assert kiosk.answer(Turn(session, action=f"clerk code={code}")).stage == "checkout"
    assert kiosk.answer(Turn(session, action="pay")).event == "paying"
    assert [step.event for step in kiosk.pay(session)][-1] == "thanks"
    assert reader.taken_cents() == 1250
    with store.engine.connect() as connection:
        (check,) = connection.execute(office_tables.age_check.select()).all()
    assert check.name == "rosa"
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    assert kiosk.answer(Turn(session, action="checkout")).event == "age_check"  # the next sale is another one


def test_guessing_clerks_codes_closes_their_door(kiosk: Kiosk) -> None:
    kiosk.shop.store.accounts.add("rosa", "a long password", "clerk")
    code = kiosk.shop.store.clerk_codes.make("rosa")
    session = kiosk.start()
    for guess in range(5):
        assert kiosk.answer(Turn(session, action=f"clerk code={guess:08}")).event == "identify_failed"
    assert kiosk.answer(Turn(session, action=f"clerk code={code}")).event == "identify_failed"
