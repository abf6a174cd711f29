"""What the head of a note may say: each line against the call's own record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from ehr_writeback.evidence import Evidence
from ehr_writeback.plain_words import flat
from ehr_writeback.times import zone_named
from ehr_writeback.titles import DISCLOSED, PROOFS
from models.domain import (
    Authority,
    CallRecord,
    IdentityVerified,
    PermissionRecorded,
    RecordPermission,
    VerifyIdentity,
)

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (\S+) \(UTC([+-]\d\d:\d\d)\)")
_IDENTITY = re.compile(r"level (L\d) \((.+)\), attempts: (\d+)")
_PROXY = re.compile(r'(?:the patient, then )?"(.+)"(?: \((.+)\))? for the patient, on (\S+) \((.*)\)')
_DISCLOSED = {words: name for name, words in DISCLOSED.items()}


def header_line(line: str, seen: Evidence) -> bool:
    """Whether a line "Label: value" of the head is so."""
    label, _, value = line.partition(": ")
    check = _LABELS.get(label)
    return check is not None and check(value, seen)


def is_stamp_of(text: str, at: datetime, record: CallRecord) -> bool:
    """Whether "2026-11-22 09:01:10 EST (UTC-05:00)" is this instant, told in the practice's zone."""
    found = _STAMP.fullmatch(text)
    if not found:
        return False
    try:
        told = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[4]}")
    except ValueError:  # the form of an instant, and none: the 31st of June, 62 seconds
        return False
    local = at.astimezone(zone_named(record.practice_timezone))
    same = told == local.replace(microsecond=0) and told.utcoffset() == local.utcoffset()
    return same and found[3] == local.tzname()


def _number(value: str, seen: Evidence) -> bool:
    number = seen.record.caller_number
    return value == (f"ending {number[-4:]}" if number else "withheld")


def _identity(value: str, seen: Evidence) -> bool:
    found, record = _IDENTITY.fullmatch(value), seen.record
    told = found and (found[1], found[2], int(found[3]))
    return told == (record.identity.value, PROOFS[record.identity], record.identity_attempts)


def _disclosures(value: str, seen: Evidence) -> bool:
    told = [] if value == "none" else [_DISCLOSED.get(item, item) for item in value.split(", ")]
    return sorted(told) == sorted(seen.record.disclosures)


def _caller(value: str, seen: Evidence) -> bool:
    """Who spoke. A name must have been said on the call, a relation and its basis stand on file."""
    proxies = list(_proxies(seen.record))
    found = _PROXY.fullmatch(value)
    if not found:
        return not proxies and value == ("the patient" if seen.record.patient_id else "not verified")
    if not proxies:
        return False
    name, given, by_permission = proxies[-1]
    told = (found[1], found[2] or "", found[3], found[4])
    on_file = (name, given.relationship, given.basis, ", ".join(given.scopes))
    said = all(word in seen.caller_by(seen.record.turns[-1].number) for word in flat(found[1]).split())
    return told == on_file and said and value.startswith("the patient, then ") == by_permission


def _proxies(record: CallRecord) -> Iterator[tuple[str, Authority, bool]]:
    for done in record.done:
        match done.action, done.result:
            case VerifyIdentity(caller_names=names), IdentityVerified(authority=Authority() as given):
                yield names[0], given, False
            case RecordPermission(caller_name=name), PermissionRecorded(authority=given):
                yield name, given, True


_LABELS: dict[str, Callable[[str, Evidence], bool]] = {
    "Call": lambda value, seen: value == seen.record.call_id,
    "Started": lambda value, seen: is_stamp_of(value, seen.record.started, seen.record),
    "Ended": lambda value, seen: is_stamp_of(value, seen.record.ended, seen.record),
    "Direction": lambda value, _: value == "inbound",
    "Caller number": _number,
    "Caller": _caller,
    "Identity": _identity,
    "Disclosures played": _disclosures,
    "Ended as": lambda value, seen: value == seen.record.disposition.value,
}
