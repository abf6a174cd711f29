from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir.codes import BOUND, check

ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
}


def test_a_good_resource_has_no_problems() -> None:
    assert check(ENCOUNTER) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"status": "nope"},
            "Encounter.status: code outside https://hl7.org/fhir/R4/valueset-encounter-status.html",
        ),
        ({"class": None}, "Encounter.class: missing"),
        ({"period": {"start": "soon"}}, "Encounter.period.start: value_error"),
        ({"colour": "red"}, "Encounter.colour: extra_forbidden"),
    ],
)
def test_each_fault_is_named_by_its_place(change: dict[str, Any], problem: str) -> None:
    resource = {name: value for name, value in (ENCOUNTER | change).items() if value is not None}
    assert check(resource) == [problem]


def test_problems_never_quote_values() -> None:
    assert "Lopez" not in " ".join(check(ENCOUNTER | {"period": {"start": "Lopez"}, "status": "Lopez"}))


def test_an_unknown_type_is_named() -> None:
    assert check({"resourceType": "Banana"}) == ["resourceType: not a FHIR resource"]
    assert check({}) == ["resourceType: not a FHIR resource"]


def test_a_bundle_is_checked_with_its_entries() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": ENCOUNTER | {"status": "nope"}, "request": {"method": "PUSH", "url": "Encounter"}}
        ],
    }
    found = " ".join(check(bundle))
    assert "Bundle.entry.request.method" in found
    assert "Encounter.status" in found


def test_the_table_agrees_with_the_models_where_those_list_codes() -> None:
    compared = 0
    for path, binding in BOUND.items():
        owner, *steps = path.split(".")
        if len(steps) != 1:
            continue
        field = next(f for f in get_fhir_model_class(owner).model_fields.values() if f.alias == steps[0])
        listed = set((field.json_schema_extra or {}).get("enum_values", ()))
        if not listed:  # the models name no codes here
            continue
        if "+" in listed:  # the models shorten long lists
            assert listed - {"+"} <= binding.codes, path
        else:
            assert listed == binding.codes, path
        compared += 1
    assert compared >= 15
