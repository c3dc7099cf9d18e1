"""Questions: goods with size and deal, names, counts, literals, two things of one name, nothing."""

from tests.kiosk.conftest import Say
from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script
from walkiosk.kiosk import Kiosk, Turn


def test_shoes_for_a_known_customer_come_in_their_size_with_their_deal(kiosk: Kiosk, script: Script) -> None:
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    account = kiosk.account(Turn(kiosk.start("c1"), SHOES_SAID))
    reply = account.reply
    assert (reply.event, account.product, reply.asks) == ("found_product", "OX-42", "")
    (card,) = reply.cards
    assert (card.size, card.price_cents, card.deal_cents, card.stock) == ("42", 8990, 7642, 3)
    assert card.sizes == ("41", "42")  # of 43 there is nothing left
    assert "€76.42" in reply.text and "Ana García" in reply.text and "Brown oxford" in reply.text
    assert [entity.id for entity in account.entities] == ["dicaprio", "nolan"]
    assert account.relations == ("acted_in", "directed", "has_scene", "has_appearance", "by", "shows")
    assert reply.trace[:3] == ("Leonardo DiCaprio", "Inception", "directed by Christopher Nolan")
    assert set(reply.milliseconds) == {"hear", "understand", "look_up", "decide", "word"}


def test_a_stranger_is_told_the_price_and_asked_for_the_size(kiosk: Kiosk, script: Script) -> None:
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    session = kiosk.start()
    account = kiosk.account(Turn(session, SHOES_SAID))
    reply = account.reply
    assert (reply.event, reply.asks, reply.options) == ("ask_size", "size", ("41", "42"))
    assert account.product == "OX-41" and reply.cards[0].size == "" and "85.41" not in reply.text
    assert "€89.90" in reply.text and "41, 42" in reply.text
    sized = kiosk.answer(Turn(session, action="size 42"))
    assert (sized.event, sized.cards[0].sku, sized.cards[0].size, sized.basket) == ("found_product", "OX-42", "42", ())


def test_a_size_in_the_question_is_not_asked_for(say: Say, script: Script) -> None:
    script.ask("oxfords in 42", "1 size = 42", ("Brown oxford", "product"))
    reply = say("oxfords in 42")
    assert (reply.event, reply.cards[0].sku, reply.asks) == ("found_product", "OX-42", "")


def test_the_answer_is_in_the_language_of_the_question(kiosk: Kiosk, script: Script) -> None:
    script.ask("los zapatos de DiCaprio", SHOES, *PEOPLE, language="es")
    reply = kiosk.answer(Turn(kiosk.start("c1"), "los zapatos de DiCaprio"))
    assert reply.language == "es" and reply.cards[0].name == "Zapato oxford marrón"
    assert "76,42\N{NO-BREAK SPACE}€" in reply.text


def test_the_models_words_are_said_when_it_has_some(say: Say, script: Script) -> None:
    script.words["smalltalk"] = "Hello you!"
    script.actions["hi"] = "smalltalk"
    assert say("hi").text == "Hello you!"


def test_the_wake_phrase_is_not_part_of_the_question(say: Say, script: Script) -> None:
    script.ask("Inception score", "1", ("Inception score", "product"))
    reply = say("Okay Walmart, Inception score")
    assert reply.event == "found_product" and reply.heard == "Okay Walmart, Inception score"


def test_names_counts_and_literals(say: Say, script: Script) -> None:
    script.ask("who was in Inception", "1 <acted_in", ("Inception", "film"))
    script.ask("how many films by Nolan", "1 >directed count", ("Nolan", "person"))
    script.ask("when did Inception come out", "1 >released", ("Inception", "film"))
    who = say("who was in Inception")
    assert who.event == "answer_entities" and "Leonardo DiCaprio" in who.text and not who.cards
    assert say("how many films by Nolan").text.count("3") == 1
    assert "July 16, 2010" in say("when did Inception come out").text


def test_several_goods_are_counted_and_shown(say: Say, script: Script) -> None:
    script.ask("what shoes are there", '*product category = "Shoes"')
    reply = say("what shoes are there")
    assert reply.event == "found_products" and "3" in reply.text
    assert [card.number for card in reply.cards] == [1, 2, 3]
    assert [card.name for card in reply.cards] == [
        "Black boot",
        "White trainer",
        "Brown oxford",
    ]  # sizes to be asked last


def test_two_things_of_one_name_are_asked_about_once(kiosk: Kiosk, script: Script) -> None:
    program = "1 >number"
    script.ask("which number is scene 1", program, ("scene 1", "scene"))
    session = kiosk.start()
    first = kiosk.answer(Turn(session, "which number is scene 1"))
    assert (first.event, first.asks, len(first.options)) == ("which_one", "which", 2)
    picked = kiosk.answer(Turn(session, action="choose 2"))
    assert picked.event == "answer_literal"
    assert kiosk.answer(Turn(session, "which number is scene 1")).event == "answer_literal"


def test_the_customers_words_pick_one_of_two(kiosk: Kiosk, script: Script) -> None:
    script.ask("number of scene 1", "1 >number", ("scene 1", "scene"))
    session = kiosk.start()
    asked = kiosk.answer(Turn(session, "number of scene 1"))
    assert asked.asks == "which"
    script.actions["the second one"] = "choose 2"
    assert kiosk.answer(Turn(session, "the second one")).event == "answer_literal"


def test_what_is_not_there_is_not_found(say: Say, script: Script) -> None:
    script.ask("shoes of Zyxwvut Qqq", "1 <by >shows", ("Zyxwvut Qqq", "person"))
    assert say("shoes of Zyxwvut Qqq").event == "not_found"
    script.ask("something nobody can look up", None)
    assert say("something nobody can look up").event == "not_found"


def test_a_fact_without_goods_is_told(say: Say, script: Script) -> None:
    script.ask("what did Nolan wear", "1 <by >shows", ("Christopher Nolan", "person"))
    reply = say("what did Nolan wear")
    assert reply.event == "nothing_sold" and "Christopher Nolan" in reply.text


def test_a_program_that_the_graph_cannot_run_is_not_found(say: Say, script: Script) -> None:
    script.ask("nonsense", "1 >shows", ("Inception", "film"))
    script.ask("more nonsense", "2 >acted_in", ("DiCaprio", "person"))
    assert say("nonsense").event == say("more nonsense").event == "not_found"


def test_questions_about_what_is_shown(say: Say, script: Script) -> None:
    script.ask("spinning top", "1", ("Spinning top", "product"))
    assert say("spinning top").event == "found_product"
    for what, event in (
        ("price", "asked_price"), ("stock", "asked_stock"), ("description", "asked_description"), ("deal", "no_deal"),
        ("sizes", "asked_description"), ("colours", "asked_description"), ("age", "asked_description"),
        ("total", "basket_empty"),
    ):  # fmt: skip
        assert say(action=f"ask {what}").event == event, what


def test_cheaper_other_and_compare(say: Say, script: Script) -> None:
    script.ask("boots", "1", ("Black boot", "product"))
    script.ask("all shoes", '*product category = "Shoes"')
    assert say("boots").event == "found_product"
    cheaper = say(action="cheaper")
    assert [card.name for card in cheaper.cards] == ["White trainer", "Brown oxford"]
    assert say(action="compare 1 2").event == "compare"
    assert say(action="compare 1 9").event == "clarify"
    assert say("all shoes").event == "found_products"
    assert say(action="other kind").event == "none_other"
    assert say(action="choose 2 quantity=1").event == "added"
    assert say(action="cheaper").event == "none_cheaper"


def test_more_than_the_screen_holds_is_shown_on_request(kiosk: Kiosk, script: Script) -> None:
    script.ask("everything", "*product")
    session = kiosk.start()
    first = kiosk.answer(Turn(session, "everything"))
    script.actions["more"] = "show"
    second = kiosk.answer(Turn(session, "more"))
    assert len(first.cards) == 6 and len(second.cards) == 1 and "7" in first.text
    assert kiosk.answer(Turn(session, "more")).event == "none_other"


def test_the_model_reads_the_screen_and_what_was_said(say: Say, script: Script) -> None:
    script.ask("spinning top", "1", ("Spinning top", "product"))
    found = say("spinning top")
    script.actions["hm"] = "smalltalk"
    say("hm")
    screen, basket, history = script.seen[-1]
    assert [item.name for item in screen] == ["Spinning top"] and basket == []
    assert [(said.who, said.text) for said in history] == [
        ("customer", "spinning top"), ("kiosk", found.text), ("customer", "hm"),
    ]  # fmt: skip


def test_doubt_about_the_action_is_settled_by_a_sure_question(say: Say, script: Script) -> None:
    script.actions["hello"] = "smalltalk"
    say("hello")
    script.ask("spinning top", "1", ("Spinning top", "product"))
    script.actions["spinning top"] = "ask price"  # nothing is on the screen yet
    assert say("spinning top").event == "found_product"
