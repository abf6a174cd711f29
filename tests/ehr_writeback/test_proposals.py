"""What a chart gets that the acting backend did not write into: proposals, visits and an access event."""

from __future__ import annotations

from dataclasses import replace

from ehr_writeback import WritebackConfig, plan
from models.domain import DoneAction, RefillAnswered
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.records import REFILL

CONFIG = WritebackConfig(system_url="https://cedar.example", same_server=False)
*BEFORE, ASKED = REFILL.done
assert isinstance(ASKED.result, RefillAnswered)
ORDERED = replace(ASKED.result, medicine="lisinopril 10 MG Oral Tablet", rxnorm="314076")


def refill(given: RefillAnswered, config: WritebackConfig = CONFIG) -> list[dict[str, object]]:
    record = replace(REFILL, done=(*BEFORE, DoneAction(3, ASKED.action, given)))
    return [item.resource for item in plan(record, config) if item.kind == "rx"]


def test_a_proposal_names_the_order_it_is_of_and_orders_nothing() -> None:
    (proposal,) = refill(ORDERED)
    assert (proposal["status"], proposal["intent"]) == ("draft", "proposal")
    rxnorm = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"}
    named = {"coding": [rxnorm], "text": "lisinopril 10 MG Oral Tablet"}
    assert proposal["medicationCodeableConcept"] == named
    assert proposal["priorPrescription"] == {
        "identifier": {"system": "https://cedar.example/order", "value": "m9"},
        "display": "lisinopril 10 MG Oral Tablet",
    }


def test_an_order_of_that_very_chart_is_referred_to() -> None:
    (proposal,) = refill(ORDERED, replace(CONFIG, orders_there=True))
    prior = proposal["priorPrescription"]
    assert prior == {"reference": "MedicationRequest/m9", "display": "lisinopril 10 MG Oral Tablet"}


def test_no_proposal_where_none_was_made_or_it_is_there_already() -> None:
    assert refill(replace(ORDERED, proposal_ref="")) == []
    assert refill(replace(ORDERED, already_open=True)) == []
    assert refill(ORDERED, WritebackConfig()) == []


def test_a_visit_that_was_booked_there_is_not_booked_again() -> None:
    there = plan(EVERYTHING, replace(CONFIG, visits_there=True))
    assert [item for item in there if item.kind == "appt"] == []
    (note,) = [item.resource for item in there if item.kind == "note"]
    assert note["context"]["related"] == [{"reference": "Appointment/ap-1"}]
