"""The refill rules one by one: every outcome has its row, and the first failing rule decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.refill_policy import drug_facts, load_policy
from backends.refill_rules import RULES, RefillFacts, judge
from models.domain import RefillOutcome
from words.drug_table import UNCLASSIFIED
from words.formulary import all_drugs, drug_names
from words.strengths import strengths

TODAY = date(2026, 11, 22)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


GOOD = RefillFacts(
    today=TODAY,
    drug=drug_facts("lisinopril 10 MG Oral Tablet"),
    label="lisinopril 10 MG Oral Tablet",
    said="my lisinopril",
    identified=True,
    new_problem=False,
    prescriber_here=True,
    ordered_on=ago(345),
    fills_allowed=4,
    fills_made=4,
    last_fill=ago(82),
    last_fill_days=90,
    last_visit=ago(120),
    labs={"potassium": ago(120), "creatinine": ago(120)},
    pharmacy_said="Main Street",
    pharmacy_on_file="Main Street Pharmacy",
)

READY = RefillOutcome.READY_FOR_APPROVAL
REVIEW = RefillOutcome.NEEDS_REVIEW
REFUSED = RefillOutcome.REFUSED_AUTOMATION


def drug(label: str) -> dict[str, Any]:
    return {"drug": drug_facts(label), "label": label}


@pytest.mark.parametrize(
    ("change", "outcome", "rule"),
    [
        ({}, READY, ""),
        ({"identified": None}, REVIEW, "identity"),
        ({"order_active": False}, REVIEW, "order-active"),
        ({"said": "lisinopril 20 milligrams"}, REVIEW, "dose-matches"),
        ({"said": "lisinopril 10 mg"}, READY, ""),
        ({"said": "the twenty milligram one"}, REVIEW, "dose-matches"),
        ({"said": "ten milligrams of lisinopril twice"}, READY, ""),
        (drug("alprazolam 0.5 MG Oral Tablet"), REFUSED, "not-controlled"),
        (drug("gabapentin 300 MG Oral Capsule"), REFUSED, "not-controlled"),  # by some states only
        (drug("Astemizole 10 MG Oral Tablet"), REFUSED, "on-the-market"),
        (drug("Mysterium 10 MG Oral Tablet"), REFUSED, "not-controlled"),  # not in the formulary
        (drug("Clopidogrel 75 MG Oral Tablet"), REFUSED, "not-high-risk"),  # an antithrombotic too
        (drug("acetaminophen 325 MG / oxycodone 5 MG Oral Tablet"), REFUSED, "not-controlled"),
        (drug("acetaminophen 325 MG / mysterium 5 MG Oral Tablet"), REFUSED, "not-controlled"),
        (drug("warfarin sodium 5 MG Oral Tablet"), REFUSED, "not-high-risk"),
        (drug("insulin glargine 100 UNT/ML"), REFUSED, "not-high-risk"),
        (drug("apixaban 5 MG Oral Tablet"), REFUSED, "not-high-risk"),
        ({"new_problem": True}, RefillOutcome.HUMAN_NOW, "no-new-problem"),
        ({"new_problem": None}, REVIEW, "no-new-problem"),
        ({"prescriber_here": False}, REVIEW, "prescriber-here"),
        ({"prescriber_here": None}, REVIEW, "prescriber-here"),
        ({"fills_made": 3}, RefillOutcome.PHARMACY_HAS_REFILLS, "no-refills-left"),
        ({"fills_made": 3, "ordered_on": ago(366)}, READY, ""),  # expired: nothing is left
        ({"fills_made": None}, REVIEW, "no-refills-left"),
        ({"fills_allowed": None, "fills_made": None}, READY, ""),
        ({"last_fill": ago(71)}, REVIEW, "not-too-soon"),
        ({"last_fill": ago(72)}, READY, ""),  # 80 of 100 of 90 days
        ({"last_fill": None}, REVIEW, "not-too-soon"),
        ({"last_visit": ago(366)}, RefillOutcome.BRIDGE_SUGGESTED, "visit-recent"),
        ({"last_visit": ago(365)}, READY, ""),
        ({"last_visit": None}, RefillOutcome.BRIDGE_SUGGESTED, "visit-recent"),
        ({"labs": {"potassium": ago(120)}}, REVIEW, "labs-recent"),
        ({"labs": {"potassium": ago(366), "creatinine": ago(1)}}, REVIEW, "labs-recent"),
        (drug("amoxicillin 500 MG Oral Capsule"), REVIEW, "class-may-renew"),
        ({"pharmacy_said": "Harbor Drugs"}, REVIEW, "pharmacy-on-file"),
        ({"pharmacy_said": ""}, REVIEW, "pharmacy-on-file"),
        ({"open_request": "Task/1"}, REVIEW, "not-pending"),
    ],
)  # fmt: skip
def test_outcome_and_deciding_rule(change: dict[str, Any], outcome: RefillOutcome, rule: str) -> None:
    verdict = judge(replace(GOOD, **change))
    assert (verdict.outcome, verdict.decided_by) == (outcome, rule)
    assert [result.rule for result in verdict.rules] == [known.name for known in RULES]


def test_the_first_failing_rule_decides_and_all_are_kept() -> None:
    verdict = judge(replace(GOOD, new_problem=True, last_visit=None, open_request="Task/1"))
    failed = [result.rule for result in verdict.rules if result.passed is False]
    assert verdict.outcome is RefillOutcome.HUMAN_NOW
    assert failed == ["no-new-problem", "visit-recent", "not-pending"]


def test_spironolactone_wants_potassium_within_six_months() -> None:
    facts = replace(GOOD, **drug("spironolactone 25 MG Oral Tablet"))
    old = {"potassium": ago(200), "creatinine": ago(200)}
    assert judge(facts).outcome is READY
    assert judge(replace(facts, labs=old)).decided_by == "labs-recent"


def test_a_combination_is_as_strict_as_its_parts() -> None:
    facts = drug_facts("hydrochlorothiazide 12.5 MG / lisinopril 10 MG Oral Tablet")
    assert facts.name == "hydrochlorothiazide lisinopril"
    assert {need.name for need in facts.labs} == {"potassium", "creatinine"}
    assert drug_facts("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet").controlled is False


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("levothyroxine sodium 0.05 MG Oral Tablet", {("mg", 0.05)}),
        ("fifty micrograms", {("mg", 0.05)}),
        ("one hundred twenty five mcg", {("mg", 0.125)}),
        ("twelve point five milligrams", {("mg", 12.5)}),
        ("point two five mg", {("mg", 0.25)}),
        ("one gram", {("mg", 1000.0)}),
        ("1,000 mg", {("mg", 1000.0)}),
        ("500mg", {("mg", 500.0)}),
        ("hydrochlorothiazide 12.5 MG / lisinopril 10 MG", {("mg", 12.5), ("mg", 10.0)}),
        ("insulin glargine 100 UNT/ML", {("unit", 100.0)}),
        ("the twenty bus milligrams", {("mg", 20.0)}),  # a word misheard, or put in
        ("two 5 mg tablets", {("mg", 5.0)}),
        ("ten or twenty mg", {("mg", 20.0)}),
        ("ninety tablets, two a day", set()),
        ("my point is milligrams", set()),
        ("", set()),
    ],
)
def test_strengths_as_written_and_as_said(text: str, amounts: set[tuple[str, float]]) -> None:
    assert strengths(text) == amounts


def test_running_out_of_what_must_not_be_missed_is_urgent() -> None:
    steroid = replace(GOOD, **drug("prednisone 5 MG Oral Tablet"), labs={})
    assert judge(replace(steroid, last_fill=ago(89))).urgent
    assert not judge(replace(steroid, last_fill=ago(80))).urgent
    assert not judge(replace(GOOD, last_fill=ago(89))).urgent


def test_every_class_of_the_policy_is_one_of_the_formulary() -> None:
    known_classes = {known.drug_class for known in all_drugs()}
    assert set(load_policy().classes) <= {*known_classes, UNCLASSIFIED}


CONTROLLED = [known.generic for known in all_drugs() if known.controlled is not False]
HIGH_RISK = [known.generic for known in all_drugs() if known.high_risk]


@pytest.mark.parametrize("name", sorted({*CONTROLLED, *HIGH_RISK}))
def test_no_controlled_or_high_risk_medicine_is_ever_proposed(name: str) -> None:
    assert judge(replace(GOOD, **drug(f"{name} 10 MG Oral Tablet"))).outcome is REFUSED


@given(
    st.fixed_dictionaries(
        {
            "identified": st.sampled_from([True, None]),
            "new_problem": st.sampled_from([True, False, None]),
            "prescriber_here": st.sampled_from([True, False, None]),
            "order_active": st.booleans(),
            "last_visit": st.sampled_from([None, ago(10), ago(400)]),
            "last_fill": st.sampled_from([None, ago(10), ago(85)]),
            "fills_made": st.sampled_from([None, 1, 4]),
            "labs": st.sampled_from([{}, GOOD.labs]),
            "pharmacy_said": st.sampled_from(["", "Main Street", "Elsewhere"]),
            "open_request": st.sampled_from(["", "Task/1"]),
        }
    )
)
def test_ready_means_that_nothing_failed(change: dict[str, Any]) -> None:
    verdict = judge(replace(GOOD, **change))
    unsure = [result.rule for result in verdict.rules if result.passed is not True]
    assert (verdict.outcome is READY) == (set(unsure) <= {"dose-matches"})


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("NDA020800 0.3 ML Epinephrine 1 MG/ML Auto-Injector", "epinephrine"),
        ("120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", "fluticasone"),
        ("Clonazepam [Klonopin]", "clonazepam"),
        ("Carbamazepine[Tegretol]", "carbamazepine"),
        ("diphenhydrAMINE Hydrochloride 25 MG Oral Tablet", "diphenhydramine"),
        ("Errin 28 Day Pack", "norethindrone"),
        ("Vitamin B 12 5 MG/ML Injectable Solution", "cyanocobalamin"),
        ("NDA999999 2 ML Mysterium 5 MG/ML Injection", "mysterium"),
        ("120 ACTUAT Mysterium nova 0.05 MG/ACTUAT Inhaler", "mysterium nova"),
        ("Mysterium[Wonder]", "mysterium wonder"),
        ("24 HR", "medicine"),
    ],
)
def test_a_label_as_rxnorm_writes_it_has_a_name_that_can_be_said(label: str, name: str) -> None:
    assert drug_facts(label).name == name


def test_a_medicine_for_emergencies_goes_to_staff_at_once() -> None:
    verdict = judge(replace(GOOD, **drug("NDA020800 0.3 ML Epinephrine 1 MG/ML Auto-Injector")))
    assert verdict.urgent
    assert verdict.outcome is READY, "it is hastened, never blocked"


def test_a_brand_that_is_a_first_name_too_is_heard_only_on_its_own_list() -> None:
    assert drug_facts("Camila 28 Day Pack").spoken[-1] == "camila"
    assert "camila" not in drug_names()
    assert "errin" not in drug_names()


@pytest.mark.parametrize(
    ("label", "outcome", "rule"),
    [
        ("Zestoretic 20-12.5 Oral Tablet", REVIEW, "labs-recent"),  # needs what its parts need
        ("ranitidine 150 MG Oral Tablet", REFUSED, "on-the-market"),
        ("Penicillin V Potassium 500 MG Oral Tablet", REVIEW, "class-may-renew"),
        ("Phenazopyridine hydrochloride 100 MG Oral Tablet", REVIEW, "class-may-renew"),
        ("Mirena 52 MG Intrauterine System", REVIEW, "class-may-renew"),
        ("emtricitabine 200 MG / tenofovir disoproxil 300 MG Oral Tablet", REFUSED, "not-controlled"),
        ("Truvada 200/300 MG Oral Tablet", REFUSED, "not-high-risk"),
        ("butalbital 50 MG / acetaminophen 325 MG / caffeine 40 MG Oral Tablet", REFUSED, "not-controlled"),
    ],
)
def test_what_becomes_of_medicines_added_later(label: str, outcome: RefillOutcome, rule: str) -> None:
    verdict = judge(replace(GOOD, **drug(label), labs={}))
    assert (verdict.outcome, verdict.decided_by) == (outcome, rule)
