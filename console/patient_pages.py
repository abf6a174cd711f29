"""Patients: looked up without a word of it in an address, each with what the product has of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import days
from console.birth_dates import birth_date
from console.desk import Desk, SignedIn
from console.patients import Found, Patients, PatientView, read_patient
from console.users import Staff
from models.call_search import keep_search, kept_search
from models.errors import Conflict, NotFound

MOST_FOUND = 30
PAST = 20
TOO_LITTLE = "Give a name of two letters or more, a birth date, or a telephone number."
FORGOTTEN = "This search is not kept any longer. Please look the patient up again."
OF_PATIENTS = "patients"
NO_DATE = "Give the birth date as month/day/year, such as 3/5/1981."
PatientId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9.\-]+$")]  # as FHIR has ids


class Asked(BaseModel):
    """The search form."""

    name: str = Field(default="", max_length=100)
    born: str = Field(default="", max_length=20)
    phone: str = Field(default="", max_length=30)


class ConsentForm(BaseModel):
    """``version``: of the chart as shown. ``number``: which of the numbers on file."""

    choice: str = Field(max_length=10)
    version: int = Field(default=0, ge=0)
    number: int = Field(default=0, ge=0, le=50)


@dataclass(frozen=True, slots=True)
class Line:
    patient_id: str
    name: str
    born: str
    phone_end: str
    closed: str


@dataclass(frozen=True, slots=True)
class Search:
    """``lines`` None: nothing was looked for yet."""

    asked: Asked
    lines: tuple[Line, ...] | None = None
    more: bool = False
    problem: str = ""


class PatientPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /patients": self.front,
            "POST /patients": self.find,
            "GET /patients/{patient_id}": self.one,
            "POST /patients/{patient_id}/texts": self.texts,
            "POST /patients/{patient_id}/numbers": self.number,
            "POST /patients/{patient_id}/recording": self.recording,
        }

    async def front(
        self, request: Request, staff: SignedIn, search: Annotated[str, Query(max_length=64)] = ""
    ) -> Response:
        asked = (
            await self._desk.storage.read(lambda session: _kept(session, search, staff)) if search else None
        )
        if asked is None:
            return self._page(staff, Search(Asked(), problem=FORGOTTEN if search else ""))
        found = await self._found(asked)
        await self._note(request, staff, found)
        lines = tuple(self._line(one) for one in found[:MOST_FOUND])
        return self._page(staff, Search(asked, lines, more=len(found) > MOST_FOUND))

    async def find(self, request: Request, staff: SignedIn, asked: Annotated[Asked, Form()]) -> Response:
        """One who fits is opened; several are listed under an address that tells nothing of the search."""
        day = birth_date(asked.born)
        if asked.born.strip() and day is None:
            return self._page(staff, Search(asked, problem=NO_DATE), 422)
        if not (day or len(asked.name.strip()) >= 2 or asked.phone.strip()):
            return self._page(staff, Search(asked, problem=TOO_LITTLE), 422)
        found = await self._found(asked)
        if len(found) == 1:
            await self._note(request, staff, found)
            return RedirectResponse(f"/patients/{found[0].patient_id}", 303)
        body, now = {"of": OF_PATIENTS, "who": staff.name, **asked.model_dump()}, self._desk.clock()
        kept = await self._desk.storage.write(lambda session: keep_search(session, body, staff.name, now))
        return RedirectResponse(f"/patients?search={kept}", 303)

    async def _found(self, asked: Asked) -> Sequence[Found]:
        patients, day = self._open(), birth_date(asked.born)
        return await self._desk.storage.read(
            lambda session: patients.find(session, asked.name, day, asked.phone, MOST_FOUND + 1)
        )

    async def _note(self, request: Request, staff: Staff, found: Sequence[Found]) -> None:
        """In the audit trail: that somebody searched, and whom they were shown."""
        subjects = [f"patient/{one.patient_id}/found" for one in found[:MOST_FOUND]]
        await self._desk.trail.did(staff, "patients searched", "patients", f"{len(subjects)} found")
        await self._desk.trail.viewed_all(request, staff, subjects)

    async def one(self, staff: SignedIn, patient_id: PatientId) -> Response:
        view = await self._desk.storage.read(lambda session: self._read(session, patient_id, staff))
        return self._desk.render("patient.html", staff, patient=view, elsewhere=self._open().elsewhere)

    async def texts(
        self, staff: SignedIn, patient_id: PatientId, form: Annotated[ConsentForm, Form()]
    ) -> Response:
        """On the patient's word: texts about visits, yes or no."""
        agreed = _yes_or_no(form.choice)
        await self._change(self._open().agree_to_texts(patient_id, form.version, staff.name, agreed=agreed))
        return RedirectResponse(f"/patients/{patient_id}#consents", 303)

    async def number(
        self, staff: SignedIn, patient_id: PatientId, form: Annotated[ConsentForm, Form()]
    ) -> Response:
        """STOP or START for one number, as if it had been texted."""
        stopped = _yes_or_no(form.choice)
        await self._change(
            self._open().choose_for_number(patient_id, form.version, form.number, staff.name, stopped=stopped)
        )
        return RedirectResponse(f"/patients/{patient_id}#consents", 303)

    async def recording(
        self, staff: SignedIn, patient_id: PatientId, form: Annotated[ConsentForm, Form()]
    ) -> Response:
        """Whether calls from one number are recorded."""
        declined = not _yes_or_no(form.choice)
        work = self._open().choose_recording(
            patient_id, form.version, form.number, staff.name, declined=declined
        )
        await self._change(work)
        return RedirectResponse(f"/patients/{patient_id}#consents", 303)

    async def _change(self, work: Awaitable[None]) -> None:
        try:
            await work
        except NotFound as problem:
            raise HTTPException(404, "There is no such record.") from problem
        except Conflict as problem:
            raise HTTPException(409, "The chart was changed meanwhile. Please look at it again.") from problem

    def _read(self, session: Session, patient_id: str, staff: Staff) -> PatientView:
        patients, now = self._open(), self._desk.clock()
        try:
            file = patients.file(session, patient_id, now)
        except NotFound:
            file = None
        references = patients.task_references(session, patient_id, 2 * PAST)
        past = patients.refills(session, patient_id, PAST)
        view = read_patient(session, patient_id, file, references, past, staff.name, now, self._desk.zone)
        if file is None and not view.calls and not view.tasks:
            raise NotFound("no such patient")
        return view

    def _line(self, found: Found) -> Line:
        today = self._desk.clock().astimezone(self._desk.zone).date()
        name = found.name or found.patient_id
        return Line(found.patient_id, name, days.born(found.born, today), found.phone_end, found.closed)

    def _page(self, staff: Staff, search: Search, status: int = 200) -> Response:
        patients = self._desk.ports.patients
        elsewhere = patients is None or patients.elsewhere
        return self._desk.render("patients.html", staff, status, search=search, elsewhere=elsewhere)

    def _open(self) -> Patients:
        if self._desk.ports.patients is None:
            raise HTTPException(404, "There is nothing here.")
        return self._desk.ports.patients


def _kept(session: Session, search_id: str, staff: Staff) -> Asked | None:
    """This person's own search, None where it is not kept (any longer)."""
    body = kept_search(session, search_id)
    if body is None or (body.get("of"), body.get("who")) != (OF_PATIENTS, staff.name):
        return None
    return Asked(**{name: body.get(name, "") for name in Asked.model_fields})


def _yes_or_no(choice: str) -> bool:
    if choice not in ("yes", "no"):
        raise HTTPException(422, "Please choose yes or no.")
    return choice == "yes"
