"""FHIR dates and instants: each is an interval, https://hl7.org/fhir/R4/datatypes.html#dateTime."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

BEGINNING = "0000"  # before every stored time
END = "9999"  # after every stored time
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?")


class FhirTimeError(ValueError):
    """Not a FHIR date, dateTime, instant or Period."""


def instant(text: str) -> datetime:
    """A full FHIR instant as aware UTC; a time without zone counts as UTC. Raises `FhirTimeError`."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise FhirTimeError("not a FHIR instant") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day(text: str) -> date:
    """The calendar day that a FHIR date or dateTime states; a missing month or day is the first."""
    match = _PARTIAL.match(text)
    if not match:
        raise FhirTimeError("not a FHIR date")
    year, month, number = (int(part or 1) for part in match.groups())
    try:
        return date(year, month, number)
    except ValueError as error:
        raise FhirTimeError("not a FHIR date") from error


def fhir_instant(moment: datetime) -> str:
    """``2026-12-01T19:20:00Z``; milliseconds only where there are any."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def sortable(moment: datetime) -> str:
    """A text of fixed width that sorts as the instants do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def interval(value: Any) -> tuple[str, str]:
    """[low, high) of a date, dateTime, instant or Period, as sortable texts. Raises `FhirTimeError`."""
    if isinstance(value, dict):
        low = interval(value["start"])[0] if value.get("start") else BEGINNING
        high = interval(value["end"])[1] if value.get("end") else END
        return low, high
    if not isinstance(value, str):
        raise FhirTimeError("not a FHIR time")
    if "T" in value:
        start = instant(value)
        return sortable(start), sortable(start + _precision(value))
    return _whole_days(value)


def _precision(text: str) -> timedelta:
    if _MINUTE.fullmatch(text):
        return timedelta(minutes=1)
    return timedelta(milliseconds=1) if "." in text else timedelta(seconds=1)


def _whole_days(text: str) -> tuple[str, str]:
    match = _PARTIAL.fullmatch(text)
    if not match:
        raise FhirTimeError("not a FHIR date")
    _, month, number = match.groups()
    first = day(text)
    if number:
        after = first + timedelta(days=1)
    elif month:
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        after = date(first.year + 1, 1, 1)
    return _midnight(first), _midnight(after)


def _midnight(when: date) -> str:
    return sortable(datetime(when.year, when.month, when.day, tzinfo=UTC))
