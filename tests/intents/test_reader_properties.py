"""What holds of every reader: no text makes it fail, its place lies inside the text, and its work is
bounded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.readers.births import read_birth
from intents.readers.choices import read_choice
from intents.readers.dates import read_when
from intents.readers.drugs import listed_medicines, read_drug
from intents.readers.hearing import MAX_CHARACTERS, heard
from intents.readers.letters import read_letters
from intents.readers.lists import read_pharmacy, read_provider
from intents.readers.measures import read_measures
from intents.readers.modes import read_kind, read_mode
from intents.readers.names import read_name
from intents.readers.numbers import read_late_minutes, read_number, read_phone, read_strength, read_zip
from intents.readers.symptoms import read_symptom
from intents.readers.yes_no import read_yes_no
from intents.reading import read_entities
from models.domain import (
    Choice,
    Context,
    Entity,
    Expectation,
    ExpectationKind,
    Medicine,
    PracticeFacts,
    Provider,
)

TODAY = date(2026, 11, 23)
OPENINGS = (
    Choice("a", ("tuesday december first at two twenty", "tuesday", "two twenty", "doctor chen")),
    Choice("b", ("thursday december third at nine", "thursday", "nine", "doctor patel")),
)
LISTED = listed_medicines(
    (), (Medicine("o1", "lisinopril", "lisinopril"), Medicine("o2", "metformin", "metformin"))
)
ROSTER = ("Susan Miller", "Maria Garcia-Lopez")
EXAMPLES = max(60, settings().max_examples // 4)  # each is seventeen readers' work
Reader = Callable[[str], dict[str, Entity]]


def one(entity: Entity | None) -> dict[str, Entity]:
    return {"value": entity} if entity else {}


READERS: dict[str, Reader] = {
    "when": lambda text: read_when(text, TODAY, bare_hours=True),
    "birth": lambda text: one(read_birth(text, TODAY)),
    "choice": lambda text: one(read_choice(text, OPENINGS, TODAY)),
    "drug": lambda text: one(read_drug(text, LISTED, expected=True)),
    "letters": lambda text: one(read_letters(text, expected=True)),
    "provider": lambda text: one(read_provider(text, (Provider("p1", "Doctor Chen"),), expected=True)),
    "pharmacy": lambda text: one(read_pharmacy(text, ("Main Street Pharmacy",), expected=True)),
    "measures": read_measures,
    "mode": lambda text: one(read_mode(text, after_question=True)) | one(read_kind(text)),
    "name": lambda text: one(read_name(text, ROSTER, expected=True)),
    "phone": lambda text: one(read_phone(text, expected=True)),
    "zip": lambda text: one(read_zip(text, expected=True)),
    "number": lambda text: one(read_number(text)),
    "strength": lambda text: one(read_strength(text)),
    "late": lambda text: one(read_late_minutes(text)),
    "symptom": lambda text: one(read_symptom(text)),
    "yes_no": lambda text: one(read_yes_no(text)),
}
BAD = {
    "nothing": "",
    "spaces": " \t\n ",
    "digits": "9" * 5_000,
    "digits apart": "1 " * 10_000,
    "ten thousand words": "i need it on tuesday at nine no wednesday " * 1_250,
    "letters": "a b c d " * 2_500,
    "other scripts": "мне нужно лекарство на вторник 処方箋が必要です أحتاج إلى وصفة",
    "emoji": "👍 💊 please 📅 tuesday 😀",
    "control characters": "\x00\x07\x1b[31mtuesday\x1b[0m\u202e\ufeff",
    "marks": "/-.:+" * 400,
    "numbers that are none": "²st ³rd ½ ٢nd ⅷ 12/1/99999999999999999999 99999999999999999999 milligrams",
    "half a pair": "\ud800 tuesday",
    "no end": "in 99999999 years the 99th of january",
}
# Words that readers look for, so that random sentences reach their corners.
_WORDS = st.sampled_from(
    "no not sorry i mean the a of to at in on from next last this week month day monday tuesday january may "
    "march first second twentieth thirty twenty one two nine oh double hundred thousand half quarter past "
    "after before until between and or over point am pm noon morning night 12 / - : . 1958 2027 99 '58 "
    "later either as milligrams "
    "pounds sugar pressure lisinopril met foreman susan miller yes yeah hours late st th it's ago".split()
)
SENTENCES = st.lists(_WORDS, max_size=14).map(" ".join)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_has_a_defined_answer(text: str) -> None:
    for read in READERS.values():
        for entity in read(text).values():
            assert 0 <= entity.span[0] < entity.span[1] <= len(text)


@given(st.one_of(st.text(max_size=80), SENTENCES))
@settings(max_examples=EXAMPLES)
def test_no_text_makes_a_reader_fail(text: str) -> None:
    for read in READERS.values():
        for entity in read(text).values():
            assert 0 <= entity.span[0] < entity.span[1] <= len(text)
            assert 0 < entity.certainty <= 1
            assert entity.value not in entity.alternatives


@given(SENTENCES, st.dates(date(1999, 1, 1), date(9999, 12, 31)))
@settings(max_examples=EXAMPLES)
def test_any_clock_will_do(text: str, today: date) -> None:
    for name, entity in read_when(text, today, bare_hours=True).items():
        if name.startswith("date"):
            assert date.fromisoformat(str(entity.value)) >= today - timedelta(days=1)
    read_birth(text, today)


@pytest.mark.parametrize("name", READERS)
def test_the_work_grows_with_the_text_and_not_faster(name: str) -> None:
    """Calls of functions for texts of n and 2n words: about twice as many, up to the longest turn that is
    read.
    """
    for sentence in (
        "1 2 3 4 5 6 7 8 ",
        "no tuesday at nine not friday ",
        "a b c d ",
        "my lisinopril sugar was two fifty ",
    ):
        short, double = sentence * 12, sentence * 24
        assert len(double) <= MAX_CHARACTERS
        _ = READERS[name](short), READERS[name](double)
        assert _calls(READERS[name], double) <= 2.4 * _calls(READERS[name], short) + 200, sentence


@pytest.mark.parametrize("name", READERS)
def test_no_more_is_read_than_one_turn_holds(name: str) -> None:
    whole = "i said tuesday at nine not friday 617 555 0142 " * 300
    assert READERS[name](whole) == READERS[name](whole[:MAX_CHARACTERS])
    assert len(heard(whole)) <= MAX_CHARACTERS


def _calls(read: Reader, text: str) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


# Instants around the changes of 2026 and 2027 in New York, and one zone that has none.
_CHANGES = (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2027, 3, 14, 6, 30, tzinfo=UTC))


@given(
    st.sampled_from(_CHANGES),
    st.integers(-1_500, 1_500),
    st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu"]),
)
def test_today_is_the_practices_day_when_clocks_change(change: datetime, minutes: int, zone: str) -> None:
    now = change + timedelta(minutes=minutes)
    context = Context(now, PracticeFacts(name="Oak Street", phone="+16175550100", timezone=zone))
    found = read_entities("tomorrow", Expectation(ExpectationKind.CHOICE), context)
    assert found["date"].value == (now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)).isoformat()
