"""What a day brings beside calls: forged and broken requests, strangers, staff who click through pages."""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

import httpx

from tests.canaries.planted import BORN, MEDICINE, NAME, NUMBER, SAYS
from tests.edge.odd import OddCall

_LINK = re.compile(r'(?:href|src|action|formaction|data-[\w-]+|hx-\w+)="([^"]*)"')
NOT_FOLLOWED = ("/sign-out", "/static", "/events", "sound", "csv")  # streams, files, the way out
MOST_PAGES = 400 if os.environ.get("BUDGET") else 40
PLANTED_FORM = {
    "From": NUMBER, "Caller": NUMBER, "To": NUMBER, "ForwardedFrom": NUMBER, "CallerName": NAME, "Body": SAYS,
    "CallerCity": NAME, "SpeechResult": SAYS, "Digits": BORN, "SipHeader_X": SAYS,
    "MessageSid": "SM" + "7" * 32,
}  # fmt: skip


async def webhooks(good: OddCall, forged: OddCall) -> dict[str, bytes]:
    """Every door with the canaries in every field; what the carrier is answered."""
    told = {}
    for door in ("voice", "resume", "sms", "status"):
        told[f"answer of {door}"] = (await good.asks(door, **PLANTED_FORM)).content
        told[f"refusal of {door}"] = (await forged.asks(door, **PLANTED_FORM)).content
    told["broken call id"] = (await good.asks("voice", **{**PLANTED_FORM, "CallSid": SAYS})).content
    return told


async def strangers(http: httpx.AsyncClient) -> dict[str, bytes]:
    """Addresses, headers and bodies with canaries in them, on whichever listener: errors echo nothing."""
    paths = (
        f"/{quote(NAME)}", f"/twilio/media/{quote(NAME)}", f"/twilio/voice?name={quote(NAME)}",
        f"/fhir/Patient/{quote(NAME)}", f"/fhir/Patient?name={quote(NAME)}&birthdate={BORN}",
        f"/calls/{quote(NAME)}", f"/patients/{quote(NAME)}",
        f"/sign-in/back?code={quote(NAME)}&state={MEDICINE}", f"/metrics?name={quote(NAME)}", "/sign-in",
    )  # fmt: skip
    told = {}
    for path in paths:
        for method in ("GET", "POST", "PUT"):
            answer = await http.request(
                method,
                path,
                data={"name": NAME, "phone": NUMBER},
                headers={"x-name": NAME, "user-agent": SAYS},
            )
            answer.headers.pop("location", None)  # after signing in one goes on to where one wanted to be
            told[f"{method} {path} -> {answer.status_code}"] = answer.content + repr(answer.headers).encode()
    return told


@dataclass
class Clicking:
    """Somebody who is signed in and follows every link; keeps addresses and pages."""

    http: httpx.AsyncClient
    addresses: set[str] = field(default_factory=set)
    seen: dict[str, bytes] = field(default_factory=dict)  # path -> page
    titles: dict[str, bytes] = field(default_factory=dict)  # a browser writes them into its history

    async def follow(self, *starts: str) -> None:
        waiting = list(starts)
        while waiting and len(self.seen) < MOST_PAGES:
            path = waiting.pop(0)
            if path in self.seen or any(part in path for part in NOT_FOLLOWED):
                continue
            waiting += await self._look(path)

    async def posts(self, path: str, **fields: str) -> httpx.Response:
        """A form of that page's, with its token."""
        page = (await self.http.get(path)).text
        token = re.search(r'name="(form_token)" value="([^"]*)"', page)
        answer = await self.http.post(path, data={**fields, **({token[1]: token[2]} if token else {})})
        self.addresses.add(answer.headers.get("location", ""))
        self.seen[f"POST {path}"] = answer.content
        return answer

    async def _look(self, path: str) -> list[str]:
        answer = await self.http.get(path)
        self.seen[path] = answer.content
        self.addresses |= {path, answer.headers.get("location", "")}
        if "html" not in answer.headers.get("content-type", ""):
            return []
        title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        self.titles[f"title of {path}"] = html.unescape(title[1]).encode() if title else b""
        found = {html.unescape(link) for link in _LINK.findall(answer.text)}
        self.addresses |= {link for link in found if not link.startswith("tel:")}  # the telephone's, not ours
        return sorted(
            urljoin(path, link) for link in found if link.startswith(("/", "?")) and not urlsplit(link).netloc
        )
