"""Who may do what: one table of all pages and deeds of the console. What has no row here does not exist.

To add a page:
1. Add its row to `TABLE`: method and path, the roles, and for a GET `views`, the subject of the audit
   entry that is written before it is shown ("call/{call_id}"; NOTHING where no patient's data is shown).
2. Write the handlers in a module of their own, as methods of a class made from `console.desk.Desk`; they
   take `staff: SignedIn`; `routes()` names them by their rows; add the class to `PARTS` in console/router.py.
   What they need of other stages comes through `desk.ports` (console/ports.py, filled in agent/web.py).
3. A POST writes its own audit entry (`desk.trail.did`). Its forms need no token field: `render` adds it.
4. `menu` puts a GET into the navigation. In templates ``may("POST /tasks/{task_id}/claim")`` asks this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.roles import (
    ADMIN,
    CARE,
    CLINICAL,
    CLINICIANS,
    DECIDERS,
    DESK,
    EVERYONE,
    OVERSIGHT,
    PRESCRIBERS,
    Role,
)

NOTHING = "-"  # shows nobody's data
PASSWORD = "/password"
SECOND_FACTOR = "/second-factor"
NEW_SECOND_FACTOR = "/second-factor/new"
STEPS = (SECOND_FACTOR, PASSWORD, NEW_SECOND_FACTOR)  # of signing in, in this order, as far as they are due


@dataclass(frozen=True)
class Row:
    """``roles``: who may. ``open_to_all``: also who is not signed in. ``during``: steps of signing in at
    which it may be had already. ``need``: who lacks the role may open it in need, with a reason."""

    roles: frozenset[Role]
    views: str = ""
    menu: str = ""
    open_to_all: bool = False
    during: tuple[str, ...] = ()
    need: bool = False


TABLE: dict[str, Row] = {
    # --- coming and going
    "GET /sign-in": Row(EVERYONE, NOTHING, open_to_all=True),
    "POST /sign-in": Row(EVERYONE, open_to_all=True),
    "GET /sign-in/there": Row(EVERYONE, NOTHING, open_to_all=True),
    "GET /sign-in/back": Row(EVERYONE, NOTHING, open_to_all=True),
    "GET /static/console/{name}": Row(EVERYONE, NOTHING, open_to_all=True),
    "GET /": Row(EVERYONE, NOTHING),
    "GET /session": Row(EVERYONE, NOTHING, during=STEPS),
    "POST /sign-out": Row(EVERYONE, during=STEPS),
    "GET /password": Row(EVERYONE, NOTHING, during=(PASSWORD,)),
    "POST /password": Row(EVERYONE, during=(PASSWORD,)),
    "GET /second-factor": Row(EVERYONE, NOTHING, during=(SECOND_FACTOR,)),
    "POST /second-factor": Row(EVERYONE, during=(SECOND_FACTOR,)),
    "GET /second-factor/new": Row(EVERYONE, NOTHING, during=(NEW_SECOND_FACTOR,)),
    "POST /second-factor/new": Row(EVERYONE, during=(NEW_SECOND_FACTOR,)),
    # --- at a glance
    "GET /home": Row(CARE, "home", "Home"),
    "GET /inbox": Row(CARE, "tasks", "Inbox"),
    "GET /events": Row(CARE, NOTHING),
    # --- calls
    "GET /calls": Row(CARE, "calls", "Calls"),
    "POST /calls/search": Row(CARE),
    "GET /calls/{call_id}": Row(CARE, "call/{call_id}", need=True),
    "GET /calls/{call_id}/audio": Row(CARE, "call/{call_id}/audio", need=True),
    "GET /calls/{call_id}/live": Row(CARE, "call/{call_id}/live"),
    "GET /calls/{call_id}/live/sound": Row(DESK, "call/{call_id}/live/sound"),
    "POST /calls/{call_id}/live/take-over": Row(DESK),
    "POST /calls/{call_id}/live/end": Row(DESK),
    "GET /calls/{call_id}/note.pdf": Row(CARE, "call/{call_id}/note", need=True),
    "POST /calls/{call_id}/note/sign": Row(CLINICAL),
    "POST /calls/{call_id}/note/amend": Row(CLINICAL),
    "POST /calls/{call_id}/note/retract": Row(CLINICAL),
    "POST /calls/{call_id}/turns/{number}/words": Row(DESK),
    "POST /calls/{call_id}/turns/{number}/intents": Row(DESK),
    "POST /calls/{call_id}/reviews/{review}": Row(DESK),
    "POST /calls/{call_id}/chart/retry": Row(CLINICAL),
    "POST /need": Row(EVERYONE),
    # --- work for a person
    "GET /tasks/{task_id}": Row(CARE, "task/{task_id}"),
    "POST /tasks/{task_id}/{deed}": Row(CARE),
    "POST /pages/{page_id}/acknowledge": Row(DESK),
    # --- the schedule
    "GET /schedule": Row(CARE, "schedule", "Schedule"),
    "GET /schedule/book": Row(DESK, NOTHING),
    "POST /schedule/find": Row(DESK),
    "POST /schedule/book": Row(DESK),
    "GET /schedule/visits/{visit_id}": Row(DESK, "visit/{visit_id}"),
    "POST /schedule/visits/{visit_id}/cancel": Row(DESK),
    "POST /schedule/visits/{visit_id}/move": Row(DESK),
    "GET /schedule/block": Row(DESK, NOTHING),
    "POST /schedule/block": Row(DESK),
    "POST /schedule/blocks/{block_id}/end": Row(DESK),
    "GET /schedule/publish": Row(DESK, NOTHING),
    "POST /schedule/publish": Row(DESK),
    "GET /schedule/import": Row(DESK, NOTHING),
    "POST /schedule/import": Row(DESK),
    "POST /schedule/import/file": Row(DESK),
    "GET /waitlist": Row(CARE, "waitlist", "Waitlist"),
    "POST /waitlist/{entry_id}/{deed}": Row(DESK),
    # --- refills
    "GET /refills": Row(DESK, "refills", "Refills"),
    "GET /refills/{task_id}": Row(DESK, "task/{task_id}"),
    "POST /refills/{task_id}/approve": Row(DECIDERS),
    "POST /refills/{task_id}/change": Row(PRESCRIBERS),
    "POST /refills/{task_id}/deny": Row(DECIDERS),
    "POST /refills/{task_id}/give-on": Row(DESK),
    # --- patients
    "GET /patients": Row(CARE, NOTHING, "Patients"),
    "POST /patients": Row(CARE),
    "GET /patients/{patient_id}": Row(CARE, "patient/{patient_id}", need=True),
    "POST /patients/{patient_id}/texts": Row(DESK),
    "POST /patients/{patient_id}/numbers": Row(DESK),
    "POST /patients/{patient_id}/recording": Row(DESK),
    # --- calls that are in no chart of the EHR
    "GET /unlinked": Row(DESK, "unlinked", "Unlinked calls"),
    "GET /unlinked/{call_id}": Row(DESK, "call/{call_id}/charts"),
    "POST /unlinked/{call_id}/link": Row(DESK),
    "POST /unlinked/{call_id}/none": Row(DESK),
    # --- a telephone in the browser
    "GET /try": Row(CARE, NOTHING, "Try it"),
    "GET /try/{call_id}": Row(CARE, "call/{call_id}"),
    "POST /try/calls": Row(CARE),
    # --- people and oversight
    "GET /users": Row(ADMIN, NOTHING, "People"),
    "POST /users": Row(ADMIN),
    "POST /users/{name}/roles": Row(ADMIN),
    "POST /users/{name}/disable": Row(ADMIN),
    "POST /users/{name}/enable": Row(ADMIN),
    "POST /users/{name}/password": Row(ADMIN),
    "POST /users/{name}/second-factor": Row(ADMIN),
    "GET /audit": Row(OVERSIGHT, "audit", "Audit"),
    "GET /audit.csv": Row(OVERSIGHT, "audit/export"),
    "POST /audit/check": Row(OVERSIGHT),
    # --- how it goes
    "GET /figures": Row(EVERYONE, NOTHING, "Figures"),
    "GET /figures.csv": Row(EVERYONE, NOTHING),
    # --- the practice's settings
    "GET /settings": Row(ADMIN, NOTHING, "Settings"),
    "GET /settings/{section}": Row(ADMIN, NOTHING),
    "POST /settings/{section}": Row(ADMIN),
    "GET /settings/{section}/versions": Row(ADMIN, NOTHING),
    "POST /settings/{section}/versions/{number}": Row(ADMIN),
    "POST /settings/{section}/file": Row(ADMIN),
    # --- what patients are asked at check-ins
    "GET /protocols": Row(ADMIN | CLINICAL, NOTHING, "Protocols"),
    "POST /protocols": Row(ADMIN | CLINICAL),
    "GET /protocols/{protocol}": Row(ADMIN | CLINICAL, NOTHING),
    "POST /protocols/{protocol}": Row(ADMIN | CLINICAL),
    "POST /protocols/{protocol}/versions/{number}": Row(ADMIN | CLINICAL),
    "POST /protocols/{protocol}/sign": Row(CLINICIANS),
    "POST /protocols/{protocol}/withdraw": Row(ADMIN | CLINICAL),
}

SOCKETS = {"/try/{call_id}/{token}": "POST /try/calls"}  # websockets: each is for who has the row


def may(roles: frozenset[Role], key: str) -> bool:
    """Whether one of ``roles`` may have the row ``key`` ("GET /tasks"). Raises KeyError where none is."""
    return bool(roles & TABLE[key].roles)


def menu(roles: frozenset[Role]) -> tuple[tuple[str, str], ...]:
    """Path and title of the pages in the navigation, as far as ``roles`` may see them."""
    pages = [(key.partition(" ")[2], row) for key, row in TABLE.items() if row.menu]
    return tuple((path, row.menu) for path, row in pages if roles & row.roles)


def home(roles: frozenset[Role]) -> str:
    """The first page of somebody with ``roles``."""
    pages = menu(roles)
    return pages[0][0] if pages else PASSWORD
