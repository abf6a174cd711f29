"""Reading one table of a settings file, with errors that name file, key and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.errors import SettingsError

_PHONE = re.compile(r"\+[1-9]\d{6,14}")  # E.164
_SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,40}")


class WrongField(SettingsError):
    """``path`` is the dotted name of what is wrong ("hours.monday"), ``needed`` what would be right."""

    def __init__(self, file: str, path: str, needed: str) -> None:
        super().__init__(f"{file}: {path}: {needed}", fix=f"Correct {path} in {file}.")
        self.path, self.needed = path, needed


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file. ``where`` is its dotted name, "" for the file itself."""

    file: str
    where: str
    values: dict[str, Any]

    def wrong(self, key: str, needed: str) -> WrongField:
        return WrongField(self.file, f"{self.where}.{key}" if self.where else key, needed)

    def table(self, key: str) -> Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a [table] is needed")
        return Table(self.file, key, value)

    def tables(self, key: str) -> Iterator[Table]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "[[tables]] are needed")
        yield from (Table(self.file, f"{key}[{number}]", item) for number, item in enumerate(value))

    def only(self, keys: Sequence[str]) -> None:
        for key in self.values:
            if key not in keys:
                raise self.wrong(key, f"not known here; known are {', '.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, "a text is needed")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts is needed")
        return tuple(value)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false is needed")
        return value

    def number(self, key: str, default: int | None, *, least: int, most: int) -> int:
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least} to {most} is needed")
        return value

    def phone(self, key: str, default: str | None = None) -> str:
        value = self.text(key, default)
        if value and not _PHONE.fullmatch(value):
            raise self.wrong(key, "a number such as +16175550100 is needed")
        return value

    def zone(self, key: str) -> str:
        value = self.text(key)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self.wrong(key, "a zone such as America/New_York is needed") from None
        return value

    def day(self, key: str) -> date:
        value = self.values.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "a date such as 2026-12-25 is needed, without quotes")
        return value

    def days(self, key: str) -> tuple[date, ...]:
        value = self.values.get(key, [])
        wrong = not isinstance(value, list) or any(
            not isinstance(item, date) or isinstance(item, datetime) for item in value
        )
        if wrong:
            raise self.wrong(key, "a list of dates such as [2026-12-25] is needed, without quotes")
        return tuple(value)

    def fhir_id(self, key: str) -> str:
        value = self.text(key)
        if not _FHIR_ID.fullmatch(value):
            raise self.wrong(key, "1 to 40 letters, digits, hyphens or dots are needed")
        return value

    def one_of(self, value: str, key: str, allowed: Sequence[str]) -> int:
        if value not in allowed:
            raise self.wrong(key, f"{value!r} is none of {', '.join(allowed)}")
        return allowed.index(value)

    def spans(self, key: str) -> Iterator[tuple[time, time]]:
        """The times of ``["08:00-12:00", "13:00-17:00"]``, in order and apart."""
        last = time(0)
        for text in self.texts(key):
            opens, closes = self._span(key, text)
            if opens < last or closes <= opens:
                raise self.wrong(key, "times must rise and not overlap")
            last = closes
            yield opens, closes

    def _span(self, key: str, text: str) -> tuple[time, time]:
        match = _SPAN.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            numbers = [int(part) for part in match.groups()]
            return time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
        except ValueError:
            raise self.wrong(key, 'times such as "08:00-12:00" are needed') from None
