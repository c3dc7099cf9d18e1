"""Who looks at a page, in which language, of which shop: what every page is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from walkiosk.office.desk import Office
from walkiosk.store import Store
from walkiosk.store.accounts import Account, Role
from walkiosk.web.office.door import form_token
from walkiosk.web.office.wording import Words


@dataclass(frozen=True)
class Visit:
    """One page being looked at."""

    office: Office
    account: Account
    words: Words
    form_token: str
    query: Mapping[str, str]
    path: Mapping[str, str]
    look: bool | None  # dark or light, as was asked for; None follows the browser
    dark: bool  # what that comes to

    @classmethod
    def of(cls, request: Request) -> Visit:
        """The visit that a request begins; the door has put the account there, the application the office."""
        office: Office = request.state.office
        account: Account = request.state.account
        settings = office.store.settings
        words = Words.of((account.language, *settings.languages), settings.currency, settings.time_zone)
        look = {"dark": True, "light": False}.get(request.cookies.get("look", ""))
        dark = request.cookies.get("seen") == "dark" if look is None else look
        token = form_token(request.state.token)
        return cls(office, account, words, token, dict(request.query_params), dict(request.path_params), look, dark)

    @property
    def store(self) -> Store:
        """The shop's facts and books."""
        return self.office.store

    def number(self, key: str, usual: int) -> int:
        """A number that the address asks for, such as a page; the usual one when it is none."""
        asked = self.query.get(key, "")
        return int(asked) if asked.isdecimal() and len(asked) < 10 else usual

    @property
    def page(self) -> int:
        """Which page of a long list is looked at, from 1."""
        return max(1, self.number("page", 1))

    def may(self, role: Role) -> bool:
        """Whether this account may do what that role may; an owner may all."""
        return self.account.role in ("owner", role)
