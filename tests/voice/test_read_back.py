"""What the agent says of a value is heard as the same value: the normaliser against the readers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from intents.readers.births import read_birth
from intents.readers.dates import read_when
from intents.readers.hearing import heard
from intents.readers.letters import read_letters
from intents.readers.numbers import read_phone, read_strength, read_zip
from voice.normalise import for_the_ear
from voice.normalise.names import spelled
from words.numbers import parse_digits

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


@given(st.dates(date(2024, 1, 1), date(2040, 1, 1)), st.integers(0, 300))
def test_a_day_to_come_by_any_clock(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    for written in (f"{day:%A}, {day:%B} {day.day}", f"{day:%m/%d/%Y}", f"{day:%B} {day.day}, {day.year}"):
        found = read_when(for_the_ear(f"I have {written} open."), today)["date"]
        assert (found.value, found.alternatives) == (day.isoformat(), ())


# The nights when clocks change in the United States, 2026 and 2027; Arizona keeps its time.
_CHANGES = (datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC))


@given(
    st.sampled_from(_CHANGES),
    st.integers(-1_440, 1_440),
    st.sampled_from(["America/New_York", "America/Los_Angeles", "America/Phoenix"]),
)
def test_an_opening_on_the_day_that_clocks_change(change: datetime, minutes: int, zone: str) -> None:
    local = (change + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    hour = local.hour % 12 or 12
    written = f"{local:%A}, {local:%B} {local.day} at {hour}:{local:%M} {local:%p}"
    found = read_when(for_the_ear(f"I have {written}."), local.date() - timedelta(days=3))
    assert (found["date"].value, found["time"].value) == (f"{local:%Y-%m-%d}", f"{local:%H:%M}")


@given(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["morning", "afternoon"]))
def test_a_time_with_its_part_of_the_day(hour: int, minute: int, part: str) -> None:
    """As a caller repeats it: without its half, but with the part of the day."""
    if part == "afternoon" and 7 <= hour <= 11:
        return  # eleven in the afternoon is said of no time
    said = for_the_ear(f"{hour}:{minute:02d}") if minute else f"{for_the_ear(str(hour))} o'clock"
    found = read_when(f"{said} in the {part}", TODAY)["time"]
    assert found.value == f"{hour % 12 + (12 if part == 'afternoon' else 0):02d}:{minute:02d}"


@given(st.text("0123456789", min_size=3, max_size=12))
def test_a_reference_number(digits: str) -> None:
    words = [token.text for token in heard(for_the_ear(f"Your reference number is {digits}."))]
    said = [found[0] for at in range(len(words)) if (found := parse_digits(words, at))]
    assert said[0] == digits


@given(
    st.sampled_from(["lisinopril", "metformin", "warfarin"]), st.sampled_from([1, 2.5, 5, 10, 81, 325, 1_000])
)
def test_a_dose_between_other_numbers(name: str, amount: float) -> None:
    found = read_strength(for_the_ear(f"Take {name} {amount:g} mg, 1 tablet 2 times a day for 30 days."))
    assert found is not None
    assert (found.value, found.alternatives) == (f"{amount:g} mg", ())
