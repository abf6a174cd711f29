"""The waitlist at the desk: who waits for what, what is offered to whom, and what staff do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from backends.chart import Chart, write_retrying
from backends.desk_trail import note
from backends.fhir_time import instant
from backends.identity import spoken_name
from backends.practice import Practice
from backends.refusals import Json
from backends.waitlist import LIVE, EmbeddedWaitlist, wish_of
from backends.waitlist_offers import Offers
from models.contact_tables import WaitlistEntry, WaitState
from models.domain import OpeningGone
from models.errors import Conflict, NotFound
from models.schedule import DeskOrder, Waiting
from models.tables import Call
from models.texts import is_stopped

MOST = 300


class EntryChanged(Conflict):
    """Somebody else did something with the entry after this form was shown."""

    code = "entry-changed"
    fix = "Look at the waitlist again."


class NothingFits(Conflict):
    """There is no opening that this patient asked for."""

    code = "nothing-fits"
    fix = "Publish openings, or ask the patient what else would do."


class DeskWaitlist:
    """``seen`` is how the form showed the entry: what has changed since is refused as `EntryChanged`."""

    def __init__(self, chart: Chart, practice: Practice, waitlist: EmbeddedWaitlist, offers: Offers) -> None:
        self._chart, self._practice = chart, practice
        self._waitlist, self._offers = waitlist, offers

    async def waiting(self) -> tuple[tuple[Waiting, ...], int]:
        """Those who wait, longest first, as many as one page shows; and how many more there are."""
        now = self._chart.clock()

        def work(session: Session) -> tuple[tuple[Waiting, ...], int]:
            query = select(WaitlistEntry).where(col(WaitlistEntry.state).in_(LIVE))
            rows = session.exec(query.order_by(col(WaitlistEntry.created_at), col(WaitlistEntry.id))).all()
            return self._lines(session, rows[:MOST], now), max(0, len(rows) - MOST)

        return await self._chart.storage.read(work)

    async def remove(self, entry_id: str, seen: str, who: str) -> None:
        """Off the list; what was held is free again. Raises `NotFound` and `EntryChanged`."""
        await self._do(entry_id, seen, who, "waitlist remove", self._waitlist.end)

    async def pass_on(self, entry_id: str, seen: str, who: str) -> None:
        """They do not want what is held: the next in line is offered it. Raises as `remove`."""
        await self._do(entry_id, seen, who, "waitlist pass", self._waitlist.pass_on)

    async def take(self, entry_id: str, seen: str, order: DeskOrder) -> None:
        """They want what is held: it is booked. Raises as `remove`, `PatientBusy` and `TooManyVisits`."""
        now, call_id = self._chart.clock(), f"desk-{order.form_id}"

        def work(session: Session) -> None:
            if self._waitlist.has_booked(session, call_id, "take"):
                return
            entry = self._shown(session, entry_id, seen)
            comment = f"Booked at the desk by {order.who}, from the waitlist"
            done = self._waitlist.book_held(session, entry, call_id, "take", now, comment)
            if isinstance(done, OpeningGone):
                raise EntryChanged("This opening is not held any more")
            _audit(session, now, order.who, "waitlist take", entry)

        await write_retrying(self._chart.storage, work)

    async def offer(self, entry_id: str, seen: str, who: str) -> None:
        """Hold what fits best, and text them or open the task to call them.

        Raises `NotFound`, `EntryChanged` and `NothingFits`.
        """
        now = self._chart.clock()
        await self._chart.storage.read(lambda session: self._shown(session, entry_id, seen, lock=False))
        if not await self._offers.offer_now(entry_id, now):
            raise NothingFits("Nothing that is open fits this patient's wish")

        def write(session: Session) -> None:
            _audit(session, now, who, "waitlist offer", session.get_one(WaitlistEntry, entry_id))

        await self._chart.storage.write(write)

    async def _do(
        self, entry_id: str, seen: str, who: str, action: str, deed: Callable[[Session, WaitlistEntry], None]
    ) -> None:
        now = self._chart.clock()

        def work(session: Session) -> None:
            entry = self._shown(session, entry_id, seen)
            deed(session, entry)
            _audit(session, now, who, action, entry)

        await write_retrying(self._chart.storage, work)

    def _shown(self, session: Session, entry_id: str, seen: str, *, lock: bool = True) -> WaitlistEntry:
        entry = session.get(WaitlistEntry, entry_id, with_for_update=lock or None, populate_existing=True)
        if entry is None:
            raise NotFound("no such entry on the waitlist")
        if seen_of(entry) != seen:
            raise EntryChanged(f"This entry has changed since you opened the page: {_stands(entry)}")
        return entry

    def _lines(self, session: Session, rows: Sequence[WaitlistEntry], now: datetime) -> tuple[Waiting, ...]:
        patients = self._found(session, "Patient", [row.patient_id for row in rows])
        visits = self._found(session, "Appointment", [row.appointment_id for row in rows])
        calls = set(
            session.exec(select(Call.id).where(col(Call.id).in_([row.call_id for row in rows]))).all()
        )
        return tuple(self._line(session, row, patients, visits, calls, now) for row in rows)

    def _found(self, session: Session, resource_type: str, ids: list[str]) -> dict[str, Json]:
        wanted = sorted(set(ids) - {""})
        found = self._chart.store.all(session, resource_type, ("_id", ",".join(wanted))) if wanted else []
        return {one["id"]: one for one in found}

    def _line(
        self,
        session: Session,
        row: WaitlistEntry,
        patients: dict[str, Json],
        visits: dict[str, Json],
        calls: set[str],
        now: datetime,
    ) -> Waiting:
        rule, old = self._practice.visit_rule(row.visit_type), visits.get(row.appointment_id, {})
        offered = self._waitlist.live_offer(session, row, now)
        return Waiting(
            entry_id=row.id,
            seen=seen_of(row),
            patient_id=row.patient_id,
            patient_name=spoken_name(patients.get(row.patient_id, {})),
            visit_name=rule.visit_type.name if rule else row.visit_type,
            wish=wish_of(row),
            since=row.created_at,
            by_text=bool(row.text_number) and not is_stopped(session, row.text_number),
            offers=row.offers,
            offered=offered,
            offer_until=row.offer_until if offered else None,
            replaces=instant(str(old["start"])) if old.get("status") == "booked" and "start" in old else None,
            call_id=row.call_id if row.call_id in calls else "",
        )


def seen_of(entry: WaitlistEntry) -> str:
    """How it stands, in a word that changes with every deed."""
    return f"{entry.state}.{entry.offers}"


def _stands(entry: WaitlistEntry) -> str:
    match WaitState(entry.state):
        case WaitState.WAITING:
            return "they wait again."
        case WaitState.OFFERED:
            return "an opening is offered to them."
        case WaitState.BOOKED:
            return "they are booked."
        case _:
            return "they have left the list."


def _audit(session: Session, now: datetime, who: str, action: str, entry: WaitlistEntry) -> None:
    note(session, now, who, action, f"patient/{entry.patient_id}", entry.id)
