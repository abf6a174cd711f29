"""Answers of another server that are JSON, and of no form that can be read. Found by fuzzing."""

from __future__ import annotations

import httpx
import orjson
import pytest

from fhir import answers
from fhir.answers import Answer
from fhir.errors import WrongAnswer

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
