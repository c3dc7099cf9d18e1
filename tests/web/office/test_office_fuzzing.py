"""Whatever is asked of the office's routes, logged in or not, nothing breaks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.office.conftest import PASSWORD
from tests.web.office.test_door import Visitor
from tests.web.test_fuzzing import FEW, FIXED, PATHS, operations
from walkiosk.web.office.app import PAGES

STRANGE = st.one_of(PATHS, st.text(max_size=30))


@pytest.mark.parametrize("is_in", [False, True], ids=["not logged in", "logged in"])
def test_every_route_of_the_office(office_app: FastAPI, office_address: str, is_in: bool) -> None:
    visitor = Visitor(office_address)
    visitor.client.timeout = httpx.Timeout(None)  # a report is drawn while the machine does other things
    if is_in:
        assert visitor.log_in("Ana", PASSWORD).status_code == 303
    answers: list[httpx.Response] = []
    every = sorted(operations(office_app).items(), key=lambda pair: "logout" in pair[0])  # the login ends last
    for _, operation in every:

        @FEW
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            asked = case.as_transport_kwargs(base_url=office_address)
            wanted = {key: asked[key] for key in ("params", "json", "data", "content") if asked.get(key) is not None}
            headers = {name: str(value).encode("utf-8") for name, value in (asked.get("headers") or {}).items()}
            answers.append(visitor.client.request(asked["method"], asked["url"], headers=headers, **wanted))

        ask()
    names = st.sampled_from(["id", "q", "page", "sku", "since", "until", "type"])

    @settings(FIXED, max_examples=24)
    @given(st.sampled_from(PAGES), st.dictionaries(names, STRANGE, max_size=3))
    def look(page: str, query: dict[str, str]) -> None:
        sent = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
        answers.append(visitor.client.get(f"/{page}", params=sent))

    look()
    assert not [answer.url for answer in answers if answer.status_code >= 500]
    if not is_in:
        told = {answer.status_code for answer in answers if answer.url.path not in ("/login", "/healthz")}
        assert told <= {401, 403, 405}
    assert visitor.client.get("/healthz").json() == {"status": "ok"}
