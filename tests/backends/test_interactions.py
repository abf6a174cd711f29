"""The screen over a list of medicines, pair by pair, and what a refill request writes of it."""

from __future__ import annotations

from itertools import product

import pytest

from backends.embedded import EmbeddedBackends
from models.desk import open_tasks
from models.domain import IssueKind, RefillAnswered, RefillOutcome, RequestRefill
from tests.backends.test_pharmacy import identify
from words.formulary import all_drugs, by_name
from words.interactions import DUPLICATE, Pair, pairs, screen


def members(terms: frozenset[str]) -> list[str]:
    """Every drug of the formulary that a pair's side names."""
    classes = {term.removeprefix("class:") for term in terms if term.startswith("class:")}
    return [drug.generic for drug in all_drugs() if drug.generic in terms or drug.drug_class in classes]


def found(*medicines: str) -> set[str]:
    return {hit.pair for hit in screen(medicines)}


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.name)
def test_every_pair_of_the_table_is_found_both_ways(pair: Pair) -> None:
    ones, others = members(pair.one), members(pair.other)
    assert ones
    assert others
    for one, other in product(ones, others):
        if set(one.split()) & set(other.split()):
            continue
        assert pair.name in found(one, other), (one, other)
        assert pair.name in found(other, one), (other, one)


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.name)
def test_every_name_of_the_table_is_in_the_formulary(pair: Pair) -> None:
    classes = {drug.drug_class for drug in all_drugs()}
    for term in pair.one | pair.other:
        known = term.removeprefix("class:") in classes if term.startswith("class:") else by_name(term)
        assert known, term


GOLDEN = [
    (("lisinopril", "metformin"), set()),
    (("lisinopril", "hydrochlorothiazide"), set()),
    (("warfarin", "acetaminophen"), set()),
    (("warfarin", "ibuprofen"), {"warfarin-nsaid"}),
    (("apixaban", "naproxen"), {"warfarin-nsaid"}),
    (("lisinopril", "spironolactone", "potassium chloride"), {"raas-potassium-sparing", "raas-potassium",
                                                              "potassium-sparing-potassium"}),
    (("lisinopril hydrochlorothiazide", "lithium"), {"lithium-thiazide"}),
    (("lisinopril", "lisinopril hydrochlorothiazide"), {DUPLICATE}),
    (("levothyroxine", "levothyroxine"), {DUPLICATE}),
    (("amlodipine benazepril", "spironolactone"), {"raas-potassium-sparing"}),
    (("simvastatin", "clarithromycin"), {"simvastatin-macrolide"}),
    (("atorvastatin", "clarithromycin"), set()),
    (("citalopram", "ondansetron"), {"qt-pair"}),
    (("hydrocodone acetaminophen", "lorazepam"), {"opioid-benzodiazepine"}),
    (("a medicine of no list", "another"), set()),
    ((), set()),
]  # fmt: skip


@pytest.mark.parametrize(("medicines", "expected"), GOLDEN)
def test_lists_and_what_the_screen_finds(medicines: tuple[str, ...], expected: set[str]) -> None:
    assert found(*medicines) == expected


async def ask(backends: EmbeddedBackends, patient: str, beside: str, call: str = "C1") -> RefillAnswered:
    await identify(backends, call)
    wish = RequestRefill("r1", patient, f"{patient}-rx-1", "x", "Main Street", False, beside=beside)
    return await backends.pharmacy.request_refill(wish, call_id=call)


async def test_what_the_caller_also_takes_is_screened(backends: EmbeddedBackends) -> None:
    answer = await ask(backends, "pt-1003", "I also take ibuprofen")
    (issue,) = answer.issues
    assert issue.kind is IssueKind.INTERACTION
    assert issue.detail == "warfarin with ibuprofen (reported by caller)"
    (stored,) = (await backends.chart.search("DetectedIssue", [("patient", "Patient/pt-1003")])).found
    assert stored.ref == issue.issue_ref
    assert stored.body["status"] == "preliminary"
    assert stored.body["code"]["coding"][0]["code"] == "DRG"
    assert stored.body["implicated"] == [{"reference": "MedicationRequest/pt-1003-rx-1"}]
    tasks = await backends.chart.storage.read(open_tasks)
    (review,) = [task for task in tasks if task.kind == "interaction-review"]
    assert "warfarin with ibuprofen" in review.summary
    (rule,) = [rule for rule in answer.rules if rule.rule == "interaction-screen"]
    assert (rule.passed, rule.detail) == (False, "1 to review")


async def test_a_pair_is_told_to_staff_once(backends: EmbeddedBackends) -> None:
    await ask(backends, "pt-1003", "ibuprofen")
    again = await ask(backends, "pt-1003", "ibuprofen", call="C2")
    assert again.issues == ()
    assert (await backends.chart.search("DetectedIssue", [("patient", "Patient/pt-1003")])).total == 1


async def test_a_hit_keeps_a_request_from_being_ready(backends: EmbeddedBackends) -> None:
    answer = await ask(backends, "pt-1001", "potassium chloride")
    assert answer.outcome is RefillOutcome.NEEDS_REVIEW
    assert answer.decided_by == "interaction-screen"


async def test_without_a_hit_nothing_is_written(backends: EmbeddedBackends) -> None:
    answer = await ask(backends, "pt-1001", "vitamins")
    assert (answer.outcome, answer.issues) == (RefillOutcome.READY_FOR_APPROVAL, ())
    assert (await backends.chart.search("DetectedIssue", [])).total == 0


def test_every_row_says_what_was_read_for_it() -> None:
    for pair in pairs():
        assert pair.verified in ("read", "in part", "not verified"), pair.name
        assert ("http" in pair.source) == (pair.verified != "not verified"), pair.name
        assert bool(pair.not_read) == (pair.verified == "in part"), pair.name


def test_the_document_counts_the_rows_as_they_are() -> None:
    kinds = [pair.verified for pair in pairs()]
    assert (kinds.count("read"), kinds.count("in part"), kinds.count("not verified")) == (6, 6, 0)
