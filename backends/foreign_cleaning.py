"""What a foreign chart must lose, and what must be put in order, before it may rest here. Pure.

Dropped: social security, driver's licence and passport numbers, which a telephone agent has no use for. They
are known by type (HL7 table 0203, http://terminology.hl7.org/CodeSystem/v2-0203: SS, DL, PPN), by system
(https://terminology.hl7.org/external_terminologies.html) and by the words of their type.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import phonenumbers

from backends.refusals import Json

SSN, LICENCE, PASSPORT = "social security number", "driver's licence", "passport number"
_BY_CODE = {"SS": SSN, "SB": SSN, "DL": LICENCE, "PPN": PASSPORT}
_BY_SYSTEM = (
    (re.compile(r"us-ssn|2\.16\.840\.1\.113883\.4\.1$", re.I), SSN),
    (re.compile(r"2\.16\.840\.1\.113883\.4\.3\.\d+$|driver.?s?.?licen[cs]e", re.I), LICENCE),
    (re.compile(r"passport|2\.16\.840\.1\.113883\.4\.330\.\d+$", re.I), PASSPORT),
)
_BY_WORDS = (
    (re.compile(r"social\s*security|\bssn\b|\bss#", re.I), SSN),
    (re.compile(r"driver'?s?\s*licen[cs]e|\bdln?\b", re.I), LICENCE),
    (re.compile(r"passport", re.I), PASSPORT),
)
_SSN_FORM = re.compile(r"\d{3}-\d{2}-\d{4}")
_REPEATABLE = 6  # a shorter value would be found by chance in other texts
_TELLING = ("Patient", "RelatedPerson", "Practitioner", "Coverage")  # whose narrative repeats who they are
_SYNTHEA_NUMBER = re.compile(r"(?<=[A-Za-z])\d+\b")  # "Alma712": Synthea numbers its invented names
REMOVED = "[removed]"


@dataclass(slots=True)
class Cleaned:
    """What cleaning one file did."""

    dropped: Counter[str] = field(default_factory=Counter)  # kind of identifier -> how many
    values: set[str] = field(default_factory=set)  # the dropped values, never shown
    numbers_unread: int = 0  # telephone numbers that cannot be brought into E.164


def clean(resources: list[Json], region: str) -> tuple[list[Json], Cleaned]:
    """The resources as they may be stored. ``region``: where a number without country code belongs."""
    done = Cleaned()
    kept = [_without_identifiers(resource, done) for resource in resources]
    repeated = _repetitions(done.values)
    return [_in_order(_redacted(resource, repeated), region, done) for resource in kept], done


def dropped_kind(identifier: Any) -> str:
    """Which of the kinds that are dropped an Identifier is, "" when it may stay."""
    if not isinstance(identifier, dict):
        return ""
    kind = identifier.get("type")
    kind = kind if isinstance(kind, dict) else {}
    found = kind.get("coding")
    codings = [coding for coding in found if isinstance(coding, dict)] if isinstance(found, list) else []
    by_code = [_BY_CODE[code] for coding in codings if (code := str(coding.get("code"))) in _BY_CODE]
    system = str(identifier.get("system", ""))
    by_system = [name for sign, name in _BY_SYSTEM if sign.search(system)]
    words = " ".join([str(kind.get("text", "")), *(str(coding.get("display", "")) for coding in codings)])
    by_words = [name for sign, name in _BY_WORDS if sign.search(words)]
    by_form = [SSN] if _SSN_FORM.fullmatch(str(identifier.get("value", "")).strip()) else []
    return next(iter([*by_code, *by_system, *by_words, *by_form]), "")


def _without_identifiers(value: Any, done: Cleaned) -> Any:
    """``value`` without such identifiers and without nulls, wherever in it they stand."""
    if isinstance(value, list):
        return [_without_identifiers(item, done) for item in value]
    if not isinstance(value, dict):
        return value
    kept: Json = {}
    for name, item in value.items():
        if item is None:  # some systems write null for what is absent; FHIR does not know it
            continue
        if name == "identifier":
            item = _allowed(item, done)
            if not item:
                continue
        kept[name] = _without_identifiers(item, done)
    return kept


def _allowed(identifiers: Any, done: Cleaned) -> Any:
    if isinstance(identifiers, list):
        return [item for item in identifiers if not _note(item, done)]
    return None if _note(identifiers, done) else identifiers


def _note(identifier: Any, done: Cleaned) -> bool:
    kind = dropped_kind(identifier)
    if kind:
        done.dropped[kind] += 1
        done.values.add(str(identifier.get("value", "")))
    return bool(kind)


def _repetitions(values: set[str]) -> re.Pattern[str] | None:
    """A pattern of the dropped values, with or without their hyphens and spaces."""
    forms = {form for value in values for form in (value, re.sub(r"[\s-]", "", value))}
    long = sorted((form for form in forms if len(form) >= _REPEATABLE), key=len, reverse=True)
    return re.compile("|".join(re.escape(form) for form in long)) if long else None


def _redacted(value: Any, repeated: re.Pattern[str] | None) -> Any:
    """``value`` with every repetition of a dropped value taken out of its texts."""
    if repeated is None:
        return value
    if isinstance(value, str):
        return repeated.sub(REMOVED, value)
    if isinstance(value, list):
        return [_redacted(item, repeated) for item in value]
    return (
        {name: _redacted(item, repeated) for name, item in value.items()}
        if isinstance(value, dict)
        else value
    )


def _in_order(resource: Json, region: str, done: Cleaned) -> Json:
    if resource["resourceType"] in _TELLING:
        resource = {name: item for name, item in resource.items() if name != "text"}
    if isinstance(resource.get("telecom"), list):
        resource = {**resource, "telecom": [_reachable(item, region, done) for item in resource["telecom"]]}
    if isinstance(resource.get("name"), list):
        resource = {**resource, "name": [_unnumbered(name) for name in resource["name"]]}
    return resource


def _reachable(telecom: Any, region: str, done: Cleaned) -> Any:
    """A telephone number in E.164, as caller ID shows it; others as they are."""
    if not isinstance(telecom, dict) or telecom.get("system") not in ("phone", "sms"):
        return telecom
    number = e164(str(telecom.get("value", "")), region)
    done.numbers_unread += not number
    return {**telecom, "value": number} if number else telecom


def e164(text: str, region: str) -> str:
    """``+15559619901`` for "555-961-9901", "(555) 961-9901 x12"; "" for what is no number."""
    try:
        number = phonenumbers.parse(text.removeprefix("tel:"), region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _unnumbered(name: Any) -> Any:
    if not isinstance(name, dict):
        return name
    return {part: _without_number(text) for part, text in name.items()}


def _without_number(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_number(item) for item in value]
    return _SYNTHEA_NUMBER.sub("", value) if isinstance(value, str) else value


def identifiers(resource: Json) -> Iterator[tuple[str, str]]:
    """(system, value) of a resource's own identifiers that have both."""
    found = resource.get("identifier")
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict) and item.get("system") and item.get("value"):
            yield str(item["system"]), str(item["value"])
