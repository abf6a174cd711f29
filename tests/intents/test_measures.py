"""What people measure at home: the value with its unit, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.measures import read_measures
from voice.normalise import for_the_ear


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("my blood pressure is one forty over ninety", "blood_pressure", "140/90 mmHg"),
        ("120/80", "blood_pressure", "120/80 mmHg"),
        ("a hundred and eighteen over seventy six", "blood_pressure", "118/76 mmHg"),
        ("one oh five over sixty", "blood_pressure", "105/60 mmHg"),
        ("one forty over ninety no one thirty over eighty five", "blood_pressure", "130/85 mmHg"),
        ("my sugar was two fifty this morning", "glucose", "250 mg/dL"),
        ("blood sugar of 98", "glucose", "98 mg/dL"),
        ("i weigh one eighty two", "weight", "182 lb"),
        ("i'm 82 kilos", "weight", "82 kg"),
        ("my weight is two hundred and four pounds", "weight", "204 lb"),
        ("a fever of one oh one point five", "temperature", "101.5 F"),
        ("my temperature is 38.5", "temperature", "38.5 C"),
        ("his temp is 99 point 4 degrees", "temperature", "99.4 F"),
        ("pulse of eighty eight", "pulse", "88/min"),
        ("my oxygen is ninety two percent", "oxygen", "92%"),
    ],
)
def test_readings(said: str, name: str, value: str) -> None:
    assert read_measures(said)[name].value == value


@pytest.mark.parametrize(
    "said",
    [
        "my blood pressure is high",
        "eighty over one twenty",  # no pressure has it so
        "a fever for three days",
        "my temperature is sixty",
        "my sugar is two",
        "i gained five pounds",
        "i'm over fifty",
        "three fourteen fifty eight",
        "i take ten milligrams",
        "ninety over ninety",
        "",
    ],
)
def test_what_is_no_reading(said: str) -> None:
    assert read_measures(said) == {}


def test_two_readings_are_unsure() -> None:
    found = read_measures("one forty over ninety and one thirty over eighty")["blood_pressure"]
    assert (found.value, found.alternatives) == ("140/90 mmHg", ("130/80 mmHg",))
    assert found.certainty <= 0.5


@given(st.integers(60, 250), st.integers(30, 150))
def test_a_blood_pressure_said_aloud_is_read_back(upper: int, lower: int) -> None:
    found = read_measures(for_the_ear(f"Your blood pressure was {upper}/{lower}."))
    if lower < upper:
        assert found["blood_pressure"].value == f"{upper}/{lower} mmHg"
    else:
        assert found == {}


@given(st.integers(950, 1_069))
def test_a_temperature_said_aloud_is_read_back(tenths: int) -> None:
    found = read_measures(for_the_ear(f"a temperature of {tenths / 10:.1f} °F"))
    assert found["temperature"].value == f"{tenths / 10:g} F"
