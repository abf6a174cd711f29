"""A request's form, read as the API's documentation types its fields; what is wrong is refused by number.

Sources: https://www.twilio.com/docs/api/errors/21211 (To), /21212 (From), /21201 and /21213 (missing),
/21205 (Url), /21626 (StatusCallbackEvent), /20001 (any other parameter).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from telephony.double.progress import Callback
from telephony.double.rest.answers import Refusal

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Form:
    def __init__(self, body: bytes) -> None:
        self._fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str) -> str:
        return self._fields.get(name, [""])[-1]

    def every(self, name: str) -> list[str]:
        return self._fields.get(name, [])

    def flag(self, name: str) -> bool | None:
        """None when it was not given."""
        match self.text(name).lower():
            case "true":
                return True
            case "false":
                return False
            case "":
                return None
        raise Refusal(400, 20001, f"{name} must be true or false")

    def whole(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        text = self.text(name) or str(default)
        if not text.isdigit() or not least <= int(text) <= most:
            raise Refusal(400, 20001, f"{name} must be a number from {least} to {most}")
        return int(text)

    def one_of(self, name: str, known: frozenset[str]) -> str:
        """``""`` when it was not given."""
        value = self.text(name)
        if value and value not in known:
            raise Refusal(400, 20001, f"{name} must be one of {', '.join(sorted(known))}")
        return value

    def to_number(self, *, missing: int) -> str:
        return self._number("To", missing=missing, wrong=21211)

    def from_number(self, *, missing: int) -> str:
        return self._number("From", missing=missing, wrong=21212)

    def url(self, name: str) -> str:
        value = self.text(name)
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise Refusal(400, 21205, f"{name} is not a valid URL: {value}")
        return value

    def callback(self, prefix: str, known: frozenset[str], default: frozenset[str]) -> Callback:
        """``<prefix>`` and ``<prefix>Event``; an unknown event is refused."""
        events = {word for value in self.every(f"{prefix}Event") for word in value.split()}
        if strange := events - known:
            raise Refusal(400, 21626, f"{prefix}Event cannot be {', '.join(sorted(strange))}")
        return Callback(self.url(prefix), frozenset(events) or default)

    def _number(self, name: str, *, missing: int, wrong: int) -> str:
        value = self.text(name)
        if not value:
            raise Refusal(400, missing, f"A '{name}' phone number is required.")
        if not _E164.fullmatch(value):
            raise Refusal(400, wrong, f"The '{name}' number {value} is not a valid phone number.")
        return value


async def form_of(request: Request) -> Form:
    return Form(await request.body())
