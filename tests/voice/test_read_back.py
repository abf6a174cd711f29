"""What the agent says of a value is heard as the same value: the normaliser against the readers."""

from __future__ import annotations

from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st

from intents.readers.births import read_birth
from intents.readers.dates import read_when
from intents.readers.letters import read_letters
from intents.readers.numbers import read_phone, read_strength, read_zip
from voice.normalise import for_the_ear
from voice.normalise.names import spelled

TODAY = date(2026, 11, 24)
BIRTHS = st.dates(date(1915, 1, 1), TODAY)
PHONES = st.tuples(st.integers(2, 9), st.integers(0, 99), st.integers(2, 9), st.integers(0, 999_999)).map(
    lambda parts: f"{parts[0]}{parts[1]:02d}{parts[2]}{parts[3]:06d}"
)


@given(BIRTHS)
def test_a_birth_date(birth: date) -> None:
    for written in (birth.isoformat(), f"{birth:%m/%d/%Y}", f"{birth:%B} {birth.day}, {birth.year}"):
        found = read_birth(for_the_ear(f"You said {written}."), TODAY)
        assert found is not None
        assert found.value == birth.isoformat()


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_time(at: time) -> None:
    twelve = f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"
    for written in (f"at {twelve}", f"at {at:%H:%M}", f"at {twelve.lower().replace(' ', '')}"):
        if written == f"at {at:%H:%M}" and 1 <= at.hour <= 12:
            continue  # without its half an hour before noon is either
        found = read_when(for_the_ear(written), TODAY)["time"]
        assert found.value == f"{at:%H:%M}", for_the_ear(written)


@given(st.dates(TODAY, date(2027, 10, 1)))
def test_a_day_to_come(day: date) -> None:
    for written in (day.isoformat(), f"{day:%A}, {day:%B} {day.day}"):
        assert read_when(for_the_ear(f"on {written}"), TODAY)["date"].value == day.isoformat()


@given(
    PHONES, st.sampled_from(["+1{0}{1}{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "1-{0}-{1}-{2}"])
)
def test_a_telephone_number(phone: str, form: str) -> None:
    found = read_phone(for_the_ear(form.format(phone[:3], phone[3:6], phone[6:])))
    assert found is not None
    assert found.value == f"+1{phone}"


@given(st.integers(0, 99_999).map("{:05d}".format))
def test_a_zip_code(code: str) -> None:
    for written in (f"ZIP code {code}", f"Boston, MA {code}"):
        found = read_zip(for_the_ear(written), expected=True)
        assert found is not None
        assert found.value == code


@given(st.integers(1, 2_000), st.sampled_from(["", ".5", ".25"]), st.sampled_from(["mg", "mcg", "mL"]))
def test_a_strength(whole: int, part: str, unit: str) -> None:
    found = read_strength(for_the_ear(f"lisinopril {whole}{part} {unit}"))
    assert found is not None
    assert found.value == f"{whole}{part} {unit.lower()}"


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=9))
def test_a_spelled_name(name: str) -> None:
    found = read_letters(spelled(name), expected=True)
    assert found is not None
    assert found.value == name
