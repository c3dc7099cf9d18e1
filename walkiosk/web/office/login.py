"""The page at the door, plain HTML: it needs no socket and shows nothing of the shop but its name."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from html import escape
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from walkiosk.office.desk import Office
from walkiosk.store.accounts import LONGEST_MILLISECONDS, Account, Login
from walkiosk.store.outcome import Locked
from walkiosk.web.office.door import cookie_name, form_token, is_secure
from walkiosk.web.office.wording import Words, languages, own_name, table

FORM_COOKIE = "office_form"  # until somebody is logged in, a form of ours is known by this
router = APIRouter()


@router.get("/login")
async def login_page(request: Request, next: str = "/", language: str | None = None) -> Response:
    """Asks for a name and a password, or says how the first account is made."""
    if request.state.account is not None:
        return RedirectResponse(_within(next), 303)
    office: Office = request.state.office
    words = _words(request, language)
    if not await asyncio.to_thread(office.store.accounts.all):
        return _page(request, words, f'<p class="note">{escape(words("no_accounts"))}</p>{_command(office)}')
    return _with_form(request, words, next)


@router.post("/login")
async def log_in(
    request: Request,
    name: str = Form(""),
    password: str = Form(""),
    form_token: str = Form(""),
    next: str = Form("/"),
    language: str = Form(""),
) -> Response:
    """Opens the door, or says why not."""
    words = _words(request, language)
    if not hmac.compare_digest(form_token.encode(), request.cookies.get(FORM_COOKIE, "").encode()) or not form_token:
        return _with_form(request, words, next, words("form_too_old"), 403)
    accounts = request.state.office.store.accounts
    opened = await asyncio.to_thread(accounts.open, name, password)
    if isinstance(opened, Locked):
        until = words.time(opened.until_ms, "HH:mm")
        return _with_form(request, words, next, words("locked_until", time=until), 429)
    if not isinstance(opened, Login):
        return _with_form(request, words, next, words("wrong_password"), 401)
    if request.state.token:  # a browser that somebody else used before
        await asyncio.to_thread(accounts.close, request.state.token)
    answer = RedirectResponse(_within(next), 303)
    _set_cookie(request, answer, cookie_name(request), opened.token, LONGEST_MILLISECONDS // 1000)
    answer.delete_cookie(FORM_COOKIE, path="/login")
    return answer


@router.post("/logout")
async def log_out(request: Request, form_token: str = Form("")) -> Response:
    """Shuts the door behind somebody."""
    if not _is_ours(request, form_token):
        return _refused()
    await asyncio.to_thread(request.state.office.store.accounts.close, request.state.token)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.post("/language")
async def change_language(request: Request, language: str = Form(""), form_token: str = Form("")) -> Response:
    """Puts somebody's pages into another language, from now on."""
    account: Account = request.state.account
    if not _is_ours(request, form_token) or language not in table():
        return _refused()
    await asyncio.to_thread(request.state.office.store.accounts.set_language, account.name, language)
    back = urlsplit(request.headers.get("referer", "/"))
    return RedirectResponse(_within(back.path + (f"?{back.query}" if back.query else "")), 303)


def _is_ours(request: Request, given: str) -> bool:
    return hmac.compare_digest(given.encode(), form_token(request.state.token).encode())


def _refused() -> Response:
    return PlainTextResponse("This form is not ours.", 403)


def _within(address: str) -> str:
    """An address of the office's own, whatever a link asks for."""
    local = address.startswith("/") and not address.startswith(("//", "/\\", "/login")) and address.isprintable()
    return address if local else "/"


def _words(request: Request, language: str | None) -> Words:
    settings = request.state.office.store.settings
    return Words.of((language, *settings.languages), settings.currency, settings.time_zone)


def _set_cookie(request: Request, answer: Response, name: str, value: str, seconds: int, path: str = "/") -> None:
    secure = is_secure(request)
    answer.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="strict")


def _command(office: Office) -> str:
    folder = office.store.folder
    where = f" --store {folder}" if folder else f" --database {office.store.engine.url.render_as_string()}"
    return f"<pre>walkiosk office add-account NAME --role owner{escape(where)}</pre>"


def _with_form(request: Request, words: Words, next: str, problem: str = "", status: int = 200) -> Response:
    token = secrets.token_urlsafe(32)
    told = f'<p class="note bad" role="alert">{escape(problem)}</p>' if problem else ""
    body = f"""{told}<form method="post" action="/login">
<input type="hidden" name="form_token" value="{token}"><input type="hidden" name="next" value="{escape(_within(next))}">
<input type="hidden" name="language" value="{words.language}">
<label for="name">{escape(words("name"))}</label>
<input id="name" name="name" autocomplete="username" required autofocus maxlength="60">
<label for="password">{escape(words("password"))}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">
<button class="act main">{escape(words("log_in"))}</button></form>"""
    answer = _page(request, words, body, status)
    _set_cookie(request, answer, FORM_COOKIE, token, 3600, "/login")
    return answer


def _page(request: Request, words: Words, body: str, status: int = 200) -> HTMLResponse:
    shop = escape(request.state.office.store.settings.name)
    others = " ".join(
        f'<a href="/login?language={code}" lang="{code}">{escape(own_name(code))}</a>'
        for code in languages()
        if code != words.language
    )
    return HTMLResponse(
        f"""<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(words("log_in"))} · {shop}</title>
<link rel="icon" href="/office/icon.svg"><link rel="stylesheet" href="/office/office.css">
<script src="/office/office.js"></script></head>
<body class="login"><main><h1>{shop}</h1>{body}<p class="others">{others}</p></main></body></html>""",
        status,
    )
