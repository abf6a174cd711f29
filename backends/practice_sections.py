"""What staff change of a practice in daily life: parts of the document that ``practice.toml`` is, by key.

A part is JSON of the same shape as the file (dates are ISO texts), read by the same readers: what is wrong in
the file is wrong in a form, and in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from backends.practice import Practice, practice_from
from backends.practice_file import WrongField
from models.practice import Body, Fault

HOURS, OFFICE, ON_CALL = "hours", "office", "on-call"
PROVIDERS, VISITS, WORDING = "providers", "visits", "wording"
Document = Mapping[str, Any]
# Table of the file -> its keys that belong to the part; () all of them.
SECTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    HOURS: {"hours": (), "closures": ()},
    OFFICE: {"practice": ("address",), "office_info": ()},
    ON_CALL: {"contacts": (), "on_call": ()},
    PROVIDERS: {"providers": (), "pharmacies": ()},
    VISITS: {"scheduling": (), "visit_types": ()},
    WORDING: {"practice": ("ask_satisfaction",), "lines": ("name", "greeting"), "danger_phrases": ()},
}
_DATES = ("date", "dates")
_A_DATE = "a date such as 2026-12-25 is needed"
_STANDS_ON = {"on_call": "contacts"}  # is read only where the other is right


def part_of(document: Document, key: str) -> Body:
    """The part ``key`` of a document, as JSON. Raises KeyError for a key that is no part."""
    return {
        table: _as_json(_only(document[table], keys))
        for table, keys in SECTIONS[key].items()
        if table in document
    }


def with_part(document: Document, key: str, body: Body) -> Document:
    """The document with this part in the place of its own. Lines are known by their names."""
    changed = dict(document)
    for table, keys in SECTIONS[key].items():
        given = _from_json(body.get(table, [] if isinstance(document.get(table), list) else {}))
        if table == "lines":
            changed[table] = _greeted(document.get(table, []), given)
        elif keys:
            kept = {name: value for name, value in document.get(table, {}).items() if name not in keys}
            changed[table] = {**kept, **given}
        else:
            changed[table] = given
    return changed


def practice_with(document: Document, parts: Mapping[str, Body], name: str) -> Practice:
    """Raises `WrongField`."""
    for key, body in parts.items():
        document = with_part(document, key, body)
    return practice_from(document, name)


def faults_of(document: Document, key: str, body: Body) -> tuple[Fault, ...]:
    """All that is wrong in a part: each entry is read by itself, then the whole."""
    found: list[Fault] = []
    for table in SECTIONS[key]:
        stands_on = _STANDS_ON.get(table, "")
        if any(fault.path.startswith(f"{stands_on}[") for fault in found):
            continue
        basis = {stands_on: body.get(stands_on, [])} if stands_on else {}
        found.extend(_faults_in(document, key, table, body, basis))
    return tuple(found) or tuple(_faults(document, key, body, ""))


def _faults_in(document: Document, key: str, table: str, body: Body, basis: Body) -> Iterator[Fault]:
    for number, entry in enumerate(_entries(body.get(table))):
        for fault in _faults(document, key, {**basis, table: entry}, table):
            yield Fault(fault.path.replace(f"{table}[0]", f"{table}[{number}]", 1), fault.sentence)


def _faults(document: Document, key: str, body: Body, table: str) -> Iterator[Fault]:
    """What is wrong first, as far as it lies in ``table``."""
    try:
        practice_from(with_part(document, key, body), "")
    except WrongField as problem:
        if problem.path.startswith(table):
            sentence = _A_DATE if problem.path.rpartition(".")[2] in _DATES else problem.needed
            yield Fault(problem.path, f"{sentence[:1].upper()}{sentence[1:]}.")


def _entries(value: Any) -> Sequence[Any]:
    """Each entry as if it stood alone."""
    if isinstance(value, list):
        return [[entry] for entry in value]
    return [{name: one} for name, one in value.items()] if isinstance(value, Mapping) else []


# --------------------------------------------------------------------------- shape


def _only(value: Any, keys: Sequence[str]) -> Any:
    if not keys:
        return value
    if isinstance(value, list):
        return [_only(one, keys) for one in value]
    return {name: value[name] for name in keys if name in value}


def _greeted(lines: Sequence[Document], given: Sequence[Document]) -> list[Document]:
    greetings = {line.get("name"): line.get("greeting", "") for line in given}
    return [{**line, "greeting": greetings.get(line["name"], line.get("greeting", ""))} for line in lines]


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _from_json(value: Any, name: str = "") -> Any:
    """With dates where the file has dates; what is none stays, and is found wrong by its reader."""
    if isinstance(value, Mapping):
        return {key: _from_json(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_from_json(one, name) for one in value]
    return _date(value) if name in _DATES and isinstance(value, str) else value


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
