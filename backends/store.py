"""The embedded chart inside one transaction: FHIR R4 interactions as plain functions of a Session.

https://hl7.org/fhir/R4/http.html. `chart.Chart` wraps them for callers outside a transaction.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backends import search
from backends.checking import check_resource, check_type
from backends.fhir_time import fhir_instant
from backends.index import Blind, entries, identifier_key, walk
from backends.refusals import Json, refuse
from models.chart import ChartIdentifier, ChartIndex, ChartResource, ChartVersion
from models.domain import Clock
from models.errors import Conflict
from models.keyring import KeyRing
from models.rows import insert_if_new

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one resource."""

    body: Json
    version: int
    updated: datetime

    @property
    def ref(self) -> str:
        return f"{self.body['resourceType']}/{self.body['id']}"

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search."""

    found: tuple[Stored, ...]
    total: int
    query: search.Query


class ChartStore:
    """FHIR interactions within the caller's transaction. Raises `ChartRefusal`."""

    def __init__(self, keyring: KeyRing, clock: Clock) -> None:
        self._blind = keyring.blind
        self._clock = clock

    def read(self, session: Session, resource_type: str, resource_id: str) -> Stored:
        """The current version; 404 when there is none."""
        stored = self.find(session, resource_type, resource_id)
        if stored is None:
            raise refuse(404, "not-found", "no such resource")
        return stored

    def find(
        self, session: Session, resource_type: str, resource_id: str, *, lock: bool = False
    ) -> Stored | None:
        """The current version, None when there is none. ``lock``: nobody else may change it meanwhile."""
        key = (check_type(resource_type), resource_id)
        row = session.get(ChartResource, key, with_for_update=True if lock else None)
        return None if row is None or row.deleted else _stored(row)

    def several(self, session: Session, resource_type: str, ids: Sequence[str]) -> dict[str, Json]:
        """The current documents of these ids, as far as they are there: one statement."""
        mine = (
            col(ChartResource.resource_type) == check_type(resource_type),
            col(ChartResource.resource_id).in_(set(ids)),
            col(ChartResource.deleted).is_(False),
        )
        rows = session.exec(select(ChartResource).where(*mine)).all() if ids else []
        return {row.resource_id: row.body for row in rows}

    def newest(
        self, session: Session, resource_type: str, by: str, count: int, *pairs: tuple[str, str]
    ) -> list[Json]:
        """The first ``count`` documents that match, the latest by the date parameter ``by`` first."""
        paging = [("_sort", f"-{by}"), ("_count", str(count))]
        query = search.read_query(check_type(resource_type), [*pairs, *paging], self._blind)
        return [row.body for row in search.page(session, query)]

    def latest_of_each(
        self,
        session: Session,
        resource_type: str,
        per: str,
        values: Sequence[str],
        by: str,
        also: Mapping[str, Sequence[str]],
        but: tuple[str, str] = ("", ""),
    ) -> dict[tuple[str, str], Json]:
        """For many at once: of each of ``values`` of the parameter ``per`` the latest document by the date
        parameter ``by``, and so for each value of the first parameter of ``also``, which all must fit.

        ``but``: a parameter and a value that it must not have. Two statements, however many there are.
        """
        places = search.latest(session, check_type(resource_type), per, values, by, also, but)
        documents = self.several(session, resource_type, list(places.values()))
        return {key: documents[name] for key, name in places.items() if name in documents}

    def vread(self, session: Session, resource_type: str, resource_id: str, version: int) -> Stored:
        """One version; 404 when there is none."""
        row = session.get(ChartVersion, (check_type(resource_type), resource_id, version))
        if row is None:
            raise refuse(404, "not-found", "no such version")
        return _stored(row)

    def history(self, session: Session, resource_type: str, resource_id: str) -> tuple[Stored, ...]:
        """Every version, newest first."""
        self.read(session, resource_type, resource_id)
        rows = session.exec(
            select(ChartVersion)
            .where(
                col(ChartVersion.resource_type) == resource_type, col(ChartVersion.resource_id) == resource_id
            )
            .order_by(col(ChartVersion.version).desc())
        )
        return tuple(_stored(row) for row in rows)

    def search(self, session: Session, resource_type: str, pairs: search.Pairs) -> Page:
        """One page of what matches all ``pairs`` (parameter, value)."""
        query = search.read_query(check_type(resource_type), pairs, self._blind)
        found = search.run(session, query)
        return Page(tuple(_stored(row) for row in found.rows), found.total, query)

    def all(self, session: Session, resource_type: str, *pairs: tuple[str, str]) -> list[Json]:
        """The documents matching all ``pairs``, by id."""
        paging = [("_sort", "_id"), ("_count", str(search.MAX_COUNT))]
        query = search.read_query(check_type(resource_type), [*pairs, *paging], self._blind)
        found: list[Json] = []
        while True:
            rows = search.page(session, replace(query, offset=len(found)))
            found.extend(row.body for row in rows)
            if len(rows) < query.count:
                return found

    def create(
        self, session: Session, resource: object, *, if_none_exist: str = "", resource_id: str = ""
    ) -> tuple[Stored, bool]:
        """Store a new resource; (it, True), or (the one that ``if_none_exist`` finds, False).

        ``if_none_exist`` is the query part only. Several matches: 412. The unique identifiers make the
        database refuse (`models.errors.Conflict`) when another process creates the same one meanwhile.
        """
        body = check_resource(resource)
        if if_none_exist:
            existing = self.match(session, body["resourceType"], if_none_exist)
            if existing is not None:
                return existing, False
        stored = self._write(session, body, resource_id or uuid.uuid4().hex, 1)
        self._claim(session, stored.body, only_mine=self._condition_keys(if_none_exist))
        return stored, True

    def update(
        self, session: Session, resource: object, resource_id: str, *, if_match: str = ""
    ) -> tuple[Stored, bool]:
        """Replace a resource, or create it under this id; (it, created). A stale ``if_match``: 412."""
        body = check_resource(resource)
        if not _ID.fullmatch(resource_id):
            raise refuse(400, "value", "a resource id has 1 to 64 letters, digits, hyphens or dots", "id")
        if body.get("id", resource_id) != resource_id:
            raise refuse(400, "invariant", "the id of the body is not the id of the address", "id")
        row = session.get(ChartResource, (body["resourceType"], resource_id), with_for_update=True)
        _check_version(row, if_match)
        stored = self._write(session, body, resource_id, row.version + 1 if row else 1)
        self._claim(session, stored.body)
        return stored, row is None

    def add_missing(self, session: Session, resources: Sequence[Json]) -> int:
        """Store, as their first versions, those resources (with ids) that the chart lacks; how many.

        For many at once: a few statements in all. Raises `ChartRefusal` for an invalid one.
        """
        fresh = [check_resource(resource) for resource in self._missing(session, resources)]
        self.add_all(session, fresh)
        return len(fresh)

    def add_all(self, session: Session, fresh: Sequence[Json]) -> None:
        """Store, as first versions, checked resources whose ids the chart lacks: a few statements in all.

        Raises `Conflict` when another process stored one of them meanwhile.
        """
        now = self._clock()
        wholes = [_with_meta(resource, resource["id"], 1, now) for resource in fresh]
        rows = [_row_values(whole, 1, now) for whole in wholes]
        indexed = [row for whole in wholes for row in self._index_rows(whole)]
        try:
            for table, values in ((ChartResource, rows), (ChartVersion, rows), (ChartIndex, indexed)):
                if values:
                    session.exec(insert(table), params=values)
        except IntegrityError:
            raise Conflict("another process stored one of these meanwhile") from None
        for whole in wholes:
            self._claim(session, whole)

    def _missing(self, session: Session, resources: Sequence[Json]) -> list[Json]:
        present: set[tuple[str, str]] = set()
        for resource_type in {resource["resourceType"] for resource in resources}:
            ids = select(ChartResource.resource_id).where(col(ChartResource.resource_type) == resource_type)
            present.update((resource_type, resource_id) for resource_id in session.exec(ids))
        return [r for r in resources if (r["resourceType"], r["id"]) not in present]

    def match(self, session: Session, resource_type: str, query: str) -> Stored | None:
        """The one resource that ``query`` (``identifier=system|value``) finds, or None; 412 for many."""
        pairs = parse_qsl(query, keep_blank_values=True)
        if not pairs or all(name.startswith("_") and name != "_id" for name, _ in pairs):
            raise refuse(400, "value", "a conditional interaction needs a search parameter")
        found = self.search(session, resource_type, [*pairs, ("_count", "2")])
        if found.total > 1:
            raise refuse(412, "multiple-matches", "several resources match the condition")
        return found.found[0] if found.found else None

    def by_identifier(self, session: Session, resource_type: str, system: str, value: str) -> Stored | None:
        """The resource that holds an identifier, if any."""
        key = identifier_key(system, value, self._blind)
        holder = session.get(ChartIdentifier, (resource_type, key))
        return self.read(session, resource_type, holder.resource_id) if holder else None

    def _write(self, session: Session, body: Json, resource_id: str, version: int) -> Stored:
        now = self._clock()
        whole = _with_meta(body, resource_id, version, now)
        row = _row_values(whole, version, now)
        session.merge(ChartResource(**row))
        session.add(ChartVersion(**row))
        session.flush()
        if version > 1:
            self._forget(session, row)
        rows = self._index_rows(whole)
        if rows:
            session.exec(insert(ChartIndex), params=rows)
        return Stored(whole, version, now)

    def _forget(self, session: Session, row: dict[str, Any]) -> None:
        """Drop what the former version was found by."""
        for table in (ChartIndex, ChartIdentifier):
            mine = (
                col(table.resource_type) == row["resource_type"],
                col(table.resource_id) == row["resource_id"],
            )
            session.exec(delete(table).where(*mine))

    def _index_rows(self, body: Json) -> list[dict[str, str]]:
        key = {"resource_type": body["resourceType"], "resource_id": body["id"]}
        return [
            {**key, "param": param, "value": value} for param, value in sorted(entries(body, self._blind))
        ]

    def _claim(self, session: Session, body: Json, only_mine: Container[str] = ()) -> None:
        """Make the resource the holder of its identifiers, unless another holds them.

        Raises `Conflict` when one of ``only_mine`` is another's: somebody was faster.
        """
        for key in sorted(_identifier_keys(body, self._blind)):
            claim = ChartIdentifier(
                resource_type=body["resourceType"], identifier=key, resource_id=body["id"]
            )
            if not insert_if_new(session, claim) and key in only_mine:
                raise Conflict("another resource already has this identifier")

    def _condition_keys(self, query: str) -> set[str]:
        """The identifiers that a condition such as ``identifier=system|value`` names."""
        values = (value for name, value in parse_qsl(query) if name == "identifier")
        parts = (value.rpartition("|") for value in values)
        return {identifier_key(system, value, self._blind) for system, _, value in parts}


def _with_meta(body: Json, resource_id: str, version: int, now: datetime) -> Json:
    """The document as stored: type, id and meta first, then the rest in its own order."""
    meta = {**body.get("meta", {}), "versionId": str(version), "lastUpdated": fhir_instant(now)}
    first = {"resourceType": body["resourceType"], "id": resource_id, "meta": meta}
    return {**first, **{name: value for name, value in body.items() if name not in first}}


def _row_values(whole: Json, version: int, now: datetime) -> dict[str, Any]:
    return {
        "resource_type": whole["resourceType"],
        "resource_id": whole["id"],
        "version": version,
        "updated_at": now,
        "deleted": False,
        "body": whole,
    }


def _identifier_keys(body: Json, blind: Blind) -> set[str]:
    return {
        identifier_key(item.get("system", ""), item["value"], blind)
        for item in walk(body, ["identifier"])
        if isinstance(item, dict) and item.get("value")
    }


def _stored(row: ChartResource | ChartVersion) -> Stored:
    return Stored(row.body, row.version, row.updated_at)


def _check_version(row: ChartResource | None, if_match: str) -> None:
    if not if_match:
        return
    wanted = _ETAG.fullmatch(if_match.strip())
    if wanted is None:
        raise refuse(400, "value", 'If-Match must look like W/"3"')
    if row is None or row.version != int(wanted[1]):
        raise refuse(412, "conflict", "the resource was changed meanwhile: read it again")
