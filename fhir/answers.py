"""What a server answered, read with mistrust: by size, by kind, and by whether it is about what was asked.

A status of 200 proves little: login pages, proxies and careless servers send it too. What does not fit raises
one of the errors of ``fhir.errors``, so that nobody takes it for a note that was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from fhir.errors import AnswerTooLarge, NotFhir, RefusedDespiteSuccess, Retryable, WrongAnswer
from fhir.outcome import issues_of
from fhir.shapes import objects_of

MAX_ANSWER_BYTES = 20_000_000
Resource = dict[str, Any]
_REFUSALS = ("error", "fatal")
_OBJECTS = ("search", "meta", "response")  # what is read of an entry or of its resource
# The codes under "transient", https://hl7.org/fhir/R4/valueset-issue-type.html
_TRANSIENT = frozenset("transient lock-error no-store exception timeout incomplete throttled".split())


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``headers`` are found whatever their case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def document(self) -> object:
        """The JSON of the body, None when it is none."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server holds after a read or write. ``reference`` is "Type/id", "" when it did not say.

    ``status`` 201 made, 200 existed or updated, 202 taken in but held for review there.
    """

    reference: str
    etag: str
    status: int
    resource: Resource | None = None


async def read_answer(interaction: str, response: httpx.Response, limit: int = MAX_ANSWER_BYTES) -> Answer:
    """The body of an answer that is still being read. Raises `AnswerTooLarge`, and reads no further."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge(interaction, status=response.status_code)
    return Answer(response.status_code, response.headers, bytes(body))


def json_object(interaction: str, answer: Answer) -> Resource:
    """The document of a successful answer. Raises `NotFhir`, `RefusedDespiteSuccess`."""
    document = answer.document
    if not isinstance(document, dict):
        raise NotFhir(interaction, status=answer.status)
    _check_outcome(interaction, answer, document)
    return document


def bundle(interaction: str, answer: Answer) -> Resource:
    """The Bundle that was asked for. Raises as `json_object`, and `WrongAnswer` for another document."""
    document = json_object(interaction, answer)
    lists = all(isinstance(document.get(name, []), list) for name in ("entry", "link"))
    if document.get("resourceType") != "Bundle" or not lists:
        raise WrongAnswer(interaction, status=answer.status)
    entries = objects_of(document.get("entry"))
    inner = [entry["resource"] for entry in entries if isinstance(entry.get("resource"), dict)]
    if not _is_formed(*entries, *inner):
        raise WrongAnswer(interaction, status=answer.status)
    return document


def _is_formed(*parts: Mapping[str, Any]) -> bool:
    """Whether what is read of an entry, or of a resource, can be read."""
    return all(isinstance(part.get(name) or {}, dict) for part in parts for name in _OBJECTS)


def matches(document: Resource, resource_type: str = "") -> list[Resource]:
    """A searchset's matches of a type; included resources and outcomes are not matches."""
    found = [
        entry
        for entry in objects_of(document.get("entry"))
        if (entry.get("search") or {}).get("mode", "match") == "match"
    ]
    resources = [entry["resource"] for entry in found if isinstance(entry.get("resource"), dict)]
    return [one for one in resources if not resource_type or one.get("resourceType") == resource_type]


def stored(interaction: str, answer: Answer, base_url: str, about: str) -> Stored:
    """What a read or a write left there. ``about`` is the "Type" or "Type/id" that it must name.

    Raises `NotFhir`, `RefusedDespiteSuccess`, `WrongAnswer`.
    """
    location = answer.headers.get("location") or answer.headers.get("content-location") or ""
    placed, resource = reference_in(location, base_url), _resource(interaction, answer, bool(location))
    named = _reference_of(resource)
    if any(reference and not _names(reference, about) for reference in (placed, named)):
        raise WrongAnswer(interaction, status=answer.status)
    if placed and named and placed != named:
        raise WrongAnswer(interaction, status=answer.status)
    version = str(((resource or {}).get("meta") or {}).get("versionId", ""))
    etag = answer.headers.get("etag") or (f'W/"{version}"' if version else "")
    return Stored(placed or named, etag, answer.status, resource)


def _resource(interaction: str, answer: Answer, located: bool) -> Resource | None:
    """The resource in the body; a server may leave it out, or say something harmless instead."""
    if not answer.content.strip():
        return None
    document = answer.document
    if not isinstance(document, dict):
        if located:
            return None  # it says where it put it: the rest may be in any words
        raise NotFhir(interaction, status=answer.status)
    _check_outcome(interaction, answer, document)
    if not _is_formed(document):
        raise WrongAnswer(interaction, status=answer.status)
    return None if document.get("resourceType") == "OperationOutcome" else document


def _check_outcome(interaction: str, answer: Answer, document: Resource) -> None:
    issues = tuple(issue for issue in issues_of(document) if issue.severity in _REFUSALS)
    if issues:
        passes = all(issue.code in _TRANSIENT for issue in issues)
        kind = Retryable if passes else RefusedDespiteSuccess
        raise kind(interaction, status=answer.status, issues=issues)


def _names(reference: str, about: str) -> bool:
    return reference == about or ("/" not in about and reference.startswith(f"{about}/"))


def reference_in(location: str, base_url: str = "") -> str:
    """ "Type/id" out of a Location such as "[base]/Type/id/_history/1", "" when it has none."""
    path = location.removeprefix(base_url).split("/_history")[0].rstrip("/")
    steps = path.split("/")[-2:]
    return "/".join(steps) if len(steps) == 2 and steps[0][:1].isupper() and steps[1] else ""


def _reference_of(resource: Resource | None) -> str:
    if resource is None or not resource.get("id"):
        return ""
    return f"{resource.get('resourceType')}/{resource['id']}"
