"""Answers of another server that are JSON, and of no form that can be read. Found by fuzzing."""

from __future__ import annotations

import httpx
import orjson
import pytest

from ehr_writeback.linking import patient_in
from ehr_writeback.planned import identifiers
from fhir import answers
from fhir.answers import Answer
from fhir.capability import Capabilities
from fhir.client import FhirClient, FixedToken
from fhir.errors import WrongAnswer
from fhir.matching import Person, in_use, match_patient, person_of

UNREADABLE: tuple[object, ...] = ([{}], "x", 1, True)


def answer(document: object) -> Answer:
    return Answer(200, httpx.Headers(), orjson.dumps(document))


@pytest.mark.parametrize("meta", UNREADABLE)
def test_a_resource_whose_meta_is_no_object_is_a_wrong_answer(meta: object) -> None:
    patient = {"resourceType": "Patient", "id": "p1", "meta": meta}
    with pytest.raises(WrongAnswer):
        answers.stored("read", answer(patient), "https://ehr.example/fhir", "Patient/p1")
    with pytest.raises(WrongAnswer):
        answers.bundle("search", answer({"resourceType": "Bundle", "entry": [{"resource": patient}]}))


@pytest.mark.parametrize("search", UNREADABLE)
def test_a_match_that_does_not_say_readably_that_it_is_one_is_a_wrong_answer(search: object) -> None:
    entry = {"search": search, "resource": {"resourceType": "Patient", "id": "p1"}}
    with pytest.raises(WrongAnswer):
        answers.bundle("search", answer({"resourceType": "Bundle", "entry": [entry]}))


def test_what_is_left_out_or_empty_is_no_fault() -> None:
    patient = {"resourceType": "Patient", "id": "p1", "meta": None}
    stored = answers.stored("read", answer(patient), "https://ehr.example/fhir", "Patient/p1")
    assert (stored.reference, stored.etag) == ("Patient/p1", "")
    found = answers.bundle("search", answer({"resourceType": "Bundle", "entry": [{"resource": patient}]}))
    assert answers.matches(found, "Patient") == [patient]


@pytest.mark.parametrize("response", UNREADABLE)
def test_an_entry_of_a_transaction_that_does_not_say_what_became_of_it_is_a_wrong_answer(
    response: object,
) -> None:
    with pytest.raises(WrongAnswer):
        answers.bundle("transaction", answer({"resourceType": "Bundle", "entry": [{"response": response}]}))


ODD: tuple[object, ...] = (*UNREADABLE, None, ["x"], {"x": 1})


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "name", ["identifier", "name", "telecom", "link", "subject", "target", "agent", "id"]
)
def test_a_resource_with_something_else_where_a_list_or_an_object_is_due_is_nobodys(
    name: str, odd: object
) -> None:
    """None of the readers that look for our copy, or for a patient's chart, falls over it."""
    patient = {"resourceType": "Patient", "active": True, name: odd}
    assert (identifiers(patient) == []) or name == "identifier"
    assert patient_in(patient) == ""
    assert person_of(patient).birth_date == ""
    assert in_use(patient) in (True, False)


@pytest.mark.parametrize("odd", ODD)
async def test_a_server_that_finds_odd_things_has_no_certain_chart(odd: object) -> None:
    """Its ``$match`` and its search both answer with them."""

    async def found(request: httpx.Request) -> httpx.Response:
        entry = {"search": {"extension": odd}, "resource": odd}
        return httpx.Response(200, json={"resourceType": "Bundle", "entry": [entry, odd]})

    capabilities = Capabilities(
        interactions={"Patient": frozenset({"search-type"})}, operations={"Patient": frozenset({"match"})}
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(found)) as http:
        client = FhirClient("https://ehr.example/fhir", FixedToken("t"), http)
        match = await match_patient(client, capabilities, Person(("Lopez",), ("Ana",), "1962-03-12"))
    assert match.reference == ""
