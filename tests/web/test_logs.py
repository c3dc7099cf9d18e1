"""What a kiosk logs, with every logger wide open: nothing of a customer, whatever they say and whatever breaks."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from tests.kiosk.script import Script
from tests.web.customer import Customer
from walkiosk import logs
from walkiosk.kiosk import Kiosk
from walkiosk.kiosk.guarding import watch_over
from walkiosk.skill.understanding import Understood
from walkiosk.web.app import create_app

NOISY = ("", "walkiosk", "sqlalchemy.engine", "sqlalchemy.pool", "asyncio", "uvicorn.error", "websockets", "alembic")


class Log:
    """What was logged, as text and line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Everything that is logged, from debug on and by everybody; the loggers are put back afterwards."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in (*NOISY, logs.ACCESS)}
    kept = Log()
    handler = logs.set_up("debug", kept.stream, access=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    for other in handlers:
        root.addHandler(other)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_a_purchase_leaves_nothing_of_the_customer(film_kiosk: Kiosk, script: Script, log: Log) -> None:
    card, remark = "4111 1111 1111 1111", "the grumpy walrus sold me a squeaky top"
    script.actions |= {f"charge {card} please": "not_understood", "it is me, Ana García": "smalltalk"}
    script.words["thanks"] = "Thank you, Ana García!"

    def broken(text: str, language: str | None) -> Understood:
        raise ValueError(f"{text} cannot be read")

    film_kiosk.keep_conversations()
    with TestClient(create_app(film_kiosk)) as client, client.websocket_connect("/kiosk?name=Ana") as socket:
        customer = Customer(socket)
        customer.send("text", text="it is me, Ana García")
        customer.send("touch", action="identify name=Ana García pin=1234")
        customer.send("touch", action="identify pin=1234")
        customer.send("text", text=f"charge {card} please")
        customer.send("text", text="spinning top")
        while customer.answer()["event"] != "found_product":
            pass
        for action in ("choose 1 quantity=1", "checkout", "pay"):
            customer.send("touch", action=action)
        while customer.answer()["event"] != "thanks":
            pass
        customer.send("touch", action="feedback stars=2 words", text=remark)
        customer.send("touch", action="clerk García")
        while customer.answer()["event"] != "clerk_coming":
            pass
        film_kiosk.take(type(film_kiosk.shop.skills)(**{**vars(film_kiosk.shop.skills), "understand": broken}))
        customer.send("start_over")
        customer.send("text", text="I am Ana García and my PIN is 1234")
        assert customer.until("problem")["what"] == "failed"
        client.get("/healthz?customer=Ana")
    film_kiosk.journal.close()
    assert "a turn failed" in log.text and "asks for a clerk" in log.text
    assert [line["raised"] for line in log.lines if "raised" in line] == ["ValueError"]
    said = log.text.casefold()
    for secret in ("ana", "garcía", "garc\\u00eda", "1234", "4111", "1111", "walrus", "squeaky", "spinning", "charge"):
        assert secret not in said, [line for line in log.text.splitlines() if secret in line.casefold()]


def test_a_part_that_breaks_is_told_without_its_words(film_kiosk: Kiosk, script: Script, log: Log) -> None:
    watch_over(film_kiosk, skills=script.skills)
    guards = film_kiosk.guards
    assert guards is not None
    with pytest.raises(RuntimeError, match="hearing broke"):
        guards.hearing.call(lambda: {}["Ana García"])
    (line,) = [line for line in log.lines if line["from"] == "walkiosk.kiosk.watchdog"]
    assert (line["said"], line["raised"], line["level"]) == ("hearing broke: KeyError", "KeyError", "warning")
    assert line["where"][0].startswith("walkiosk/kiosk/watchdog.py:") and "Ana" not in log.text


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("the PIN 1234 was typed", "the PIN … was typed"),
        ("1 2 3 4", "…"),
        ("card 4111-1111 1111.1111, thanks", "card …, thanks"),
        ("code 123456", "code …"),
        ("४७११", "…"),
        ("shown WK-ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 here", "shown … here"),
        (f"sale {'12ab' * 8} of 4111111111111111", f"sale {'12ab' * 8} of …"),
        ("size 42, 3 turns wait, 1.5 s", "size 42, 3 turns wait, 1.5 s"),
        ("a" * 600, "a" * 500 + "…"),
    ],
)
def test_the_second_fence(log: Log, said: str, left: str) -> None:
    logging.getLogger("walkiosk.test").info("%s", said)
    logging.getLogger("somebody.elses").warning(said.replace("%", "%%"))
    assert [line["said"] for line in log.lines] == [left, left]


def test_other_peoples_finer_lines_are_not_heard(log: Log) -> None:
    logging.getLogger("websockets.server").debug('< TEXT \'{"text": "Ana"}\'')
    logging.getLogger("sqlalchemy.engine.Engine").info("Row ('c1', 'Ana García')")
    logging.getLogger("walkiosker").info("not ours")
    assert log.lines == []


def test_arguments_that_do_not_fit_are_left_out() -> None:
    record = logging.LogRecord("somebody", logging.ERROR, "file.py", 1, "%d things", ("Ana",), None)
    assert json.loads(logs.Lines().format(record))["said"] == "%d things"


def test_a_task_that_nobody_awaited_is_told_without_what_it_raised(log: Log) -> None:
    async def forgotten() -> None:
        async def fail() -> None:
            raise ValueError("Ana García")

        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        del task

    asyncio.run(forgotten())
    assert [line["said"] for line in log.lines if line["from"] == "asyncio"] == ["Task exception was never retrieved"]
    assert "Ana" not in log.text


def test_the_access_log_has_no_queries_and_no_addresses(log: Log) -> None:
    config = uvicorn.Config("x:y", log_config=None)
    config.configure_logging()
    told = ("192.0.2.7:5", "GET", "/customers/4711?q=Ana", "1.1", 200)
    logging.getLogger(logs.ACCESS).info('%s - "%s %s HTTP/%s" %d', *told)
    (line,) = log.lines
    assert {"method": "GET", "path": "/customers/…", "status": 200}.items() <= line.items()
    assert "Ana" not in log.text and "192" not in log.text


def test_without_being_asked_for_there_is_no_access_log(log: Log) -> None:
    handler = logs.set_up("debug", log.stream)
    logging.getLogger(logs.ACCESS).setLevel(logging.DEBUG)
    logging.getLogger(logs.ACCESS).info('%s - "%s %s HTTP/%s" %d', "a", "GET", "/", "1.1", 200)
    logging.getLogger().removeHandler(handler)
    assert log.text == ""


def test_lines_go_to_stderr_and_levels_are_known(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    handler = logs.set_up()
    logging.getLogger("walkiosk.test").warning("well")
    assert json.loads(capsys.readouterr().err)["said"] == "well"
    assert isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
    logging.getLogger().removeHandler(handler)
    assert logs.level("info") == "info"
    with pytest.raises(ValueError, match="'loud' is no level"):
        logs.level("loud")
