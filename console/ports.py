"""What the console reaches of the rest of the product. Each comes as an argument, for the stages never import
one another; what an installation lacks stays at its default, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from console.chart_view import Advise
from console.linking import Charts
from console.live_ports import LivePorts
from console.notes import NoteDeed, NotePage, ReadNote
from console.patients import Patients
from console.protocol_port import Protocols
from console.refills import Refills
from console.schedule_port import Schedule
from console.settings_port import PracticeSettings
from console.sign_on import SignOn
from console.telephone import Telephone
from models.task_deeds import TaskMoved


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Ports:
    """``telephone``: for calls from the browser; None where patients are real.

    ``note_deeds``: what may be done with a call's note, by name ("sign", "amend", "retract");
    ``note_page``: the note as PDF; ``read_note``: how it stands. ``chart_advice``: what a failure on the way
    to the chart means; ``retry_chart`` tries once more what was given up of a call, and says how much that
    is. ``live``: of calls that go on. ``task_moved`` is told of every task that moved on, in the same
    transaction. ``charts``: the EHR's, for calls that are in none of them; None where the chart is our own.
    ``recordings``: the folder of the calls' sound. ``schedule``: the practice's own; None where calls book on
    another system's, of which ``schedule_elsewhere`` tells; ``schedule_note``: what staff should know of it.
    ``settings``: the practice's. ``refills``: the requests for refills, and what is decided about them.
    ``patients``: the practice's charts, looked up by staff.
    ``sign_on``: the practice's identity provider.
    ``stopping``: whether the server is to end; open pages' streams then do.
    ``settings``: the practice's; ``protocols``: its check-ins. ``stopping``: whether the server is to end;
    open pages' streams then do.
    """

    telephone: Telephone | None = None
    note_deeds: Mapping[str, NoteDeed] = field(default_factory=dict)
    note_page: NotePage | None = None
    read_note: ReadNote | None = None
    chart_advice: Advise | None = None
    retry_chart: Callable[[Session, str, datetime], int] | None = None
    live: LivePorts = field(default_factory=LivePorts)
    task_moved: TaskMoved | None = None
    charts: Charts | None = None
    recordings: Path | None = None
    schedule: Schedule | None = None
    schedule_elsewhere: str = ""
    schedule_note: str = ""
    settings: PracticeSettings | None = None
    refills: Refills | None = None
    patients: Patients | None = None
    sign_on: SignOn | None = None
    protocols: Protocols | None = None
    stopping: Callable[[], bool] = _never
