"""What differs between two versions of a setting, in words that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from console.settings_fields import Field, Group, Kind, Section
from console.settings_form import title_of
from models.practice import Body

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """``what`` names it; ``before`` and ``after`` as they read, "–" where there was nothing."""

    what: str
    before: str
    after: str


def differences(section: Section, before: Body, after: Body) -> tuple[Difference, ...]:
    """Both tidied (`console.settings_form.tidy`)."""
    found: list[Difference] = []
    for group in section.groups:
        one, other = before.get(group.key), after.get(group.key)
        found.extend(
            _entries(group, one or [], other or [])
            if group.repeated
            else _fields(group, "", one or {}, other or {})
        )
    return tuple(found)


def _entries(group: Group, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    old, new = _keyed(group, before), _keyed(group, after)
    for key, entry in old.items():
        if key not in new:
            yield Difference(f"{group.title}: {title_of(group, entry)}", _in_words(group, entry), NOTHING)
        else:
            yield from _fields(group, title_of(group, entry), entry, new[key])
    for key, entry in new.items():
        if key not in old:
            yield Difference(f"{group.title}: {title_of(group, entry)}", NOTHING, _in_words(group, entry))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield Difference(f"{group.title}: order", _names(group, before), _names(group, after))


def _keyed(group: Group, entries: list[Any]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """By identity; of several with the same, by their place among them."""
    seen: dict[str, int] = {}
    found = {}
    for entry in entries:
        name = str(entry.get(group.identity, ""))
        seen[name] = seen.get(name, 0) + 1
        found[(name, seen[name])] = entry
    return found


def _fields(
    group: Group, of: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for field in group.fields:
        one, other = (side.get(field.name, field.nothing) for side in (before, after))
        if one != other:
            what = f"{of}: {field.label.lower()}" if of else field.label
            yield Difference(what, said(field, one), said(field, other))


def said(field: Field, value: Any) -> str:
    """A value as it reads."""
    if field.kind is Kind.FLAG:
        return "yes" if value else "no"
    if field.kind is Kind.SPANS:
        return ", ".join(str(span).replace("-", "–") for span in value) or NOTHING
    if isinstance(value, list):
        names = dict(field.options)
        return ", ".join(names.get(str(each), str(each)) for each in value) or NOTHING
    return dict(field.options).get(str(value), str(value)) or NOTHING


def _in_words(group: Group, entry: Mapping[str, Any]) -> str:
    told = (
        f"{field.label}: {said(field, entry[field.name])}" for field in group.fields if entry.get(field.name)
    )
    return "; ".join(told) or NOTHING


def _names(group: Group, entries: list[Any]) -> str:
    return ", ".join(title_of(group, entry) for entry in entries)
