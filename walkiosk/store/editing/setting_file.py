"""store.toml as it is written: a setting is changed, its neighbours and the comments stay."""

import codecs
from typing import Any

import tomlkit

from walkiosk.store.editing.change import Change, ChangedMeanwhile
from walkiosk.store.settings import FILE


class SettingFile:
    """The settings as rows of `key` and `value`, a value written as TOML writes it."""

    def __init__(self, raw: bytes | None) -> None:
        self._bom = codecs.BOM_UTF8 if raw and raw.startswith(codecs.BOM_UTF8) else b""
        self._document = tomlkit.parse((raw or b"").decode("utf-8-sig"))

    @property
    def rows(self) -> tuple[dict[str, str], ...]:
        """Every setting."""
        return tuple({"key": key, "value": written(value)} for key, value in self._document.unwrap().items())

    def apply(self, change: Change) -> Change:
        """Makes a change; raises `ChangedMeanwhile` when the setting is not as `before` says."""
        key = change.key[0]
        now = {row["key"]: row["value"] for row in self.rows}.get(key)
        if now != (change.before or {}).get("value"):
            raise ChangedMeanwhile(f"{FILE}: {key}: was changed meanwhile")
        if change.after is None:
            del self._document[key]
        else:
            self._document[key] = tomlkit.value(change.after["value"])
        return change

    def write(self) -> bytes:
        """The file."""
        return self._bom + tomlkit.dumps(self._document).encode()


def written(value: Any) -> str:
    """A setting's value as TOML writes it."""
    return str(tomlkit.item(value).as_string())
