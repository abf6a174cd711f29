"""Settings: what staff change in daily life, with versions. A change counts for the next call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, HTTPException, Path, Request, Response
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from console import settings_desk, wording
from console.desk import Desk, SignedIn
from console.roles import CLINICIANS
from console.settings_desk import Standing
from console.settings_diff import Difference, differences
from console.settings_fields import Section
from console.settings_form import GroupView, read_form, show_form, tidy, unplaced
from console.settings_port import PracticeSettings
from console.settings_sections import DANGER_PHRASES, WORDING, sections
from console.users import Staff
from models.errors import Conflict, NotFound
from models.practice import Body, Fault

SectionKey = Annotated[str, Path(pattern=r"^[a-z-]{1,32}$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
BasedOn = Annotated[int, Form(ge=0, le=2**31 - 1)]
NOT_HERE = "This installation has no such settings."
ONLY_A_CLINICIAN = "Only a clinician may take a danger phrase away: a nurse or prescriber must save this."
CHANGED = "Somebody changed this meanwhile. Please look again and repeat it."
NEEDED = "This version cannot be taken as it is: "


@dataclass(frozen=True)
class Card:
    """A section on the overview. ``stands``: who changed it when."""

    key: str
    title: str
    what: str
    stands: str
    file_differs: bool


class SettingsPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        found = sections(desk.ports.settings.signs) if desk.ports.settings else ()
        self._sections = {section.key: section for section in found}

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /settings": self.overview,
            "GET /settings/{section}": self.show,
            "POST /settings/{section}": self.save,
            "GET /settings/{section}/versions": self.versions,
            "POST /settings/{section}/versions/{number}": self.go_back,
            "POST /settings/{section}/file": self.take_the_files,
        }

    async def overview(self, staff: SignedIn) -> Response:
        port = self._desk.ports.settings

        def work(session: Session) -> list[Card]:
            parts = [(one, port.of_file(one.key)) for one in self._sections.values()] if port else []
            return [self._card(session, section, of_file) for section, of_file in parts]

        return self._desk.render("settings.html", staff, cards=await self._desk.storage.read(work))

    async def show(self, staff: SignedIn, section: SectionKey) -> Response:
        found, port = self._find(section)
        now = await self._standing(found, port)
        return await self._page(staff, found, now.body, now)

    async def save(
        self, staff: SignedIn, section: SectionKey, based_on: BasedOn, request: Request
    ) -> Response:
        """The form as it came back with what is wrong, or the page of the new version."""
        found, port = self._find(section)
        body = read_form(found, _sent(await request.form()))
        now = await self._standing(found, port)
        faults = [*await port.faults(found.key, body), *_taken_away(staff, found, now.body, body)]
        if faults:
            kept = Standing(now.body, based_on, now.who, now.at)
            return await self._page(staff, found, body, kept, faults=faults, status=422)
        try:
            await self._take(staff, found, port, body, based_on)
        except Conflict:
            return await self._both(staff, found, port, body, based_on)
        return RedirectResponse(f"/settings/{found.key}", 303)

    async def versions(self, staff: SignedIn, section: SectionKey) -> Response:
        found, _ = self._find(section)
        rows = await self._desk.storage.read(lambda session: settings_desk.history(session, found))
        shown = [(row, self._when(row.who, row.at)) for row in rows]
        return self._desk.render("setting_versions.html", staff, section=found, versions=shown)

    async def go_back(
        self, staff: SignedIn, section: SectionKey, number: Number, based_on: BasedOn
    ) -> Response:
        """As a new version: what was in between stays on record."""
        found, port = self._find(section)
        read = self._desk.storage.read
        body = await read(lambda session: settings_desk.version_body(session, found, number))
        return await self._replace(staff, found, port, body, based_on, f"as version {number}")

    async def take_the_files(self, staff: SignedIn, section: SectionKey, based_on: BasedOn) -> Response:
        found, port = self._find(section)
        body = tidy(found, port.of_file(found.key))
        return await self._replace(staff, found, port, body, based_on, "as practice.toml")

    # ----------------------------------------------------------------------- work

    def _find(self, key: str) -> tuple[Section, PracticeSettings]:
        port = self._desk.ports.settings
        if port is None or key not in self._sections:
            raise HTTPException(404, NOT_HERE)
        return self._sections[key], port

    async def _standing(self, section: Section, port: PracticeSettings) -> Standing:
        of_file = port.of_file(section.key)
        return await self._desk.storage.read(lambda s: settings_desk.standing(s, section, of_file))

    async def _replace(
        self, staff: Staff, section: Section, port: PracticeSettings, body: Body, based_on: int, why: str
    ) -> Response:
        now = await self._standing(section, port)
        faults = [*await port.faults(section.key, body), *_taken_away(staff, section, now.body, body)]
        if faults:
            raise HTTPException(409, NEEDED + " ".join(fault.sentence for fault in faults))
        try:
            await self._take(staff, section, port, body, based_on, why)
        except Conflict:
            raise HTTPException(409, CHANGED) from None
        return RedirectResponse(f"/settings/{section.key}", 303)

    async def _take(
        self, staff: Staff, section: Section, port: PracticeSettings, body: Body, based_on: int, why: str = ""
    ) -> None:
        at, of_file = self._desk.clock(), port.of_file(section.key)
        await self._desk.storage.write(
            lambda session: settings_desk.take(
                session, staff, section, body, of_file=of_file, based_on=based_on, at=at, why=why
            )
        )
        await port.changed()

    async def _both(
        self, staff: Staff, section: Section, port: PracticeSettings, mine: Body, based_on: int
    ) -> Response:
        """Somebody was faster: theirs is told, mine stays in the form."""
        now = await self._standing(section, port)
        before = await self._desk.storage.read(lambda s: _body_at(s, section, based_on, port))
        theirs = differences(section, before, now.body)
        return await self._page(staff, section, mine, now, theirs=theirs, status=409)

    # ----------------------------------------------------------------------- pages

    async def _page(
        self,
        staff: Staff,
        section: Section,
        body: Body,
        now: Standing,
        *,
        faults: Sequence[Fault] = (),
        theirs: Sequence[Difference] = (),
        status: int = 200,
    ) -> Response:
        _, port = self._find(section.key)
        of_file = port.of_file(section.key)
        groups = show_form(section, body, faults)
        other = await self._desk.storage.read(lambda s: settings_desk.file_differs(s, section, of_file))
        return self._desk.render(
            "setting.html",
            staff,
            status,
            section=section,
            groups=groups,
            version=now.version,
            stands=self._when(now.who, now.at),
            faults=[(fault.sentence, _place(groups, fault)) for fault in faults],
            whole=unplaced(section, faults, groups),
            theirs=theirs,
            conflict=status == 409,
            of_file=other,
            warnings=await port.warnings(section.key),
        )

    def _card(self, session: Session, section: Section, of_file: Body) -> Card:
        now = settings_desk.standing(session, section, of_file)
        differs = bool(settings_desk.file_differs(session, section, of_file))
        return Card(section.key, section.title, section.what, self._when(now.who, now.at), differs)

    def _when(self, who: str, at: datetime | None) -> str:
        """ "kim, Mon Mar 9, 11:00, 2026", "" where nobody has changed it here."""
        return (
            f"{who}, {wording.when(at, self._desk.zone)}, {at.astimezone(self._desk.zone).year}" if at else ""
        )


def _body_at(session: Session, section: Section, version: int, port: PracticeSettings) -> Body:
    try:
        return settings_desk.version_body(session, section, version)
    except NotFound:
        return tidy(section, port.of_file(section.key))


def _taken_away(staff: Staff, section: Section, before: Body, after: Body) -> Sequence[Fault]:
    """A practice adds phrases for danger; to take one of its own back is a clinical decision."""
    if section.key != WORDING or staff.roles & CLINICIANS:
        return ()
    old, new = before.get(DANGER_PHRASES, {}), after.get(DANGER_PHRASES, {})
    gone = [sign for sign, phrases in old.items() if set(phrases) - set(new.get(sign, ()))]
    return [Fault(f"{DANGER_PHRASES}.{sign}", ONLY_A_CLINICIAN) for sign in gone]


def _sent(form: FormData) -> dict[str, str | list[str]]:
    """Every field's texts; of files nothing."""
    return {name: [each for each in form.getlist(name) if isinstance(each, str)] for name in form}


def _place(groups: Sequence[GroupView], fault: Fault) -> str:
    """The id of the field or group that shows a fault."""
    for group in groups:
        for entry in group.entries:
            for field in entry.fields:
                if field.fault == fault.sentence and _same(field.id, fault.path):
                    return str(field.id)
        if group.id == fault.path:
            return f"group-{group.id}"
    return ""


def _same(field_id: str, path: str) -> bool:
    return field_id == path.replace("[", ".").replace("]", "")
