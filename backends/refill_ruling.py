"""A person's decision about a refill request: who may make it, and what it makes of the task in the queue.

The agent never approves. A prescriber decides everything (domain rules section 7, item 9). A nurse approves
only where the practice's protocol says so (``nurse_may_approve``, by standing orders:
https://www.aafp.org/pubs/fpm/issues/2018/0500/p13.html): what passed every rule, unchanged. Controlled
medicines are never a nurse's, nor is it to refuse what is high-risk or must not run out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from backends.refill_policy import drug_facts, load_policy
from backends.refusals import Json
from backends.script_messages import ResponseKind
from backends.staff_tasks import StaffTasks, TaskOrder, input_texts
from models.domain import OpenTask, Priority, RefillAnswered, RefillOutcome, TaskKind
from models.tables import Call, StaffTask, TaskState
from models.task_deeds import TaskMoved, do_with_task
from models.task_rules import (
    NURSE,
    PRESCRIBER,
    Deed,
    TaskChanged,
    TaskDeed,
    TaskRefused,
    how_it_stands,
    outcome_of,
)

APPROVED, DENIED, VISIT_FIRST = "sent", "denied", "visit-first"  # how the task ends (models.task_rules)
STILL_TO_CALL = "The call that was promised is still to be made."
# https://hl7.org/fhir/R4/valueset-medicationrequest-status.html; a "completed" order is what is renewed.
NOT_RENEWED = ("on-hold", "cancelled", "entered-in-error", "stopped")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's decision. ``days_supply``, ``quantity``: other than proposed, with APPROVED_WITH_CHANGES.

    ``roles``: the person's; None: not a person at the console, and not asked. ``version``: of the task in the
    queue as the form showed it. ``visit``: a visit is wanted, and the front desk books it; ``tell``: they
    tell the patient of it.
    """

    kind: ResponseKind
    by: str  # who decided, as staff are known
    note: str = ""
    days_supply: int | None = None
    quantity: float | None = None
    roles: frozenset[str] | None = None
    version: int | None = None
    visit: bool = False
    tell: bool = False

    @property
    def grants(self) -> bool:
        return self.kind is not ResponseKind.DENIED

    def changes(self, dispense: Json) -> Json:
        """Of an order's ``dispenseRequest``."""
        changed: Json = {}
        if self.quantity is not None:
            changed["quantity"] = {**dispense.get("quantity", {}), "value": self.quantity}
        if self.days_supply is not None:
            changed["expectedSupplyDuration"] = {"value": self.days_supply, "unit": "days"}
        return changed


def decision_of(task: Json) -> str:
    """What was decided about a refill's Task: "Approved"; "" while nothing was."""
    return input_texts(task).get("decision", "")


# --------------------------------------------------------------------------- who may


def check_may_decide(given: RefillAnswered, label: str, ruling: Ruling, *, paired: bool = False) -> None:
    """``paired``: as `why_not_approve` has it. Raises `TaskRefused` with one sentence."""
    if ruling.roles is None:
        return
    problem = (
        why_not_approve(given, label, ruling.roles, paired=paired)
        if ruling.grants
        else why_not_deny(label, ruling.roles)
    )
    if not problem and ruling.kind is ResponseKind.APPROVED_WITH_CHANGES and PRESCRIBER not in ruling.roles:
        problem = "Only a prescriber can change what was asked for."
    if problem:
        raise TaskRefused(problem)


def why_not_approve(given: RefillAnswered, label: str, roles: frozenset[str], *, paired: bool = False) -> str:
    """Why somebody with ``roles`` may not approve it as proposed, "" where they may.

    ``paired``: the chart has an interaction that nobody has dismissed, perhaps found since the call.
    """
    if PRESCRIBER in roles:
        return ""
    if NURSE not in roles:
        return "Only a prescriber can approve this, or a nurse where the protocol permits."
    if drug_facts(label).controlled is not False:
        return "Only a prescriber can decide about a controlled medicine."
    if not load_policy().nurse_may_approve:
        return "This practice leaves approvals to prescribers."
    if given.outcome is not RefillOutcome.READY_FOR_APPROVAL:
        return "Only a prescriber can approve this: not every rule of the protocol has passed."
    if paired:
        return "Only a prescriber can approve this: an interaction is to be reviewed."
    return ""


def why_not_deny(label: str, roles: frozenset[str]) -> str:
    """Why somebody with ``roles`` may not refuse it, "" where they may."""
    if PRESCRIBER in roles:
        return ""
    if NURSE not in roles:
        return "Only a nurse or a prescriber can refuse this."
    drug = drug_facts(label)
    if drug.controlled is not False:
        return "Only a prescriber can decide about a controlled medicine."
    if drug.high_risk is not False or drug.run_out_matters:
        return "Only a prescriber can refuse a medicine that is high-risk or must not run out."
    return ""


def why_not_renew(asked: Json, before: Json) -> str:
    """Why nobody may approve it as the chart now is, "" where nothing speaks against it.

    ``before``: the order that it renews; somebody may have stopped it since the call.
    """
    if before.get("status") in NOT_RENEWED:
        return f"The order that it renews is {before['status']} in the chart now: look at it first."
    if asked.get("intent") == "proposal" and asked.get("status") != "draft":
        return f"The proposal is {asked.get('status')} in the chart now: look at it first."
    return ""


def check_said_before(task: Json, ruling: Ruling) -> None:
    """A second decision from a form: harmless where it is the first one again. Raises `TaskRefused`."""
    texts = input_texts(task)
    before = (texts.get("decision", ""), texts.get("decided by person", ""))
    if ruling.version is None or before == (ruling.kind.value, ruling.by):
        return
    decided = f"It was decided already: {before[0]}, by {before[1]}." if before[0] else "It is done already."
    raise TaskRefused(decided)


# --------------------------------------------------------------------------- the queue


def settle(
    session: Session, task: Json, ruling: Ruling, now: datetime, moved: TaskMoved | None, tasks: StaffTasks
) -> None:
    """End the task in the queue, and open what follows. Raises `TaskRefused` where it is another's, or was
    changed since the form was shown.
    """
    row = queue_task(session, task)
    if row is None:
        return
    _end(session, row, ruling, now, moved)
    for wish in _what_follows(session, row, ruling):
        tasks.open(session, TaskOrder(wish, row.call_id), now)


def queue_task(session: Session, task: Json) -> StaffTask | None:
    """The row in the queue of a Task in the chart."""
    mine = col(StaffTask.resource_ref) == f"Task/{task['id']}"
    return session.exec(select(StaffTask).where(mine)).first()


def _end(session: Session, row: StaffTask, ruling: Ruling, now: datetime, moved: TaskMoved | None) -> None:
    order: dict[str, Any] = {"who": ruling.by, "at": now, "words": ruling.note}
    outcome = _outcome(ruling)
    if outcome_of(row.kind, outcome) is None:  # somebody was promised a call today: that is still to be done
        _check_unchanged(row, ruling)
        words = f"Refill: {ruling.kind.value}. {STILL_TO_CALL} {ruling.note}".strip()
        do_with_task(session, TaskDeed(row.id, Deed.COMMENT, **{**order, "words": words}), moved)
        return
    version = ruling.version
    if row.state == TaskState.OPEN:
        do_with_task(session, TaskDeed(row.id, Deed.CLAIM, version=version, who=ruling.by, at=now), moved)
        version = None
    do_with_task(
        session,
        TaskDeed(row.id, Deed.RESOLVE, version=version, outcome=outcome, roles=ruling.roles, **order),
        moved,
    )


def _outcome(ruling: Ruling) -> str:
    if ruling.grants:
        return APPROVED
    return VISIT_FIRST if ruling.visit else DENIED


def _check_unchanged(row: StaffTask, ruling: Ruling) -> None:
    """As `models.task_rules.check` does where the task ends with the decision."""
    if ruling.version is None:
        return
    if ruling.version != row.version:
        raise TaskChanged(f"This task has changed since you opened it: {how_it_stands(row)}")
    if row.state == TaskState.DONE or row.owner not in (None, "", ruling.by):
        stands = how_it_stands(row)
        raise TaskRefused(f"{stands[0].upper()}{stands[1:]} Only its owner can do this.")


def _what_follows(session: Session, row: StaffTask, ruling: Ruling) -> list[OpenTask]:
    """For the front desk: a visit to book, a patient to tell."""
    call = session.get(Call, row.call_id)
    number = row.callback_number or (call.caller_number if call else "")
    about = f"{ruling.by} asks. {ruling.note}".strip()
    wishes = []
    if ruling.visit:
        wishes.append((TaskKind.SCHEDULE_ASSIST, "visit", f"Book a visit, for a refill: {about}"))
    elif ruling.tell:
        told = "approved" if ruling.grants else "not approved"
        wishes.append(
            (TaskKind.ROUTINE_MESSAGE, "tell", f"Tell the patient that the refill was {told}: {about}")
        )
    return [
        OpenTask(f"{row.action_id}-{suffix}", kind, Priority.ROUTINE, words, row.patient_id, number)
        for kind, suffix, words in wishes
    ]
