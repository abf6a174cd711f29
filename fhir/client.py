"""An async FHIR R4 client: a few interactions, and every failure one of the errors of ``fhir.errors``.

https://hl7.org/fhir/R4/http.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx
import orjson

from fhir.errors import FhirError, NetworkAmbiguous, Permanent, Retryable, error_for
from fhir.outcome import issues_of

FHIR_JSON = "application/fhir+json"
MAX_PAGES = 10
MAX_ANSWER_BYTES = 20_000_000
Resource = dict[str, Any]

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


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server holds after a read or write. ``reference`` is "Type/id", "" when it did not say.

    ``status`` 201 made, 200 existed or updated, 202 taken in but held for review there.
    """

    reference: str
    etag: str
    status: int
    resource: Resource | None = None


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
        self._now = now  # only to read a Retry-After that is a date; without it such a date is ignored

    async def read(self, reference: str) -> Stored:
        """The resource at "Type/id". Raises Gone when there is none."""
        answer = await self._send(f"read {_type_of(reference)}", "GET", f"{self.base_url}/{reference}")
        return _stored(answer, self.base_url)

    async def search(self, resource_type: str, params: Mapping[str, str]) -> list[Resource]:
        """All matches, following the server's own next links up to ten pages."""
        interaction = f"search {resource_type}"
        answer = await self._send(interaction, "GET", f"{self.base_url}/{resource_type}", params=params)
        found: list[Resource] = []
        for _ in range(MAX_PAGES):
            bundle = _json_object(interaction, answer)
            found += _matches(bundle)
            following = self._next_page(interaction, bundle)
            if not following:
                break
            answer = await self._send(interaction, "GET", following)
        return found

    async def create(self, resource: Resource, *, if_none_exist: str = "") -> Stored:
        """POST one resource; ``if_none_exist`` is a search query without "?".

        Raises Conflicting (412) when the query already matches several.
        """
        headers = {"If-None-Exist": if_none_exist} if if_none_exist else {}
        kind = str(resource["resourceType"])
        url = f"{self.base_url}/{kind}"
        answer = await self._send(f"create {kind}", "POST", url, body=resource, headers=headers)
        return _stored(answer, self.base_url)

    async def update(self, resource: Resource, *, if_match: str = "") -> Stored:
        """PUT one resource by its id; ``if_match`` is the ETag it must still have (else Conflicting)."""
        headers = {"If-Match": if_match} if if_match else {}
        reference = f"{resource['resourceType']}/{resource['id']}"
        url = f"{self.base_url}/{reference}"
        answer = await self._send(f"update {_type_of(reference)}", "PUT", url, body=resource, headers=headers)
        return _stored(answer, self.base_url)

    async def transaction(self, bundle: Resource) -> Resource:
        """Send a transaction. Look at every entry's own status: not every server keeps it atomic."""
        answer = await self._send("transaction", "POST", self.base_url, body=bundle)
        return _json_object("transaction", answer)

    async def operation(self, name: str, resource_type: str, parameters: Resource) -> Resource:
        """``POST Type/$name`` with Parameters; what the server answers, https://hl7.org/fhir/R4/operations.html."""
        url = f"{self.base_url}/{resource_type}/${name}"
        answer = await self._send(f"{resource_type}/${name}", "POST", url, body=parameters)
        return _json_object(f"{resource_type}/${name}", answer)

    async def metadata(self) -> Resource:
        """The CapabilityStatement as the server gives it."""
        answer = await self._send("capabilities", "GET", f"{self.base_url}/metadata")
        return _json_object("capabilities", answer)

    async def _send(
        self,
        interaction: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Resource | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        content = None if body is None else orjson.dumps(body)
        for refresh in (False, True):
            sent = await self._headers(refresh, content is not None) | dict(headers or {})
            answer = await self._once(interaction, method, url, params=params, content=content, headers=sent)
            if answer.status_code != 401:
                break
        if answer.status_code < 300:
            return answer
        issues = issues_of(_json(answer))
        raise error_for(interaction, answer.status_code, issues, self._retry_after_s(answer))

    async def _once(self, interaction: str, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await self._http.request(method, url, **request)
        except _NEVER_SENT as error:
            raise Retryable(interaction) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise NetworkAmbiguous(interaction) from error
        except (httpx.InvalidURL, httpx.CookieConflict) as error:
            raise Permanent(interaction) from error
        if len(answer.content) > MAX_ANSWER_BYTES:
            raise Permanent(f"{interaction} (answer too large)", status=answer.status_code)
        return answer

    async def _headers(self, refresh: bool, has_body: bool) -> dict[str, str]:
        token = await self._token(refresh=refresh)
        headers = {"Accept": FHIR_JSON} | ({"Authorization": f"Bearer {token}"} if token else {})
        # The body of an existing resource comes back too, so its id is known without a second request.
        return headers | ({"Content-Type": FHIR_JSON, "Prefer": "return=representation"} if has_body else {})

    def _next_page(self, interaction: str, bundle: Resource) -> str:
        links = [link for link in bundle.get("link") or [] if isinstance(link, Mapping)]
        url = next((str(link.get("url", "")) for link in links if link.get("relation") == "next"), "")
        if not url:
            return ""
        absolute = str(httpx.URL(self.base_url + "/").join(url))
        if not absolute.startswith((self.base_url + "/", self.base_url + "?")):
            # Our bearer token goes with every request: never to another host.
            raise Permanent(f"{interaction} (next page on another server)")
        return absolute

    def _retry_after_s(self, answer: httpx.Response) -> float | None:
        value = answer.headers.get("retry-after", "").strip()
        if value.isdigit():
            return float(value)
        if not value or self._now is None:
            return None
        try:
            due = parsedate_to_datetime(value)
        except ValueError:
            return None
        due = due if due.tzinfo else due.replace(tzinfo=UTC)
        return max(0.0, (due - self._now()).total_seconds())


def _stored(answer: httpx.Response, base_url: str) -> Stored:
    body = _json(answer)
    resource = body if isinstance(body, dict) and body.get("resourceType") != "OperationOutcome" else None
    location = answer.headers.get("location") or answer.headers.get("content-location") or ""
    reference = reference_in(location, base_url) or _reference_of(resource)
    version = str(((resource or {}).get("meta") or {}).get("versionId", ""))
    etag = answer.headers.get("etag") or (f'W/"{version}"' if version else "")
    return Stored(reference=reference, etag=etag, status=answer.status_code, resource=resource)


def reference_in(location: str, base_url: str = "") -> str:
    """ "Type/id" out of a Location such as "[base]/Type/id/_history/1", "" when it has none."""
    path = location.removeprefix(base_url).split("/_history")[0].rstrip("/")
    steps = path.split("/")[-2:]
    return "/".join(steps) if len(steps) == 2 and steps[0][:1].isupper() and steps[1] else ""


def _reference_of(resource: Resource | None) -> str:
    if resource is None or not resource.get("id"):
        return ""
    return f"{resource.get('resourceType')}/{resource['id']}"


def _matches(bundle: Resource) -> list[Resource]:
    """A searchset's matches; included resources and outcomes are not matches."""
    entries = [entry for entry in bundle.get("entry") or [] if isinstance(entry, dict)]
    matches = [entry for entry in entries if (entry.get("search") or {}).get("mode", "match") == "match"]
    return [entry["resource"] for entry in matches if isinstance(entry.get("resource"), dict)]


def _json(answer: httpx.Response) -> object:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None


def _json_object(interaction: str, answer: httpx.Response) -> Resource:
    body = _json(answer)
    if not isinstance(body, dict):
        # A proxy's page in place of the server: it passes.
        raise Retryable(f"{interaction} (answer is not FHIR JSON)", status=answer.status_code)
    return body


def _type_of(reference: str) -> str:
    return reference.split("/", 1)[0]


__all__ = ["FhirClient", "FhirError", "FixedToken", "Resource", "Stored", "TokenSource", "reference_in"]
