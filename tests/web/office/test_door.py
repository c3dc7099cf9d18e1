"""Who gets into the office, how long, and what is refused at its door."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.web.office.conftest import PASSWORD, log_in
from walkiosk.office.desk import Office
from walkiosk.store.accounts import IDLE_MILLISECONDS, WRONG_PASSWORDS
from walkiosk.store.office_tables import account


class Visitor:
    """A program at the door, with a browser's cookies and whatever headers it likes."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, headers={"Origin": address})

    def form_token(self) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.client.get("/login").text)
        assert found
        return found[1]

    def log_in(self, name: str = "Ana", password: str = PASSWORD, **fields: str) -> httpx.Response:
        data = {"name": name, "password": password, "form_token": self.form_token(), **fields}
        return self.client.post("/login", data=data)


@pytest.fixture
def visitor(office_address: str) -> Visitor:
    return Visitor(office_address)


def test_a_stranger_sees_the_login_only(visitor: Visitor) -> None:
    page = visitor.client.get("/reorder?x=1", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=%2Freorder%3Fx%3D1")
    assert visitor.client.get("/_nicegui/3.18.0/static/nicegui.js").status_code == 401
    assert visitor.client.get("/orders/1.csv").status_code == 401
    assert visitor.client.get("/healthz").json() == {"status": "ok"}


def test_an_origin_that_cannot_be_read_is_not_ours(visitor: Visitor, office_address: str) -> None:
    answer = visitor.client.post("/login", data={"name": "Ana"}, headers={"Origin": "http://["})
    assert answer.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"{office_address.replace('http', 'ws')}/_nicegui_ws/socket.io/", additional_headers={"Origin": "http://["}
        )
    assert refused.value.response.status_code == 403


def test_login_and_logout_in_a_browser(context: object, owner: Page, office: Office) -> None:
    expect(owner.get_by_text("Ana · owner")).to_be_visible()
    cookies = owner.context.cookies()
    (cookie,) = [each for each in cookies if each["name"] == "office"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    owner.get_by_role("button", name="Log out").click()
    expect(owner.get_by_label("Password")).to_be_visible()
    assert office.store.accounts.who(cookie["value"]) is None
    owner.goto("/")
    expect(owner.get_by_label("Password")).to_be_visible()


def test_what_was_asked_for_is_shown_behind_the_login(context: object, clerk: Page, office_address: str) -> None:
    clerk.context.clear_cookies()
    log_in(clerk, office_address, "Bob", "/orders")
    assert clerk.url == office_address + "/orders"


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_the_login_leads_nowhere_else(visitor: Visitor, next_page: str) -> None:
    assert visitor.log_in(next=next_page).headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(visitor: Visitor) -> None:
    answers = [visitor.log_in("Ana", "a wrong sentence"), visitor.log_in("Nobody", PASSWORD)]
    said = [(answer.status_code, re.sub(r'value="[^"]+"', "", answer.text)) for answer in answers]
    assert said[0] == said[1]
    assert "The name or the password is wrong." in said[0][1]
    assert "office" not in visitor.client.cookies


def test_after_a_few_wrong_passwords_the_right_one_waits(visitor: Visitor) -> None:
    last = [visitor.log_in(password="a wrong sentence") for _ in range(WRONG_PASSWORDS)][-1]
    assert last.status_code == 429
    assert "Too many wrong passwords" in visitor.log_in().text
    assert visitor.log_in("Bob").status_code == 303


def test_a_login_makes_a_token_of_its_own(visitor: Visitor, office: Office) -> None:
    visitor.client.cookies.set("office", "chosen-by-somebody-else", domain="127.0.0.1", path="/")
    visitor.log_in()
    first = visitor.client.cookies["office"]
    assert first != "chosen-by-somebody-else"
    assert office.store.accounts.who("chosen-by-somebody-else") is None
    assert office.store.accounts.who(first) is not None


def test_a_form_from_elsewhere_is_refused(visitor: Visitor, office_address: str) -> None:
    visitor.log_in()
    form = {"form_token": "", "language": "es"}
    assert visitor.client.post("/language", data=form).status_code == 403
    assert visitor.client.post("/logout", data={"form_token": "guessed"}).status_code == 403
    visitor.client.headers["Origin"] = "https://elsewhere.example"
    assert visitor.client.post("/login", data={"name": "Ana", "password": PASSWORD}).status_code == 403
    del visitor.client.headers["Origin"]
    assert visitor.client.post("/logout", data=form).status_code == 403
    assert visitor.client.get("/", headers={"Accept": "text/html"}).status_code == 200


def test_a_login_form_is_known_by_its_cookie(visitor: Visitor) -> None:
    token = visitor.form_token()
    visitor.client.cookies.clear()
    answer = visitor.client.post("/login", data={"name": "Ana", "password": PASSWORD, "form_token": token})
    assert answer.status_code == 403
    assert "open for too long" in answer.text


def test_over_https_the_cookie_is_bound_to_the_host(visitor: Visitor) -> None:
    visitor.client.headers["X-Forwarded-Proto"] = "https"  # as a proxy on this machine says
    visitor.client.headers["Origin"] = visitor.client.headers["Origin"].replace("http", "https")
    token = visitor.form_token()
    kept = {"office_form": token}
    form = {"name": "Ana", "password": PASSWORD, "form_token": token}
    answer = visitor.client.post("/login", data=form, cookies=kept)
    told = answer.headers["set-cookie"]
    assert told.startswith("__Host-office=")
    assert all(each in told for each in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))


def test_the_socket_is_guarded_too(visitor: Visitor, office: Office, office_address: str) -> None:
    url = office_address.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(InvalidStatus, match="403"):
        connect(url, origin=office_address)  # type: ignore[arg-type]
    visitor.log_in()
    token = visitor.client.cookies["office"]
    cookie = {"Cookie": f"office={token}"}
    for origin in ("https://elsewhere.example", None):
        with pytest.raises(InvalidStatus, match="403"):
            connect(url, origin=origin, additional_headers=cookie)  # type: ignore[arg-type]
    with connect(url, origin=office_address, additional_headers=cookie) as socket:  # type: ignore[arg-type]
        assert str(socket.recv()).startswith("0")
        office.store.accounts.close(token)
        socket.send("40")
        with pytest.raises(ConnectionClosed, match="the login has ended"):
            socket.recv()
    polling = office_address + "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert visitor.client.get(polling).status_code in (401, 405)


def test_a_page_left_open_is_nobody_elses(context: object, owner: Page, office: Office, office_address: str) -> None:
    owner.goto("/accounts")
    (cookie,) = [each for each in owner.context.cookies() if each["name"] == "office"]
    office.store.accounts.close(cookie["value"])
    clerk = owner.context.new_page()
    log_in(clerk, office_address, "Bob")  # before the page that was left open has noticed
    owner.evaluate("window.socket?.disconnect().connect()")  # as after a lost connection, now with Bob's login
    expect(owner.get_by_text("Only an owner may see this page.")).to_be_visible()
    expect(owner.locator("main").get_by_role("button")).to_have_count(0)


def test_a_page_that_nobody_touches_ends_like_any_login(visitor: Visitor, office: Office, office_address: str) -> None:
    visitor.log_in()
    start, accounts = office.store.accounts.clock(), office.store.accounts
    url = office_address.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    cookie = {"Cookie": f"office={visitor.client.cookies['office']}"}
    with connect(url, origin=office_address, additional_headers=cookie) as socket:  # type: ignore[arg-type]
        assert str(socket.recv()).startswith("0")
        accounts.clock = lambda: start + IDLE_MILLISECONDS - 60_000
        socket.send("40")  # what the browser says by itself
        assert str(socket.recv()).startswith("40")
        accounts.clock = lambda: start + IDLE_MILLISECONDS + 60_000
        socket.send("3")
        with pytest.raises(ConnectionClosed, match="the login has ended"):
            socket.recv()


def test_headers_of_every_page(visitor: Visitor) -> None:
    headers = visitor.client.get("/login").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_without_accounts_the_login_says_how_to_make_one(visitor: Visitor, office: Office) -> None:
    with office.store.engine.begin() as connection:
        connection.execute(account.delete())
    page = visitor.client.get("/login").text
    assert "walkiosk office add-account NAME --role owner" in page
    assert str(office.store.folder) in page
    assert "password" not in page


def test_roles(clerk: Page) -> None:
    ways = clerk.get_by_role("navigation", name="Menu")
    expect(ways.get_by_role("link", name="Orders")).to_be_visible()
    expect(ways.get_by_role("link", name="Accounts")).to_have_count(0)
    answer = clerk.goto("/accounts")
    assert answer is not None
    assert answer.status == 403
    expect(clerk.get_by_text("Only an owner may see this page.")).to_be_visible()


def test_the_language_is_the_operators(owner: Page) -> None:
    owner.get_by_label("Language").select_option("es")
    expect(owner.get_by_role("heading", level=1)).to_have_text("Esta mañana")
    assert owner.locator("html").get_attribute("lang") == "es"
    owner.get_by_role("button", name="Salir").click()
    log_in(owner, owner.url.split("/login")[0])
    expect(owner.get_by_role("heading", level=1)).to_have_text("Esta mañana")


def test_dark_and_light_are_remembered(owner: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = owner.evaluate(ground)
    owner.get_by_role("button", name="Dark or light").click()
    expect(owner.locator("body")).to_have_class(re.compile("body--dark"))
    assert owner.evaluate(ground) != light
    owner.reload()
    expect(owner.locator("body")).to_have_class(re.compile("body--dark"))
