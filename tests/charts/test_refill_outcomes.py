"""What must become of a refill request for every active order of the twelve Synthea charts.

Worked out from the protocol (docs/charts.md tells why), never from what the program says. The caller
is identified (L1), asks by the medicine's name, reports no new problem and names a pharmacy, on 24 November
2026. Every order is more than five years old, has no record of a fill and no length of supply, and the last
visit was more than five years ago: none of them may be ready for approval.
"""

from __future__ import annotations

import pytest

from backends.embedded import EmbeddedBackends
from models.desk import open_tasks
from models.domain import (
    IdentityLevel,
    Medicine,
    PatientView,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    TaskKind,
    VerifyIdentity,
)
from models.tables import StaffTask
from tests.charts.conftest import Person, chart_files, person_of

REFUSED, REVIEW = RefillOutcome.REFUSED_AUTOMATION, RefillOutcome.NEEDS_REVIEW
CONTROLLED, CHANGE, LOOK = TaskKind.CONTROLLED_REFILL, TaskKind.MED_CHANGE_REQUEST, TaskKind.REFILL_REVIEW

# medicine: outcome, the rule that decides, kind of task, urgent
OUTCOMES = {
    "clonazepam": (REFUSED, "not-controlled", CONTROLLED, False),  # schedule IV, 21 CFR 1308.14(c)
    "astemizole": (REFUSED, "on-the-market", CHANGE, False),  # withdrawn 1999
    "terfenadine": (REFUSED, "on-the-market", CHANGE, False),  # withdrawn 1998
    "carbamazepine": (REFUSED, "not-high-risk", LOOK, False),  # ISMP's list, by name
    "warfarin": (REFUSED, "not-high-risk", LOOK, False),  # ISMP: anticoagulants
    "clopidogrel": (REFUSED, "not-high-risk", LOOK, False),  # ISMP: oral antithrombotics
    "digoxin": (REFUSED, "not-high-risk", LOOK, False),  # narrow margin between working and harming
    "epinephrine": (REVIEW, "not-too-soon", LOOK, True),  # ISMP lists it; staff must see to it at once
    **dict.fromkeys(
        (
            "fexofenadine", "diphenhydramine", "fluticasone", "albuterol", "hydrochlorothiazide",
            "norethindrone", "norgestimate ethinyl estradiol", "cyanocobalamin", "hydrocortisone",
            "verapamil", "naproxen", "levothyroxine", "nitroglycerin", "simvastatin", "amlodipine",
        ),
        (REVIEW, "not-too-soon", LOOK, False),  # how long the last supply lasts, nobody can tell
    ),
}  # fmt: skip

ACTIVE = (
    ("clonazepam", "carbamazepine"),
    ("fexofenadine", "epinephrine"),
    ("diphenhydramine", "fluticasone", "albuterol"),
    ("astemizole", "hydrochlorothiazide", "norethindrone"),
    (
        "fluticasone", "albuterol", "diphenhydramine", "cyanocobalamin",
        "norgestimate ethinyl estradiol",
    ),
    ("hydrochlorothiazide", "hydrocortisone", "terfenadine", "epinephrine"),
    ("astemizole", "epinephrine", "cyanocobalamin"),
    ("hydrochlorothiazide", "norethindrone"),
    ("verapamil", "digoxin", "warfarin"),
    ("hydrochlorothiazide", "cyanocobalamin"),
    ("diphenhydramine", "hydrochlorothiazide", "naproxen"),
    (
        "hydrochlorothiazide", "levothyroxine", "verapamil", "digoxin", "warfarin", "nitroglycerin",
        "simvastatin", "amlodipine", "clopidogrel",
    ),
)  # fmt: skip


async def identified(charts: EmbeddedBackends, person: Person, call: str) -> PatientView:
    claim = VerifyIdentity("v", (person.name,), person.born)
    answer = await charts.directory.verify(claim, caller_number=person.phone, call_id=call)
    assert getattr(answer, "patient_id", "") == person.patient_id
    return await charts.directory.view(person.patient_id, IdentityLevel.L1)


async def ask(
    charts: EmbeddedBackends, person: Person, medicine: Medicine, call: str
) -> tuple[RefillAnswered, str, StaffTask]:
    """The answer, the rule that decided, and the task that staff got."""
    wish = RequestRefill("r", person.patient_id, medicine.order_id, medicine.name, "Main Street", False)
    answer = await charts.pharmacy.request_refill(wish, call_id=call)
    decided = next(
        rule.rule for rule in answer.rules if rule.passed is not True and rule.rule != "dose-matches"
    )
    tasks = await charts.chart.storage.read(open_tasks)
    return answer, decided, next(task for task in tasks if task.resource_ref == answer.task_ref)


@pytest.mark.parametrize("number", range(len(ACTIVE)))
async def test_every_active_order(charts: EmbeddedBackends, number: int) -> None:
    person = person_of(chart_files()[number])
    view = await identified(charts, person, "C0")
    assert sorted(medicine.name for medicine in view.medicines) == sorted(ACTIVE[number])
    for count, medicine in enumerate(view.medicines, 1):
        await identified(charts, person, f"C{count}")
        answer, decided, task = await ask(charts, person, medicine, f"C{count}")
        outcome, rule, kind, urgent = OUTCOMES[medicine.name]
        assert (answer.outcome, decided, task.kind) == (outcome, rule, kind.value), medicine.name
        assert (task.priority == "urgent") == urgent, medicine.name
        refused = outcome is REFUSED
        assert bool(answer.proposal_ref) != refused, "a proposal is written only for what a person may renew"


async def test_none_is_ready_and_the_visit_is_known_to_be_overdue(charts: EmbeddedBackends) -> None:
    assert RefillOutcome.READY_FOR_APPROVAL not in {outcome for outcome, *_ in OUTCOMES.values()}
    person = person_of(chart_files()[1])
    view = await identified(charts, person, "C1")
    answer, _, _ = await ask(charts, person, view.medicines[0], "C1")
    failed = {rule.rule for rule in answer.rules if rule.passed is False}
    assert "visit-recent" in failed, "staff see everything that is open, not only what decided"
    passed = {rule.rule for rule in answer.rules if rule.passed}
    assert "prescriber-here" in passed, "the practice has taken the patient over"


@pytest.mark.parametrize("number", range(len(ACTIVE)))
async def test_every_medicine_can_be_spoken(charts: EmbeddedBackends, number: int) -> None:
    view = await identified(charts, person_of(chart_files()[number]), "C1")
    for medicine in view.medicines:
        assert medicine.name.replace(" ", "").isalpha(), medicine.name
