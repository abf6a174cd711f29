"""A settings form: from a stored body to what the page shows, and from what was sent to a body again.

A value that is wrong stays as it was typed, so that the form comes back with it and with its fault beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.settings_fields import LISTS, Field, Group, Kind, Section
from models.practice import Body, Fault

Sent = Mapping[str, str | list[str]]
MOST_LETTERS = 2_000  # of one field
_INDEX = re.compile(r"(\d{1,3})\.")
_PHONE_MARKS = re.compile(r"[\s().\-]")
_TEN_DIGITS = re.compile(r"1?(\d{10})")


@dataclass(frozen=True, slots=True)
class FieldView:
    """``value``: what stands in it; ``values``: of spans the pairs, of lists what is chosen."""

    id: str
    label: str
    kind: str
    value: str
    values: tuple[Any, ...]
    options: tuple[tuple[str, str], ...]
    hint: str
    placeholder: str
    fault: str


@dataclass(frozen=True, slots=True)
class EntryView:
    title: str
    fields: tuple[FieldView, ...]
    open: bool
    remove: str  # the name of its box, "" where it cannot be removed


@dataclass(frozen=True, slots=True)
class GroupView:
    id: str
    title: str
    hint: str
    entries: tuple[EntryView, ...]
    folded: bool
    fault: str


# --------------------------------------------------------------------------- what was sent


def read_form(section: Section, sent: Sent) -> Body:
    return tidy(section, {group.key: _read_group(group, sent) for group in section.groups})


def _read_group(group: Group, sent: Sent) -> Any:
    if not group.repeated:
        return _read_entry(group, f"{group.key}.", sent)
    found: set[int] = set()
    for name in sent:
        if name.startswith(f"{group.key}.") and (match := _INDEX.match(name, len(group.key) + 1)):
            found.add(int(match[1]))
    kept = (number for number in sorted(found) if not sent.get(f"{group.key}.{number}.remove"))
    entries = (_read_entry(group, f"{group.key}.{number}.", sent) for number in kept)
    return [entry for entry in entries if _is_written(group, entry)]


def _read_entry(group: Group, prefix: str, sent: Sent) -> dict[str, Any]:
    return {field.name: _read(field, f"{prefix}{field.name}", sent) for field in group.fields}


def _is_written(group: Group, entry: Mapping[str, Any]) -> bool:
    """Whether somebody wrote into it: a choice, a box and a number have a value of their own."""
    telling = (field for field in group.fields if field.kind not in (Kind.CHOICE, Kind.FLAG, Kind.NUMBER))
    return any(entry[field.name] for field in telling)


def _read(field: Field, name: str, sent: Sent) -> Any:
    if field.kind is Kind.SPANS:
        return list(_read_spans(name, sent))
    values = _all(sent, name)
    if field.kind in (Kind.DAYS, Kind.ORDER):
        return list(dict.fromkeys(value for value in values if value))
    if field.kind is Kind.FLAG:
        return bool(values)
    text = values[0] if values else ""
    if field.kind is Kind.LINES:
        return [line for each in text.splitlines() if (line := " ".join(each.split()))]
    return _one(field, " ".join(text.split()))


def _one(field: Field, text: str) -> Any:
    if field.kind is Kind.NUMBER and text.isascii() and text.isdecimal() and len(text) <= 9:
        return int(text)
    return _phone(text) if field.kind is Kind.PHONE else text


def _phone(text: str) -> str:
    """ "(617) 555-0100" as E.164; what is no such number stays."""
    bare = _PHONE_MARKS.sub("", text)
    ten = _TEN_DIGITS.fullmatch(bare)
    return f"+1{ten[1]}" if ten else bare if bare.startswith("+") else text


def _read_spans(name: str, sent: Sent) -> Iterator[str]:
    number = 0
    while f"{name}.{number}.from" in sent or f"{name}.{number}.to" in sent:
        ends = [_all(sent, f"{name}.{number}.{end}")[0].strip() for end in ("from", "to")]
        if any(ends):
            yield "-".join(ends)
        number += 1


def _all(sent: Sent, name: str) -> list[str]:
    value = sent.get(name, [])
    values = value if isinstance(value, list) else [value]
    return [each[:MOST_LETTERS] for each in values] or ([""] if name.endswith((".from", ".to")) else [])


def tidy(section: Section, body: Body) -> dict[str, Any]:
    """Without what need not be said, so that equal settings are equal. What another version of the program
    has stored in another shape is empty: its page opens, and it can be saved again."""
    return {group.key: _tidy(group, _mapping(body).get(group.key)) for group in section.groups}


def _tidy(group: Group, value: Any) -> Any:
    if group.repeated:
        return [_tidy_entry(group, entry) for entry in value] if isinstance(value, list) else []
    return _tidy_entry(group, value)


def _tidy_entry(group: Group, value: Any) -> dict[str, Any]:
    kept = ((field, _mapping(value).get(field.name, field.nothing)) for field in group.fields)
    return {field.name: given for field, given in kept if given != field.nothing and given != ""}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# --------------------------------------------------------------------------- what is shown


def show_form(section: Section, body: Body, faults: Sequence[Fault] = ()) -> tuple[GroupView, ...]:
    by_path = {fault.path: fault.sentence for fault in faults}
    return tuple(_show_group(group, body.get(group.key), by_path) for group in section.groups)


def unplaced(section: Section, faults: Sequence[Fault], shown: Sequence[GroupView]) -> tuple[str, ...]:
    """Faults of the page as a whole: those that no field and no group shows."""
    there = {group.fault for group in shown}
    there |= {field.fault for group in shown for entry in group.entries for field in entry.fields}
    return tuple(fault.sentence for fault in faults if fault.sentence not in there)


def _show_group(group: Group, value: Any, faults: Mapping[str, str]) -> GroupView:
    entries = list(value or []) if group.repeated else [value or {}]
    spare = group.spare if group.repeated and not group.fixed else 0
    shown = [_show_entry(group, number, entry, faults) for number, entry in enumerate(entries)]
    shown += [_show_entry(group, len(entries) + number, None, faults) for number in range(spare)]
    fault = faults.get(group.key, "")
    return GroupView(group.key, group.title, group.hint, tuple(shown), group.folded and group.repeated, fault)


def _show_entry(
    group: Group, number: int, entry: Mapping[str, Any] | None, faults: Mapping[str, str]
) -> EntryView:
    name, path = (
        (f"{group.key}.{number}", f"{group.key}[{number}]") if group.repeated else (group.key, group.key)
    )
    given = entry or {}
    fields = tuple(
        _show(
            field,
            f"{name}.{field.name}",
            given.get(field.name, field.nothing),
            faults.get(f"{path}.{field.name}", ""),
        )
        for field in group.fields
    )
    title = title_of(group, given) if entry is not None else f"Add: {group.one}"
    can_go = group.repeated and entry is not None and not group.fixed
    wrong = any(field.fault for field in fields)
    return EntryView(title if group.repeated else "", fields, wrong, f"{name}.remove" if can_go else "")


def title_of(group: Group, entry: Mapping[str, Any]) -> str:
    """How an entry is called: by its name where it has one."""
    said = entry.get("name") or entry.get(group.identity) or group.one
    return str(said)


def _show(field: Field, name: str, value: Any, fault: str) -> FieldView:
    values = tuple(_pairs(field, value) if field.kind is Kind.SPANS else value if field.kind in LISTS else ())
    text = (
        "\n".join(map(str, value))
        if field.kind is Kind.LINES
        else str(value)
        if field.kind not in LISTS
        else ""
    )
    if field.kind is Kind.FLAG:
        text = "on" if value else ""
    default = str(field.default) if field.kind is Kind.NUMBER else ""
    text = "" if field.kind is Kind.NUMBER and value == field.default else text
    return FieldView(
        name, field.label, field.kind.value, text, values, field.options, field.hint, default, fault
    )


def _pairs(field: Field, value: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [(begins, ends) for begins, _, ends in (str(span).partition("-") for span in value)]
    return pairs + [("", "")] * max(field.spans - len(pairs), 1 if len(pairs) >= field.spans else 0)
