"""An async FHIR R4 client: a few interactions, and every failure one of the errors of ``fhir.errors``.

https://hl7.org/fhir/R4/http.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
import orjson

from fhir.answers import (
    Answer,
    Resource,
    Stored,
    bundle,
    json_object,
    matches,
    read_answer,
    reference_in,
    stored,
)
from fhir.errors import FhirError, NetworkAmbiguous, Permanent, Retryable, error_for
from fhir.outcome import issues_of
from fhir.shapes import objects_of

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
MAX_PAGES = 10
# What says who somebody is. In an address it would stand in the log of every server and proxy on the way.
PERSONAL = frozenset("birthdate name family given phone telecom email address address-postalcode".split())
NO_SUCH_SEARCH = frozenset(
    {400, 404, 405, 415, 501}
)  # R4 wants both forms of a search; some servers have one

# Raised by httpx before a byte of the request went out: certainly not done.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class TokenSource(Protocol):
    """Gives the bearer token; ``refresh`` means that the last one was refused."""

    async def __call__(self, *, refresh: bool = False) -> str: ...


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A token from the settings, as the embedded chart uses."""

    token: str

    async def __call__(self, *, refresh: bool = False) -> str:
        return self.token


class FhirClient:
    """One server. ``http`` is shared and closed by its owner. ``limit_s`` bounds a whole interaction."""

    def __init__(
        self,
        base_url: str,
        token_source: TokenSource,
        http: httpx.AsyncClient,
        *,
        limit_s: float = 15.0,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token_source
        self._http = http
        self._limit_s = limit_s
        self._takes_forms = True  # until it has refused one and answered the same by address
        self._now = now  # only to read a Retry-After that is a date; without it such a date is ignored

    async def read(self, reference: str) -> Stored:
        """The resource at "Type/id". Raises Gone when there is none."""
        interaction = f"read {_type_of(reference)}"
        answer = await self._send(interaction, "GET", f"{self.base_url}/{reference}")
        return stored(interaction, answer, self.base_url, reference)

    async def search(
        self, resource_type: str, params: Mapping[str, str] | Sequence[tuple[str, str]]
    ) -> list[Resource]:
        """All matches, following the server's own next links up to ten pages.

        Who is looked for stands in the body, https://hl7.org/fhir/R4/http.html#search; in the address only
        where the server takes no search by POST.
        """
        interaction = f"search {resource_type}"
        answer = await self._first_page(interaction, f"{self.base_url}/{resource_type}", params)
        found: list[Resource] = []
        for _ in range(MAX_PAGES):
            page = bundle(interaction, answer)
            found += matches(page, resource_type)
            following = self._next_page(interaction, page)
            if not following:
                break
            answer = await self._send(interaction, "GET", following)
        return found

    async def _first_page(
        self, interaction: str, url: str, params: Mapping[str, str] | Sequence[tuple[str, str]]
    ) -> Answer:
        refused = False
        if self._takes_forms and PERSONAL.intersection(name for name, _ in _pairs(params)):
            try:
                return await self._send(interaction, "POST", f"{url}/_search", form=params)
            except FhirError as problem:
                if problem.status not in NO_SUCH_SEARCH:
                    raise
                refused = True
        answer = await self._send(interaction, "GET", url, params=params)
        self._takes_forms = self._takes_forms and not refused
        return answer

    async def create(self, resource: Resource, *, if_none_exist: str = "") -> Stored:
        """POST one resource; ``if_none_exist`` is a search query without "?".

        Raises Conflicting (412) when the query already matches several.
        """
        headers = {"If-None-Exist": if_none_exist} if if_none_exist else {}
        kind = str(resource["resourceType"])
        url = f"{self.base_url}/{kind}"
        answer = await self._send(f"create {kind}", "POST", url, body=resource, headers=headers)
        return stored(f"create {kind}", answer, self.base_url, kind)

    async def update(self, resource: Resource, *, if_match: str = "") -> Stored:
        """PUT one resource by its id; ``if_match`` is the ETag it must still have (else Conflicting)."""
        headers = {"If-Match": if_match} if if_match else {}
        reference = f"{resource['resourceType']}/{resource['id']}"
        url = f"{self.base_url}/{reference}"
        interaction = f"update {resource['resourceType']}"
        answer = await self._send(interaction, "PUT", url, body=resource, headers=headers)
        return stored(interaction, answer, self.base_url, reference)

    async def transaction(self, entries: Resource) -> Resource:
        """Send a transaction. Look at every entry's own status: not every server keeps it atomic."""
        answer = await self._send("transaction", "POST", self.base_url, body=entries)
        return bundle("transaction", answer)

    async def operation(self, name: str, resource_type: str, parameters: Resource) -> Resource:
        """``POST Type/$name`` with Parameters; what the server answers, https://hl7.org/fhir/R4/operations.html."""
        url = f"{self.base_url}/{resource_type}/${name}"
        answer = await self._send(f"{resource_type}/${name}", "POST", url, body=parameters)
        return json_object(f"{resource_type}/${name}", answer)

    async def metadata(self) -> Resource:
        """The CapabilityStatement as the server gives it."""
        answer = await self._send("capabilities", "GET", f"{self.base_url}/metadata")
        return json_object("capabilities", answer)

    async def _send(
        self,
        interaction: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: Resource | None = None,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = None if body is None else orjson.dumps(body)
        if form is not None:
            content, headers = urlencode(_pairs(form)).encode(), {"Content-Type": FORM}
        for refresh in (False, True):
            sent = await self._headers(refresh, body is not None) | dict(headers or {})
            answer = await self._once(interaction, method, url, params=params, content=content, headers=sent)
            if answer.status != 401:
                break
        if answer.status < 300:
            return answer
        issues = issues_of(answer.document)
        raise error_for(interaction, answer.status, issues, self._retry_after_s(answer))

    async def _once(self, interaction: str, method: str, url: str, **request: Any) -> Answer:
        try:
            async with asyncio.timeout(self._limit_s), self._http.stream(method, url, **request) as response:
                return await read_answer(interaction, response)
        except _NEVER_SENT as error:
            raise Retryable(interaction) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise NetworkAmbiguous(interaction) from error
        except (httpx.InvalidURL, httpx.CookieConflict) as error:
            raise Permanent(interaction) from error

    async def _headers(self, refresh: bool, has_body: bool) -> dict[str, str]:
        token = await self._token(refresh=refresh)
        headers = {"Accept": FHIR_JSON} | ({"Authorization": f"Bearer {token}"} if token else {})
        # The body of an existing resource comes back too, so its id is known without a second request.
        return headers | ({"Content-Type": FHIR_JSON, "Prefer": "return=representation"} if has_body else {})

    def _next_page(self, interaction: str, page: Resource) -> str:
        links = objects_of(page.get("link"))
        url = next((str(link.get("url", "")) for link in links if link.get("relation") == "next"), "")
        if not url:
            return ""
        absolute = str(httpx.URL(self.base_url + "/").join(url))
        if not absolute.startswith((self.base_url + "/", self.base_url + "?")):
            # Our bearer token goes with every request: never to another host.
            raise Permanent(f"{interaction} (next page on another server)")
        return absolute

    def _retry_after_s(self, answer: Answer) -> float | None:
        value = answer.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        if not value or self._now is None:
            return None
        try:
            due = parsedate_to_datetime(value)
        except ValueError:
            return None
        due = due if due.tzinfo else due.replace(tzinfo=UTC)
        return max(0.0, (due - self._now()).total_seconds())


def _pairs(params: Mapping[str, str] | Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(params.items() if isinstance(params, Mapping) else params)


def _type_of(reference: str) -> str:
    return reference.split("/", 1)[0]


__all__ = ["FhirClient", "FhirError", "FixedToken", "Resource", "Stored", "TokenSource", "reference_in"]
