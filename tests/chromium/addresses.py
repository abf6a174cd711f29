"""Where the pages are: one row of `console.routes.TABLE` after the other, each with addresses to look at.

A new page that has no parameter in its path is looked at by itself. One that has needs its line in `OF_ROWS`,
and what is no page needs its reason in `NOT_PAGES`; without that the gate fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from console import routes
from console.settings_sections import sections
from tests.chromium.site import ALL, AUDITOR, FRESH, HALF, WITHOUT_FACTOR

NOT_PAGES = {
    "GET /": "leads to one's first page",
    "GET /static/console/{name}": "style and scripts",
    "GET /sign-in/there": "leads to the identity provider",
    "GET /sign-in/back": "leads on at once",
    "GET /session": "asked by open pages, nothing is shown",
    "GET /events": "a stream",
    "GET /calls/{call_id}/note.pdf": "a PDF",
    "GET /calls/{call_id}/audio": "sound",
    "GET /calls/{call_id}/live/sound": "sound that goes on",
    "GET /figures.csv": "a table for a spreadsheet",
    "GET /audit.csv": "a table for a spreadsheet",
}
SECTIONS = [section.key for section in sections(())]
STEPS = {"GET /sign-in": None, "GET /second-factor": HALF, "GET /second-factor/new": WITHOUT_FACTOR}


@dataclass(frozen=True)
class Address:
    """``who`` opens it, None for a stranger; ``path`` with the places of `Site.places`."""

    path: str
    who: str | None = ALL
    status: int = 200

    @property
    def needs_rows(self) -> bool:
        return "{" in self.path


OF_ROWS: dict[str, tuple[Address, ...]] = {
    "GET /password": (Address("/password"), Address("/password", FRESH)),
    "GET /inbox": (Address("/inbox"), Address("/inbox?part=done"), Address("/inbox?part=mine")),
    "GET /calls": (
        Address("/calls"),
        Address("/calls?unsure=yes&unreviewed=yes&ended=completed"),
        Address("/calls?intent=opt_out"),
        Address("/calls?ended=badly", status=422),
    ),
    "GET /calls/{call_id}": (
        Address("/calls/{call_id}"),
        Address("/calls/{danger_id}"),
        Address("/calls/{booking_id}"),
        Address("/calls/{live_id}"),
        Address("/calls/{day_refill_id}"),
        Address("/calls/{day_visit_id}"),
        Address("/calls/{call_id}", AUDITOR, 403),  # opens it in need, with a reason
    ),
    "GET /calls/{call_id}/live": (Address("/calls/{live_id}/live"), Address("/calls/{danger_id}/live")),
    "GET /refills/{task_id}": (Address("/refills/{refill_id}"),),
    "GET /patients/{patient_id}": (
        Address("/patients/{patient_id}"),
        Address("/patients/{patient_id}", AUDITOR, 403),  # opens it in need, with a reason
    ),
    "GET /tasks/{task_id}": (
        Address("/tasks/{task_id}"),
        Address("/tasks/{mine_id}"),
    ),
    "GET /try/{call_id}": (Address("/try/{try_id}"),),
    "GET /schedule": (
        Address("/schedule"),
        Address("/schedule?span=week"),
        Address("/schedule?span=week&provider=dr-chen"),
        Address("/schedule?day={visit_day}"),
    ),
    "GET /schedule/visits/{visit_id}": (Address("/schedule/visits/{visit_id}"),),
    "GET /protocols/{protocol}": (Address("/protocols/heart-failure"),),
    "GET /settings/{section}": tuple(Address(f"/settings/{key}") for key in SECTIONS),
    "GET /settings/{section}/versions": (Address(f"/settings/{SECTIONS[0]}/versions"),),
    "GET /unlinked/{call_id}": (Address("/unlinked/{call_id}", status=404),),  # the chart is our own
}
ERRORS = (
    Address("/calls/none", status=404),
    Address("/users", HALF, 200),
    Address("/sign-in?next=%2Fcalls", None),
)


def rows() -> list[str]:
    """The rows that show a page."""
    return [key for key in routes.TABLE if key.startswith("GET ") and key not in NOT_PAGES]


def of(key: str) -> tuple[Address, ...]:
    """Raises KeyError for a row with a parameter that has no line."""
    path = key.removeprefix("GET ")
    if key in OF_ROWS or "{" in path:
        return OF_ROWS[key]
    return (Address(path, STEPS.get(key, ALL)),)


def all_addresses() -> list[Address]:
    return [address for key in rows() if key in OF_ROWS or "{" not in key for address in of(key)] + list(
        ERRORS
    )
