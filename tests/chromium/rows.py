"""What stands in the database while the pages are looked at: tests/console/sample.py, and what it lacks."""

from __future__ import annotations

from sqlmodel import Session, select

from backends.embedded import EmbeddedBackends
from models import records
from models.chart import ChartResource
from models.domain import ActionFailed, OpenTask, Priority, RequestRefill, TaskKind, TransferCall, TurnRecord
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from tests.chromium.day import REFILL, VISIT
from tests.chromium.site import ALL
from tests.console import sample

HOSTILE = "<script>alert(1)</script> \u202eright to left\u202c " + "long" * 60


REFILLS = "CA-refills"  # the call of what is in the chart


async def ask_for_refills(backends: EmbeddedBackends) -> None:
    """One that passed every rule, one that needs review, one that is for a person alone."""
    for number, (patient, order) in enumerate((("pt-1001", 1), ("pt-1004", 1), ("pt-1009", 1)), 1):
        wish = RequestRefill(f"r{number}", patient, f"{patient}-rx-{order}", HOSTILE, "Main Street", False)
        await backends.pharmacy.request_refill(wish, call_id=REFILLS)


def fill(session: Session) -> None:
    sample.fill(session)
    open_try(session)
    task = OpenTask(
        "mine", TaskKind.COMPLAINT, Priority.ROUTINE, HOSTILE, "pat-7", callback_number="+15550142"
    )
    mine = records.add_task(session, task, call_id="CA-booking", at=sample.ago(30), due_at=sample.ago(-60))
    for deed, words in ((Deed.CLAIM, ""), (Deed.COMMENT, HOSTILE)):
        do_with_task(session, TaskDeed(mine.id, deed, ALL, sample.ago(20), words=words))


def places(session: Session) -> dict[str, str]:
    """Ids for the addresses."""
    calls = {
        "call_id": "CA-refill",
        "danger_id": "CA-danger",
        "booking_id": "CA-booking",
        "live_id": "CA-live",
        "try_id": "CA-try",
        "day_refill_id": REFILL.call_id,
        "day_visit_id": VISIT.call_id,
    }
    calls |= {"patient_id": "pt-1001"}
    tasks = {"task_id": "CA-danger", "mine_id": "CA-booking", "refill_id": REFILLS}
    visit = session.exec(select(ChartResource).where(ChartResource.resource_type == "Appointment")).first()
    assert visit is not None, "the demo practice has one"
    seen = {"visit_id": visit.resource_id, "visit_day": visit.body["start"][:10]}
    return calls | seen | {name: records.tasks_of(session, call)[0].id for name, call in tasks.items()}


def open_try(session: Session) -> None:
    """A call from the browser, at its first answer."""
    records.open_call(
        session,
        "CA-try",
        caller_number="",
        called_number="+15550199",
        at=sample.ago(2),
        line=records.TRY_LINE,
    )
    turn = TurnRecord(1, sample.ago(1), HOSTILE, "Which day would you like?", keys="1#")
    records.save_turn(session, "CA-try", turn, {"turn": 1})
    records.save_done(
        session, "CA-try", 1, TransferCall("a1", "asked for a person"), ActionFailed("transfer-refused")
    )
