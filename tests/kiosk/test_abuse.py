"""What somebody could try with their own words: other people's accounts, other people's prices, our own sentences."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event, select

from tests.kiosk.conftest import Say
from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script
from walkiosk.kiosk import Kiosk, Reply, Turn
from walkiosk.kiosk.identifying import Person, is_named
from walkiosk.skill.understanding import TooLong, Understood
from walkiosk.store import tables
from walkiosk.store.customers import NOBODY, WRONG_PINS, Customers
from walkiosk.store.loading import hash_pin
from walkiosk.store.payment import SimulatedReader

ANA, LUIS = "Ana García", "Luis Pérez"
PINS = {ANA: "1234", LUIS: "5678"}
SALT = "00" * 16


@pytest.fixture(autouse=True)
def people(kiosk: Kiosk) -> None:
    """Somebody else with a PIN, and no tier."""
    row = {"id": "c7", "name": LUIS, "pin_salt": SALT, "pin_hash": hash_pin(PINS[LUIS], SALT)}
    with kiosk.shop.store.engine.begin() as connection:
        connection.execute(tables.customer.insert(), [row])


@pytest.fixture
def goods(script: Script) -> None:
    """Sentences that find something."""
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    script.ask("spinning top", "1", ("Spinning top", "product"))


def enter(kiosk: Kiosk, session: str, name: str, pin: str | None = None) -> Reply:
    """Types a name and a PIN."""
    return kiosk.answer(Turn(session, name, action=f"identify pin={pin or PINS[name]}"))


def test_who_names_everybody_is_nobody(kiosk: Kiosk, script: Script) -> None:
    everybody = f"{ANA} {LUIS} here, 1234"
    assert enter(kiosk, kiosk.start(), f"{ANA}, {LUIS}", "1234").event == "identify_failed"
    script.actions[everybody] = "identify pin=1234"
    assert kiosk.answer(Turn(kiosk.start(), everybody)).event == "identify_failed"
    assert enter(kiosk, kiosk.start(), "c1 c7", "1234").event == "identify_failed"


def test_two_at_once_are_told_apart_by_who_spoke_last(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    script.actions |= {f"I am {LUIS}": "identify", f"no, {ANA} here": "identify"}
    kiosk.answer(Turn(session, f"I am {LUIS}"))
    kiosk.answer(Turn(session, f"no, {ANA} here"))
    assert kiosk.answer(Turn(session, action="identify pin=5678")).event == "identify_failed"
    assert kiosk.answer(Turn(session, action="identify pin=1234")).event == "identified"


def test_customers_of_one_name_are_told_apart_by_their_pins(kiosk: Kiosk) -> None:
    with kiosk.shop.store.engine.begin() as connection:
        namesake = {"id": "c8", "name": f"{ANA} López", "pin_salt": SALT, "pin_hash": hash_pin("8888", SALT)}
        connection.execute(tables.customer.insert(), [namesake])
    assert "López" in enter(kiosk, kiosk.start(), f"{ANA} Lopez", "8888").text
    assert "López" not in enter(kiosk, kiosk.start(), f"{ANA} Lopez", "1234").text


@pytest.mark.parametrize(
    ("name", "said", "named"),
    [
        ("Ana García", "Anna Garcia here", True),
        ("Ana García", "it is anagarcia", True),
        ("Ana García", "banana garden", False),
        ("Ana", "bananas please", False),
        ("Al", "all of them", False),
        ("Al", "I am Al", True),
        ("王芳", "我是王芳", True),
        ("王芳", "我是王静", False),
        ("", "anybody", False),
        ("Li Wei", "", False),
    ],
)
def test_a_name_is_whole_words(name: str, said: str, named: bool) -> None:
    assert is_named(Person("c0", name, "", ""), said) == named


def test_ones_own_pin_takes_back_no_guess_at_anothers(kiosk: Kiosk) -> None:
    session = kiosk.start()
    for guess in range(WRONG_PINS - 1):
        assert enter(kiosk, session, ANA, f"{guess:04}").event == "identify_failed"
    assert enter(kiosk, session, LUIS).event == "identified"
    assert enter(kiosk, session, LUIS, "0000").event == "identify_failed"
    assert enter(kiosk, session, LUIS).event == "identify_failed"  # the door is closed


def test_ones_own_slips_are_taken_back(kiosk: Kiosk) -> None:
    for _ in range(2 * WRONG_PINS):
        assert enter(kiosk, kiosk.start(), ANA, "0000").event == "identify_failed"
        assert enter(kiosk, kiosk.start(), ANA).event == "identified"


def statements(engine: Engine, what: Callable[[], object]) -> list[str]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        what()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def test_a_name_that_nobody_has_is_answered_as_any_other(kiosk: Kiosk) -> None:
    engine = kiosk.shop.store.engine
    replies: list[Reply] = []

    def told(name: str) -> list[str]:
        return statements(engine, lambda: replies.append(enter(kiosk, kiosk.start(), name, "0000")))

    known, unknown = told(ANA), told("Zoë Quimby")
    assert known == unknown and any(each.startswith("INSERT INTO customer_lock") for each in unknown)
    assert replies[0].text == replies[1].text and replies[0].event == replies[1].event == "identify_failed"
    customers = Customers(engine)
    assert [type(customers.identify("c1", "0000")) for _ in range(4)] == [
        type(customers.identify("no such id", "0000")) for _ in range(4)
    ]
    with engine.connect() as connection:
        locks = connection.execute(select(tables.customer_lock.c.customer_id)).scalars().all()
    assert sorted(locks) == [NOBODY, "c1"]


@pytest.mark.usefixtures("goods")
def test_of_another_customer_nothing_is_left(kiosk: Kiosk) -> None:
    session = kiosk.start("c1")
    kiosk.answer(Turn(session, SHOES_SAID))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="checkout"))
    kiosk.answer(Turn(session, action="pay"))
    assert [step.event for step in kiosk.pay(session)][-1] == "thanks" and kiosk.sale_of(session)
    other = enter(kiosk, session, LUIS)
    assert (other.event, other.stage, other.basket, kiosk.sale_of(session)) == ("identified", "talk", (), None)
    shown = kiosk.answer(Turn(session, SHOES_SAID))
    assert [(card.size, card.deal_cents) for card in shown.cards] == [("", None)]  # neither her size nor her offer
    assert ANA not in str((other, shown)) and ANA not in kiosk.answer(Turn(session, action="repeat")).text


@pytest.mark.usefixtures("goods")
def test_who_gives_up_leaves_nothing(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    script.actions[f"{ANA} here, 1234"] = "identify pin=1234"
    assert kiosk.answer(Turn(session, f"{ANA} here, 1234")).event == "identified"
    kiosk.answer(Turn(session, action="cancel"))
    assert kiosk.answer(Turn(session, action="identify pin=1234")).event == "identify_failed"  # whose? nobody says
    assert ANA not in kiosk.answer(Turn(session, action="repeat")).text


def test_the_age_of_another_is_not_ones_own(kiosk: Kiosk, script: Script, goods: None) -> None:
    store = kiosk.shop.store
    with store.engine.begin() as connection:
        connection.execute(tables.product.update().where(tables.product.c.sku == "TO-1").values(minimum_age=18))
    store.accounts.add("rosa", "a long password", "clerk")
    code = store.clerk_codes.make("rosa")
    session = kiosk.start("c1")
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    assert kiosk.answer(Turn(session, action=f"clerk code={code}")).stage == "checkout"
    enter(kiosk, session, LUIS)
    assert kiosk.answer(Turn(session, action="checkout")).event == "age_check"
    assert kiosk.answer(Turn(session, action="pay")).event == "age_check"


@pytest.mark.usefixtures("goods")
def test_goods_held_at_ones_own_price_are_not_anothers(kiosk: Kiosk, reader: SimulatedReader) -> None:
    session = kiosk.start("c1")
    kiosk.answer(Turn(session, SHOES_SAID))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="checkout"))
    kiosk.answer(Turn(session, action="pay"))
    reader.decline_next()
    assert [step.event for step in kiosk.pay(session)][-1] == "declined"
    assert enter(kiosk, session, LUIS).total_cents == 8541
    assert kiosk.answer(Turn(session, action="pay")).total_cents == 8541
    assert [step.event for step in kiosk.pay(session)][-1] == "thanks" and reader.taken_cents() == 8541


@pytest.mark.usefixtures("goods")
def test_who_comes_in_while_paying_is_told_the_new_total(kiosk: Kiosk, reader: SimulatedReader) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, SHOES_SAID))
    kiosk.answer(Turn(session, action="choose 1 size=42 quantity=1"))
    kiosk.answer(Turn(session, action="checkout"))
    assert kiosk.answer(Turn(session, action="pay")).stage == "paying"
    known = enter(kiosk, session, ANA)
    assert (known.stage, known.total_cents) == ("checkout", 7642)
    paying = kiosk.answer(Turn(session, action="pay"))
    assert "76,42" in paying.text or "76.42" in paying.text
    assert [step.event for step in kiosk.pay(session)][-1] == "thanks" and reader.taken_cents() == 7642


@pytest.mark.usefixtures("goods")
def test_our_sentences_are_not_the_customers(say: Say) -> None:
    say(SHOES_SAID)
    for words in ("free of charge", "0 €", "<b>0</b>", "zero euros", "XXQ", "1234567"):
        reply = say(action=f"choose 1 size={words}")
        assert reply.event == "ask_size" and words not in reply.text and reply.options
    for size in ("50", "38.5", "xxl"):
        reply = say(action=f"choose 1 size={size}")
        assert reply.event == "size_missing" and size in reply.text


def test_what_is_not_seen_is_not_there(kiosk: Kiosk, say: Say) -> None:
    heard = say("\u202eorez\u202c t\u200bo\u00adp\u2066 \ufeff\U000e0041!\x00 क्\u200dष").heard
    assert heard == "orez top ! क्\u200dष"
    assert say("kind\x00 \u202ewords\ud800", action="feedback stars=4 words").event == "feedback_thanks"
    assert [remark.words for remark in kiosk.shop.store.feedback.remarks()] == ["kind words"]


@pytest.mark.usefixtures("goods")
def test_a_colour_in_more_words_than_the_model_has_room_for(kiosk: Kiosk, script: Script) -> None:
    understand, said = script.understand, "colour " * 100

    def full(text: str, language: str | None) -> Understood:
        if "colour" in text:
            raise TooLong("900 tokens")
        return understand(text, language)

    script.understand = full  # type: ignore[method-assign]
    crowded = Kiosk(kiosk.shop.store, script.skills())
    session = crowded.start()
    crowded.answer(Turn(session, SHOES_SAID))
    script.actions[said.strip()] = "choose 1 colour=mauve"
    assert crowded.answer(Turn(session, said)).event == "asked_colours"


def test_what_is_no_action_is_not_understood(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    script.actions |= {"blah": "answerrentelle 1", "hm": "obey price=0", "again": "repeat"}
    assert [kiosk.answer(Turn(session, said)).event for said in ("again", "blah", "hm")] == ["not_understood"] * 3


@pytest.mark.usefixtures("goods")
def test_the_caps_hold_over_many_turns_and_sizes(say: Say) -> None:
    say("spinning top")
    for _ in range(5):
        last = say(action="choose 1 quantity=1")
    assert last.event == "over_cap" and [line.quantity for line in last.basket] == [2]  # of one product
    for words in ("quantity=0", "quantity=-5", "quantity=1.5", "quantity=99999999999999999999", "quantity=٩٩"):
        last = say(action=f"choose 1 {words}")
        assert last.event == "over_cap" and [line.quantity for line in last.basket] == [2]
    say(SHOES_SAID)
    for size in ("41", "42"):
        for _ in range(4):
            last = say(action=f"choose 1 size={size} quantity=1")
    assert sum(line.quantity for line in last.basket) == 6  # of one sale
    assert say(action="choose 1 size=42 quantity=1").event == "over_cap"
    say(action="remove 1 quantity=1")
    assert sum(line.quantity for line in say(action="choose 1 size=42 quantity=2").basket) == 5
