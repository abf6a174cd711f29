"""Loading one foreign Bundle into the embedded chart: read, clean, check, place, store; all of it or nothing.

What the chart holds already is left as it is, so loading a file twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import phonenumbers
from sqlmodel import Session

from backends.chart import Chart, write_retrying
from backends.checking import check_resource
from backends.foreign_cleaning import clean
from backends.foreign_file import ChartFileError, ForeignBundle, Incoming, Skipped
from backends.foreign_medicines import named
from backends.foreign_owning import adopted, usual_practitioners
from backends.foreign_places import SHARED, Place, place_of, source_of, subject_of
from backends.foreign_references import Directory, Resolver, base_of
from backends.practice import Practice
from backends.refusals import ChartRefusal, Json
from backends.seed_practice import practice_resources
from backends.store import ChartStore
from models.audit import append

Pause = Callable[[], Awaitable[None]]
NO_PATIENT = "its patient is neither in the file nor in the chart"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file. Counts are of resources, by type; ``dropped`` of identifiers, by kind."""

    added: dict[str, int] = field(default_factory=dict)
    held: int = 0  # the chart had them before
    adopted: int = 0  # of these, newly given to the practice's own providers
    skipped: tuple[Skipped, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    nowhere: dict[str, int] = field(default_factory=dict)  # references to what is not there, by type
    numbers_unread: int = 0  # telephone numbers that callers will not be known by
    without_birth_date: int = 0  # patients whom no caller can show to be

    def with_(self, other: Loaded) -> Loaded:
        """Both together."""
        return Loaded(
            added=_sum(self.added, other.added),
            held=self.held + other.held,
            adopted=self.adopted + other.adopted,
            skipped=(*self.skipped, *other.skipped),
            dropped=_sum(self.dropped, other.dropped),
            nowhere=_sum(self.nowhere, other.nowhere),
            numbers_unread=self.numbers_unread + other.numbers_unread,
            without_birth_date=self.without_birth_date + other.without_birth_date,
        )

    @property
    def whole(self) -> bool:
        """Whether nothing broken was left out."""
        return not any(item.broken for item in self.skipped)


class ChartLoader:
    """Loads foreign Bundles. ``own_patients``: the practice's own providers take them over."""

    def __init__(self, chart: Chart, practice: Practice, *, own_patients: bool = False) -> None:
        self._chart = chart
        self._practice = practice
        self._region = region_of(practice.phone)
        mine = (clinician.provider.provider_id for clinician in practice.clinicians)
        self._own = tuple(mine) if own_patients else ()

    async def load_export(self, bundles: Sequence[ForeignBundle], pause: Pause) -> Loaded:
        """Store the Bundles of one export, each whole or not at all; ``pause`` comes after each.

        A chart whose Patient is broken is left out and named.
        """
        done = Loaded()
        for bundle in bundles:
            try:
                done = done.with_(await self.load(bundle))
            except ChartFileError as problem:
                left_out = Skipped("a patient's chart", str(problem), broken=True)
                done = done.with_(Loaded(skipped=(left_out,)))
            await pause()
        return done

    async def load(self, bundle: ForeignBundle) -> Loaded:
        """Store a Bundle's resources in one transaction.

        A broken resource is left out and named; a broken Patient makes it a `ChartFileError`, because a
        chart without its patient is none.
        """
        try:
            cleaned, done = clean([one.resource for one in bundle.incoming], self._region)
            incoming = [replace(one, resource=doc) for one, doc in zip(bundle.incoming, cleaned, strict=True)]
            good, broken = _checked(incoming)
        except RecursionError:
            raise ChartFileError("its resources are nested too deeply") from None
        work = partial(_Work(self._chart, self._practice, self._own).store_all, incoming=good)
        loaded = await write_retrying(self._chart.storage, work)
        return replace(
            loaded,
            skipped=(*bundle.skipped, *broken, *loaded.skipped),
            dropped=dict(done.dropped),
            numbers_unread=done.numbers_unread,
            without_birth_date=sum(map(_lacks_birth_date, good)),
        )


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))


def region_of(phone: str) -> str:
    """The country that the practice's own number belongs to: "US" for +1617..."""
    code = phonenumbers.parse(phone, None).country_code or 1
    return phonenumbers.region_code_for_country_code(code)


def _lacks_birth_date(one: Incoming) -> bool:
    """A birth date is asked of every caller: without the whole of it nobody is taken for them."""
    return one.type == "Patient" and len(str(one.resource.get("birthDate", ""))) < len("1961-04-09")


def _checked(incoming: Sequence[Incoming]) -> tuple[list[Incoming], list[Skipped]]:
    good: list[Incoming] = []
    broken: list[Skipped] = []
    for one in incoming:
        try:
            check_resource(one.resource)
        except ChartRefusal as refusal:
            broken.append(Skipped(one.where, f"broken: {refusal}", broken=True))
        else:
            good.append(one)
    patients = [item for item in broken if item.what.endswith(" Patient")]
    if patients:
        problem = f"{patients[0].what} is {patients[0].why}; a chart needs its patient"
        raise ChartFileError(problem, fix="Correct the Patient in the file, or export it again.")
    return good, broken


class _Work:
    """One transaction's work; may run again after a conflict with another process."""

    def __init__(self, chart: Chart, practice: Practice, own: Sequence[str]) -> None:
        self._chart = chart
        self._store: ChartStore = chart.store
        self._practice = practice
        self._own = own

    def store_all(self, session: Session, incoming: Sequence[Incoming]) -> Loaded:
        if self._own:
            self._store.add_missing(session, list(practice_resources(self._practice)))
        directory = Directory()
        resolver = Resolver(self._store, session, directory)
        placed = self._place(session, incoming, resolver)
        fresh, skipped = self._documents(session, placed, resolver)
        usual = usual_practitioners([*fresh, *(place.held.body for _, place in placed if place.held)])
        if self._own:
            fresh = [adopted(document, self._own, usual) for document in fresh]
        self._store.add_all(session, fresh)
        taken_over = self._adopt_held(session, placed, usual) if self._own else 0
        self._audit(session, fresh)
        return Loaded(
            added=dict(sorted(Counter(document["resourceType"] for document in fresh).items())),
            held=sum(place.held is not None for _, place in placed),
            adopted=taken_over,
            skipped=tuple(skipped),
            nowhere=dict(resolver.nowhere),
        )

    def _place(
        self, session: Session, incoming: Sequence[Incoming], resolver: Resolver
    ) -> list[tuple[Incoming, Place]]:
        """Everybody's place; shared resources first, because the others are known by their patient."""
        placed: list[tuple[Incoming, Place]] = []
        taken: dict[str, str] = {}
        for one in sorted(incoming, key=lambda one: one.type not in SHARED):

            def patient_of(resource: Json, base: str = base_of(one.full_url)) -> str:
                reference = subject_of(resource)
                return resolver.target(reference, base) if reference else ""

            known = resolver.directory.shared(one)
            place = known or place_of(self._store, session, one, patient_of)
            is_new = known is None and place.held is None
            if is_new and taken.setdefault(place.ref, source_of(one)) != source_of(one):
                place = place.elsewhere(self._store, session, one)
            resolver.directory.add(one, place)
            placed.append((one, place))
        return sorted(placed, key=lambda pair: pair[0].number)

    def _documents(
        self, session: Session, placed: Iterable[tuple[Incoming, Place]], resolver: Resolver
    ) -> tuple[list[Json], list[Skipped]]:
        """The new resources as they are stored, each once, and those that have no patient here."""
        fresh: dict[str, Json] = {}
        skipped: list[Skipped] = []
        for one, place in placed:
            if place.held is not None or place.ref in fresh:
                continue
            base = base_of(one.full_url)
            patient = subject_of(one.resource)
            if patient and not patient.startswith("#") and not resolver.target(patient, base):
                skipped.append(Skipped(one.where, NO_PATIENT, broken=True))
                continue
            document = resolver.resolved(one.resource, base)
            meta = {**document.get("meta", {}), "source": source_of(one)}
            fresh[place.ref] = {**document, "id": place.id, "meta": meta}

        def medication(reference: str) -> Json | None:
            kind, _, medication_id = reference.partition("/")
            held = self._store.find(session, kind, medication_id) if kind == "Medication" else None
            return fresh.get(reference) or (held.body if held else None)

        return [named(document, medication) for document in fresh.values()], skipped

    def _adopt_held(
        self, session: Session, placed: Iterable[tuple[Incoming, Place]], usual: Mapping[str, str]
    ) -> int:
        changed = 0
        for held in {place.ref: place.held for _, place in placed if place.held}.values():
            document = adopted(held.body, self._own, usual)
            if document is not held.body:
                self._store.update(session, document, held.body["id"])
                changed += 1
        return changed

    def _audit(self, session: Session, fresh: Iterable[Json]) -> None:
        for document in fresh:
            if document["resourceType"] == "Patient":
                append(
                    session,
                    at=self._chart.clock(),
                    actor="operator",
                    action="chart-loaded",
                    subject=f"Patient/{document['id']}",
                    why="load-charts",
                )
