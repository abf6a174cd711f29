"""What our own voice says is read back to the same value, by every reader that reads what is said aloud.

A caller repeats what was read to them, so a sentence of ours that our readers take for something else would
be taken for a wrong answer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.speech import birth_date, clock, day_name, moment, phone
from intents.readers.births import read_birth
from intents.readers.choices import read_choice
from intents.readers.dates import read_when
from intents.readers.drugs import listed_medicines, read_drug
from intents.readers.letters import read_letters
from intents.readers.lists import read_pharmacy, read_provider, read_visit_type
from intents.readers.measures import read_measures
from intents.readers.names import read_name
from intents.readers.numbers import read_late_minutes, read_number, read_phone, read_strength, read_zip
from intents.readers.symptoms import read_symptom
from intents.readers.yes_no import read_yes_no
from models.domain import Choice, Entity, Medicine, Provider, VisitType
from voice.normalise import for_the_ear
from words import formulary

TODAY = date(2026, 11, 23)
FEW = settings(max_examples=max(40, settings().max_examples // 2))
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu")
# Days on which clocks change, with those around them.
CHANGES = [date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7), date(2028, 3, 12)]
CLOCKS = st.one_of(
    st.dates(date(2024, 1, 1), date(2040, 12, 31)),
    st.builds(lambda day, away: day + timedelta(days=away), st.sampled_from(CHANGES), st.integers(-8, 8)),
)
NUMBERS = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)
PROVIDERS = tuple(Provider(name, f"Doctor {name}") for name in ("Chen", "Patel", "Webb", "Okafor"))
PHARMACIES = ("Main Street Pharmacy", "CVS on Oak Avenue", "Walgreens at 5th and Main")
ROSTER = (
    "Susan Miller",
    "Maria Garcia-Lopez",
    "John O'Brien",
    "Robert Jones",
    "Anne-Marie Miller",
    "Mary St. John",
)
VISITS = tuple(
    VisitType(name, name, 20) for name in ("annual physical", "follow-up", "flu shot", "new patient")
)
COMPLAINTS = (
    "chest pain",
    "shortness of breath",
    "fever",
    "cough",
    "headache",
    "nausea",
    "dizziness",
    "rash",
)
MEDICINES = tuple(
    Medicine(f"o{number}", drug.generic, f"{drug.generic} 10 MG Oral Tablet")
    for number, drug in enumerate(formulary.all_drugs()[::40])
)


def value(entity: Entity | None) -> object:
    return entity.value if entity else None


@given(CLOCKS, st.integers(0, 360))
@FEW
def test_a_day_that_we_name(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    for said in (day_name(day), for_the_ear(f"{day:%m/%d/%Y}"), for_the_ear(day.isoformat())):
        assert read_when(said, today)["date"].value == day.isoformat(), said


@given(st.times())
@FEW
def test_a_time_that_we_name(at: time) -> None:
    for said in (clock(at), for_the_ear(f"at {at:%I:%M %p}")):
        assert read_when(said, TODAY)["time"].value == f"{at:%H:%M}", said


@given(CLOCKS, st.integers(1, 60), st.integers(0, 95), st.integers(1, 95), st.sampled_from(ZONES))
@FEW
def test_an_opening_that_we_offer(today: date, ahead: int, quarter: int, later: int, zone: str) -> None:
    """Of two, each repeated word for word is that one, in the practice's own time."""
    first = datetime.combine(today, time(12), UTC) + timedelta(days=ahead, minutes=15 * quarter)
    starts = {"a": first, "b": first + timedelta(minutes=15 * later)}
    local = {name: start.astimezone(ZoneInfo(zone)) for name, start in starts.items()}
    if len({at.replace(tzinfo=None) for at in local.values()}) < 2:
        return  # the hour that comes twice: the same words for both
    choices = tuple(Choice(name, (moment(start, zone),)) for name, start in starts.items())
    for name, start in starts.items():
        assert value(read_choice(f"{moment(start, zone)} please", choices, today)) == name


OLDEST = 110  # years; older is nobody, and a mishearing


@given(st.dates(date(1916, 1, 1), TODAY), st.just(TODAY) | CLOCKS)
@FEW
def test_a_birth_date_that_we_repeat(birth: date, today: date) -> None:
    if birth > today or max(today, TODAY).year - birth.year > OLDEST:
        return
    for said in (birth_date(birth), for_the_ear(birth.isoformat()), for_the_ear(f"{birth:%m/%d/%Y}")):
        assert value(read_birth(said, max(today, TODAY))) == birth.isoformat(), said


@given(NUMBERS)
@FEW
def test_a_phone_number_that_we_repeat(number: str) -> None:
    written = f"{number[:3]}-{number[3:6]}-{number[6:]}"
    for said in (phone(f"+1{number}"), for_the_ear(written), for_the_ear(f"({written[:3]}) {written[4:]}")):
        assert value(read_phone(said, expected=True)) == f"+1{number}", said


@given(st.from_regex(r"[0-9]{5}", fullmatch=True))
@FEW
def test_a_zip_code_that_we_repeat(code: str) -> None:
    assert value(read_zip(for_the_ear(f"ZIP {code}"), expected=True)) == code


# 911, 988 and their like are names of services, said digit by digit: no quantity that a caller repeats.
SERVICES = {988, *range(211, 1_000, 100)}


@given(st.integers(1, 9_999).filter(lambda number: number not in SERVICES))
@FEW
def test_a_number_that_we_say(number: int) -> None:
    assert value(read_number(for_the_ear(f"number {number}"))) == number


@given(
    st.one_of(st.integers(1, 1_500).map(str), st.integers(1, 99).map(lambda tenth: f"{tenth / 10:g}")),
    st.sampled_from(["mg", "mcg", "g", "ml"]),
)
@FEW
def test_a_strength_that_we_say(amount: str, unit: str) -> None:
    assert value(read_strength(for_the_ear(f"lisinopril {amount} {unit} tablet"))) == f"{amount} {unit}"


@given(st.integers(1, 90))
def test_minutes_late(minutes: int) -> None:
    assert value(read_late_minutes(for_the_ear(f"running {minutes} min late"))) == minutes


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12))
@FEW
def test_letters_that_we_spell(letters: str) -> None:
    said = for_the_ear(f"spelled {'-'.join(letters.upper())}")
    assert value(read_letters(said, expected=True)) == letters.upper()


@pytest.mark.parametrize("name", ROSTER)
def test_a_name_that_we_say(name: str) -> None:
    assert value(read_name(for_the_ear(name), ROSTER, expected=True)) == name


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.provider_id)
def test_a_provider_that_we_name(provider: Provider) -> None:
    for written in (provider.name, provider.name.replace("Doctor", "Dr.")):
        assert value(read_provider(for_the_ear(written), PROVIDERS, expected=True)) == provider.provider_id


@pytest.mark.parametrize("name", PHARMACIES)
def test_a_pharmacy_that_we_name(name: str) -> None:
    assert value(read_pharmacy(for_the_ear(name), PHARMACIES, expected=True)) == name


@pytest.mark.parametrize("medicine", MEDICINES, ids=lambda medicine: medicine.name)
def test_a_medicine_that_we_name(medicine: Medicine) -> None:
    listed = listed_medicines((), MEDICINES)
    assert value(read_drug(for_the_ear(medicine.name), listed, expected=True)) == medicine.name


@given(st.integers(40, 600), st.integers(60, 450), st.integers(35, 180), st.integers(60, 100))
@FEW
def test_readings_that_we_repeat(sugar: int, pounds: int, pulse: int, oxygen: int) -> None:
    written = {
        "glucose": (f"blood sugar {sugar} mg/dL", f"{sugar} mg/dL"),
        "weight": (f"weight {pounds} lb", f"{pounds} lb"),
        "pulse": (f"pulse {pulse}", f"{pulse}/min"),
        "oxygen": (f"oxygen {oxygen} %", f"{oxygen}%"),
    }
    for name, (text, wanted) in written.items():
        assert value(read_measures(for_the_ear(text)).get(name)) == wanted, for_the_ear(text)


@pytest.mark.parametrize(("said", "meant"), [("Yes", True), ("No", False), ("That's right.", True)])
def test_yes_and_no_as_we_offer_them(said: str, meant: bool) -> None:
    assert value(read_yes_no(for_the_ear(said))) is meant


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.code)
def test_a_visit_that_we_name(visit: VisitType) -> None:
    assert value(read_visit_type(for_the_ear(f"A {visit.name} visit."), VISITS)) == visit.code


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_complaint_that_we_repeat(name: str) -> None:
    assert value(read_symptom(for_the_ear(f"You told me of {name}."))) == name


@pytest.mark.parametrize(
    ("said", "meant"),
    [("the second", "b"), ("second", "b"), ("the first please", "a"), ("the twenty-fifth", "a")],
)
def test_an_offer_by_its_place_or_its_day(said: str, meant: str) -> None:
    """The places are among the forms that the dialog hands over: they are no days of the month."""
    first = ("the first one", "the first", "wednesday november twenty-fifth", "wednesday")
    second = ("the second one", "the second", "monday november thirtieth", "monday")
    read = read_choice(said, (Choice("a", first), Choice("b", second)), TODAY)
    assert read is not None
    assert read.value == meant


def test_a_place_that_is_also_the_day_of_another_offer_is_not_taken_for_the_place() -> None:
    offers = (Choice("a", ("the first one", "tuesday december second")), Choice("b", ("the second one",)))
    read = read_choice("the second", offers, TODAY)
    assert read is None or read.value == "a"
