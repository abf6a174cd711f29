"""FHIR search, https://hl7.org/fhir/R4/search.html: a query string becomes SQL over the index."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlmodel import Session, col

from backends.fhir_time import FhirTimeError, instant, interval
from backends.index import (
    HIGH,
    MAX_VALUE,
    Blind,
    Kind,
    Parameter,
    fold,
    identifier_key,
    parameters,
)
from backends.refusals import refuse
from backends.telephones import bare_number
from models.chart import ChartIndex, ChartResource

Pairs = Sequence[tuple[str, str]]
DEFAULT_COUNT = 50
MAX_COUNT = 1_000
PREFIXES = ("eq", "ge", "le", "gt", "lt", "sa", "eb")
_BIRTH = re.compile(r"\d{4}(-\d{2}){0,2}")
SORTABLE = (Kind.DATE, Kind.TOKEN)


@dataclass(frozen=True, slots=True)
class Query:
    """A search, read and checked."""

    resource_type: str
    wheres: tuple[ColumnElement[bool], ...] = ()
    count: int = DEFAULT_COUNT
    offset: int = 0
    sort: tuple[tuple[str, bool], ...] = ()  # (parameter, descending)
    kept: tuple[tuple[str, str], ...] = field(default=())  # the pairs again, for paging links


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and how many match in all."""

    rows: tuple[ChartResource, ...]
    total: int


def read_query(resource_type: str, pairs: Pairs, blind: Blind) -> Query:
    """The query that ``pairs`` ask for. Raises `ChartRefusal` 400 for what this chart cannot search by."""
    wheres: list[ColumnElement[bool]] = []
    count, offset = DEFAULT_COUNT, 0
    sort: tuple[tuple[str, bool], ...] = ()
    for name, value in pairs:
        match name:
            case "_count":
                count = min(_number(name, value), MAX_COUNT)
            case "_offset":
                offset = _number(name, value)
            case "_sort":
                sort = _sort(resource_type, value)
            case "_format" | "_pretty":
                continue
            case _:
                wheres.append(_where(resource_type, name, value, blind))
    kept = tuple(pair for pair in pairs if pair[0] != "_offset")
    return Query(resource_type, tuple(wheres), count, offset, sort, kept)


def run(session: Session, query: Query) -> Found:
    """The page that ``query`` asks for, and how many match in all."""
    matching = _matching(query)
    total = session.scalar(select(func.count()).select_from(ChartResource).where(*matching)) or 0
    return Found(page(session, query), total)


def page(session: Session, query: Query) -> tuple[ChartResource, ...]:
    """The page that ``query`` asks for."""
    ordered = _ordered(select(ChartResource).where(*_matching(query)), query)
    return tuple(session.scalars(ordered.limit(query.count).offset(query.offset)))


def latest(
    session: Session,
    resource_type: str,
    per: str,
    values: Sequence[str],
    by: str,
    also: Mapping[str, Sequence[str]],
    but: tuple[str, str],
) -> dict[tuple[str, str], str]:
    """Ids by (value of ``per``, value of the first of ``also``); see `store.ChartStore.latest_of_each`."""
    holders, dates = aliased(ChartIndex), aliased(ChartIndex)
    others = {name: aliased(ChartIndex) for name in also}
    split: Any = col(next(iter(others.values())).value) if others else literal("")
    place = func.row_number().over(partition_by=(col(holders.value), split), order_by=col(dates.value).desc())
    query = (
        select(col(holders.value), split, col(holders.resource_id), place.label("place"))
        .select_from(holders)
        .join(dates, _of_the_same(holders, dates, by))
    )
    for name, rows in others.items():
        query = query.join(rows, and_(_of_the_same(holders, rows, name), col(rows.value).in_(also[name])))
    mine = (col(holders.resource_type) == resource_type, col(holders.param) == per)
    ranked = query.where(*mine, col(holders.value).in_(values), ~_has_value(holders, *but)).subquery()
    found = session.execute(select(ranked).where(ranked.c.place == 1)).all()
    return {(str(row[0]), str(row[1])): str(row[2]) for row in found}


def _of_the_same(holders: Any, rows: Any, name: str) -> ColumnElement[bool]:
    """The parameter is compared as an expression, so that rows are found by their resource: SQLite without
    statistics would rather walk all that have this value ("finished"), which most have.
    """
    return and_(
        col(rows.resource_type) == col(holders.resource_type),
        col(rows.resource_id) == col(holders.resource_id),
        col(rows.param).concat("") == name,
    )


def _has_value(holders: Any, name: str, value: str) -> ColumnElement[bool]:
    rows = aliased(ChartIndex)
    return exists(select(1).where(_of_the_same(holders, rows, name), col(rows.value) == value))


def _matching(query: Query) -> list[ColumnElement[bool]]:
    of_type = col(ChartResource.resource_type) == query.resource_type
    return [of_type, col(ChartResource.deleted).is_(False), *query.wheres]


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise refuse(400, "value", f"{name} must be a whole number", name)
    return int(value)


def _sort(resource_type: str, value: str) -> tuple[tuple[str, bool], ...]:
    return tuple(_sort_key(resource_type, key) for key in value.split(","))


def _sort_key(resource_type: str, key: str) -> tuple[str, bool]:
    name = key.removeprefix("-")
    known = parameters(resource_type).get(name)
    if name not in ("_lastUpdated", "_id") and (known is None or known.kind not in SORTABLE):
        raise refuse(400, "not-supported", f"this chart cannot sort {resource_type} by that", "_sort")
    return name, key.startswith("-")


def _ordered(statement: Select[Any], query: Query) -> Select[Any]:
    keys: list[ColumnElement[Any]] = []
    for name, descending in query.sort or (("_lastUpdated", True),):
        key = _sort_column(query.resource_type, name)
        keys.append(key.desc() if descending else key.asc())
    return statement.order_by(*keys, col(ChartResource.resource_id))


def _sort_column(resource_type: str, name: str) -> ColumnElement[Any]:
    if name == "_id":
        return _column(ChartResource.resource_id)
    if name == "_lastUpdated":
        return _column(ChartResource.updated_at)
    rows = aliased(ChartIndex)
    least = select(func.min(col(rows.value))).where(
        col(rows.resource_type) == resource_type,
        col(rows.resource_id) == col(ChartResource.resource_id),
        col(rows.param) == name,
    )
    return least.correlate(ChartResource).scalar_subquery()


def _column(attribute: Any) -> ColumnElement[Any]:
    column: InstrumentedAttribute[Any] = attribute
    return column.expression


def _where(resource_type: str, name: str, value: str, blind: Blind) -> ColumnElement[bool]:
    if "\0" in value:
        raise refuse(400, "value", "the value has a character that FHIR does not allow", name[:64])
    values = split_values(value)
    if name == "_id":
        return col(ChartResource.resource_id).in_(values)
    if name == "_lastUpdated":
        return or_(*(_updated(text) for text in values))
    bare, _, modifier = name.partition(":")
    parameter = parameters(resource_type).get(bare)
    if parameter is None:
        raise refuse(400, "not-supported", f"{resource_type} cannot be searched by that parameter", bare[:64])
    if modifier and not (parameter.kind is Kind.REFERENCE and modifier.isalpha()):
        raise refuse(400, "not-supported", "this chart knows no such modifier", name[:64])
    if not any(values):
        raise refuse(400, "value", "the parameter has no value", bare)
    if modifier:
        values = [text if "/" in text else f"{modifier}/{text}" for text in values]
    if parameter.kind is Kind.DATE:
        return or_(*(_dated(resource_type, bare, text) for text in values))
    wanted = [stored_form(bare, parameter, text, blind)[:MAX_VALUE] for text in values]
    return _has(resource_type, bare, col(ChartIndex.value).in_(wanted))


def split_values(value: str) -> list[str]:
    """The alternatives of ``a,b``; a comma after a backslash belongs to its value."""
    marked = value.replace("\\,", "\0")
    return [part.replace("\0", ",") for part in marked.split(",")]


def stored_form(name: str, parameter: Parameter, text: str, blind: Blind) -> str:
    """``text`` as `index.entries` would have stored it."""
    match parameter.kind:
        case Kind.NAME:
            return blind(f"chart.{name}", fold(text)[:20])
        case Kind.TELECOM:
            return blind(f"chart.{name}", bare_number(text.rpartition("|")[2]))
        case Kind.BIRTHDATE:
            return blind(f"chart.{name}", _exact_date(name, text))
        case Kind.IDENTIFIER:
            system, bar, value = text.rpartition("|")
            return identifier_key(system, value, blind) if bar else blind("chart.identifier.value", value)
        case Kind.REFERENCE:
            return text if "://" not in text else "/".join(text.rsplit("/", 2)[1:])
        case _:
            return text


def _exact_date(name: str, text: str) -> str:
    """Birth dates rest as fingerprints: they can be equal, not earlier or later."""
    date = text.removeprefix("eq")
    if not _BIRTH.fullmatch(date):
        raise refuse(400, "not-supported", "this chart searches it by a whole date, month or year only", name)
    return date


def _has(resource_type: str, name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    holders = select(col(ChartIndex.resource_id)).where(
        col(ChartIndex.resource_type) == resource_type, col(ChartIndex.param) == name, condition
    )
    return col(ChartResource.resource_id).in_(holders)


def prefixed(name: str, text: str) -> tuple[str, str, str]:
    """(prefix, low, high) of a searched date such as ``ge2026-12-01``. Raises `ChartRefusal` 400."""
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    try:
        low, high = interval(rest.replace(" ", "+"))
    except FhirTimeError:
        raise refuse(400, "value", "not a FHIR date or time", name) from None
    return prefix, low, high


def _dated(resource_type: str, name: str, text: str) -> ColumnElement[bool]:
    prefix, low, high = prefixed(name, text)
    value = col(ChartIndex.value)
    starts = {"lt": value < low, "le": value < high, "sa": value >= high}
    ends = {"gt": value > high, "ge": value > low, "eb": value <= low}
    if prefix in starts:
        return _has(resource_type, name, starts[prefix])
    if prefix in ends:
        return _has(resource_type, name + HIGH, ends[prefix])
    return and_(
        _has(resource_type, name, value >= low),
        _has(resource_type, name + HIGH, value <= high),
    )


def _updated(text: str) -> ColumnElement[bool]:
    prefix, low, high = prefixed("_lastUpdated", text)
    at, begin, end = col(ChartResource.updated_at), instant(low), instant(high)
    simple: dict[str, ColumnElement[bool]] = {
        "ge": at >= begin,
        "gt": at >= end,
        "sa": at >= end,
        "lt": at < begin,
        "eb": at < begin,
        "le": at < end,
    }
    return simple[prefix] if prefix in simple else and_(at >= begin, at < end)
