"""The practice's settings for the console: what the file says, and every check before a change is taken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from agent.danger_phrases import problems_of
from agent.services import Services
from agent.whom_to_reach import front_desk, own_number
from backends.fhir_time import fhir_instant
from backends.on_call_numbers import problem_of
from backends.practice import Practice
from backends.practice_sections import HOURS, OFFICE, ON_CALL, VISITS, WORDING, faults_of, practice_with
from dialog import safety
from dialog.safety.added import MOST_PHRASES
from dialog.wording_rules import faults as wording_faults
from dialog.wording_rules import says_done
from models.domain import DangerPhrase, PracticeFacts
from models.practice import Body, Fault

LOOK_AHEAD_DAYS = 14
MOST_SHOWN = 3
_BOOKED = "booked,arrived,pending"
_SAYS_DONE = "says that something is done"
_DENIES = "takes back what callers must be told: that this is an AI, and whether the call is recorded"
_DENIAL = re.compile(
    r"\b(?:(?:not|never|isn't|aren't|don't|won't|no)\W+(?:\w+\W+){0,2}"
    r"(?:recorded|recording|record (?:\w+ )?calls?)"
    r"|(?:not|isn't|never)\W+(?:an? |the )?(?:ai|robot|bot|machine|computer)"
    r"|(?:i'm|i am|(?:speaking|talking) (?:with|to)) an? (?:\w+ )?(?:person|human))\b",
    re.IGNORECASE,
)  # what the greeting owes by the laws that dialog/wording.py names


class PracticeDesk:
    """`console.settings_port.PracticeSettings` on the practice's own book."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.signs = tuple((flag.id, flag.name) for flag in safety.CATALOGUE)

    def of_file(self, key: str) -> Body:
        return self._services.book.part_of_file(key)

    async def changed(self) -> None:
        await self._services.refresh_practice()

    async def faults(self, key: str, body: Body) -> Sequence[Fault]:
        """Reading is quick; judging danger phrases reads thousands of everyday sentences the first time."""
        return await asyncio.to_thread(self._faults, key, body)

    def _faults(self, key: str, body: Body) -> tuple[Fault, ...]:
        document = self._services.book.document
        if found := faults_of(document, key, body):
            return found
        practice = practice_with(document, {key: body}, "practice.toml")
        facts = practice.facts(self._services.clock())
        checks = (*_objections(key, body, facts), *self._numbers(key, practice), *_phrases(key, practice))
        return tuple(checks)

    def _numbers(self, key: str, practice: Practice) -> Iterator[Fault]:
        """The numbers of the on-call list that may not be dialled."""
        if key != ON_CALL:
            return
        chosen = self._services.settings
        desk = front_desk(chosen, practice)
        ours = {own_number(chosen, practice), *(line.number for line in practice.lines)} - {desk}
        for number, contact in enumerate(practice.on_call.contacts):
            problem = problem_of(contact.phone, practice.phone, ours) if contact.phone else ""
            if problem:
                yield Fault(f"contacts[{number}].phone", problem)

    async def warnings(self, key: str) -> Sequence[str]:
        """What staff should know of the setting as it counts now."""
        if key == ON_CALL:
            return await asyncio.to_thread(self._gaps)
        return await self._booked_on_closed_days() if key == HOURS else ()

    def _gaps(self) -> list[str]:
        practice, now = self._services.practice, self._services.clock()
        gaps = [_span(practice, *gap) for gap in practice.gaps(now, LOOK_AHEAD_DAYS)]
        more = [f"And {len(gaps) - MOST_SHOWN} more such times in the next {LOOK_AHEAD_DAYS} days."]
        return gaps if len(gaps) <= MOST_SHOWN else gaps[:MOST_SHOWN] + more

    async def _booked_on_closed_days(self) -> list[str]:
        """Visits of our own schedule that stand on days on which nobody is there."""
        if self._services.reading is not None:
            return []
        practice, today = self._services.practice, self._services.clock().date()
        ahead = sorted(one.day for one in practice.closures if one.day >= today)
        counted = [(day, await self._visits_on(practice, day)) for day in ahead]
        return [
            f"{count} visit{'' if count == 1 else 's'} booked on {day:%A}, {day:%B} {day.day}, {day.year}: "
            "the practice is closed then. Move or cancel each, and tell the patient."
            for day, count in counted
            if count
        ]

    async def _visits_on(self, practice: Practice, day: date) -> int:
        begin, end = practice.instant(day), practice.instant(day + timedelta(days=1))
        pairs = [("date", f"ge{fhir_instant(begin)}"), ("date", f"lt{fhir_instant(end)}")]
        page = await self._services.backends.chart.search("Appointment", [*pairs, ("status", _BOOKED)])
        return page.total


def _span(practice: Practice, begins: datetime, ends: datetime) -> str:
    here = [each.astimezone(practice.zone) for each in (begins, ends)]
    return f"Nobody is on call from {here[0]:%a %b %d, %H:%M} to {here[1]:%a %b %d, %H:%M}."


# --------------------------------------------------------------------------- words


def _objections(key: str, body: Body, facts: PracticeFacts) -> Iterator[Fault]:
    """What the wording rules object to in the sentences that callers would hear."""
    for path, sentence in _sentences(key, body):
        more = ((_SAYS_DONE, says_done(sentence)), (_DENIES, _DENIAL.search(sentence)))
        found = [*wording_faults(sentence, facts), *(why for why, holds in more if holds)]
        if found:
            yield Fault(path, f"The wording rules object: {'; '.join(found)}.")


def _sentences(key: str, body: Body) -> Iterator[tuple[str, str]]:
    if key == OFFICE:
        if address := body.get("practice", {}).get("address"):
            yield "practice.address", f"We're at {address}."
        yield from _each(body, "office_info", "answer")
    elif key == HOURS:
        for path, reason in _each(body, "closures", "reason"):
            yield path, f"We're closed today, for {reason}."
    elif key == VISITS:
        yield from _each(body, "visit_types", "preparation")
        if policy := body.get("scheduling", {}).get("cancel_policy"):
            yield "scheduling.cancel_policy", policy
    elif key == WORDING:
        yield from _each(body, "lines", "greeting")


def _each(body: Body, table: str, field: str) -> Iterator[tuple[str, str]]:
    for number, entry in enumerate(body.get(table, [])):
        if entry.get(field):
            yield f"{table}[{number}].{field}", entry[field]


def _phrases(key: str, practice: Practice) -> Iterator[Fault]:
    """Danger phrases that may not be added, sign by sign."""
    if key != WORDING:
        return
    signs: dict[str, list[DangerPhrase]] = {}
    for phrase in practice.danger_phrases:
        signs.setdefault(phrase.red_flag_id, []).append(phrase)
    for sign, phrases in signs.items():
        problems = [text.removeprefix(f".{sign}: ") for text in problems_of(tuple(phrases))]
        if problems:
            yield Fault(f"danger_phrases.{sign}", f"{'; '.join(problems)}.")
    if len(practice.danger_phrases) > MOST_PHRASES:
        yield Fault(
            "danger_phrases", f"There are {len(practice.danger_phrases)}; {MOST_PHRASES} are read at most."
        )
