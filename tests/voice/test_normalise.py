"""What is written, as it is said."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voice.normalise import for_the_ear

SAID = [
    # dates
    ("2026-03-05", "March fifth, twenty twenty six"),
    ("2026-03-05T14:20:00Z", "March fifth, twenty twenty six at two twenty P M"),
    ("03/05/81", "March fifth, eighty one"),
    ("Mar. 5th, 2004", "March fifth, two thousand four"),
    ("5 March 1981", "March fifth, nineteen eighty one"),
    ("the 5th of May", "May fifth"),
    ("March 5-7, 2026", "March fifth to seventh, twenty twenty six"),
    ("Mar 30 – April 2", "March thirtieth to April second"),
    ("3/5-3/7", "March fifth to March seventh"),
    ("Tue, Mar 5", "Tuesday, March fifth"),
    ("Mon–Fri", "Monday to Friday"),
    ("Dec. 2025", "December twenty twenty five"),
    ("in 1981, since 2004", "in nineteen eighty one, since two thousand four"),
    ("he may 5 times", "he may five times"),
    ("Sun and sand", "Sun and sand"),
    # times
    ("12:00 PM or 12:00 AM", "noon or midnight"),
    ("at 2:00", "at two o'clock"),
    ("9am-5pm", "nine A M to five P M"),
    ("2-3 PM", "two to three P M"),
    ("8:00-17:00", "eight A M to five P M"),
    ("2 PM EST", "two P M Eastern time"),
    ("at 2:30 p.m. Then go home.", "at two thirty P M. Then go home."),
    ("25:10, 2:1", "twenty five, ten, two to one"),
    # phones and other numbers of digits
    ("617-555-0123 ext. 204", "six one seven, five five five, zero one two three extension two zero four"),
    ("1-800-222-1222", "one, eight hundred, two two two, one two two two"),
    ("555-0123", "five five five, zero one two three"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("reference 48213", "reference four eight two, one three"),
    ("code 4821", "code four eight two one"),
    ("case FS-8K2Q77", "case F S, eight K two Q seventy seven"),
    ("123-45-6789", "one two three, four five, six seven eight nine"),
    ("#5", "number five"),
    ("press # or *", "press pound or star"),
    # doses
    ("10/325 mg", "ten slash three hundred twenty five milligrams"),
    ("2.5 mL", "two point five milliliters"),
    ("1,000 mcg", "one thousand micrograms"),
    ("500mg", "five hundred milligrams"),
    ("5 mg/5 mL", "five milligrams per five milliliters"),
    ("15 mg/kg/day", "fifteen milligrams per kilogram per day"),
    (".5 mg and 1.0 mg", "zero point five milligrams and one point zero milligrams"),
    ("1 mg, 1 tablet", "one milligram, one tablet"),
    ("Take one 81 mg aspirin", "Take one, eighty one milligrams aspirin"),
    ("vitamin D3 50,000 IU", "vitamin D three, fifty thousand international units"),
    ("5' 10\"", "five feet ten inches"),
    ("10 U insulin", "ten units insulin"),
    ("1/2 tablet, 1 1/2 tabs", "one half tablet, one and one half tablets"),
    ("2½ tablets, 2/3 of it", "two and one half tablets, two thirds of it"),
    ("30-day supply", "thirty day supply"),
    ("101.5 °F", "one hundred one point five degrees Fahrenheit"),
    # directions
    ("1 tab po bid prn pain", "one tablet by mouth twice a day as needed for pain"),
    ("take 1-2 tabs po q4-6h prn", "take one to two tablets by mouth every four to six hours as needed"),
    ("10 mg po qhs", "ten milligrams by mouth every night at bedtime"),
    ("1 puff tid ac", "one puff three times a day before meals"),
    ("2 caps hs x 7 days", "two capsules at bedtime for seven days"),
    ("b.i.d. with food", "twice a day with food"),
    ("10 mg qd; 5 mg q12h", "ten milligrams once a day; five milligrams every twelve hours"),
    ("two pills im taking", "two pills im taking"),
    ("he made a bid on the PC while the AC was on", "he made a bid on the PC while the AC was on"),
    # names on labels
    ("Metformin HCl ER 500 mg", "Metformin hydrochloride E R five hundred milligrams"),
    ("in the ER", "in the ER"),
    ("lisinopril 10 MG Oral Tablet", "lisinopril ten milligram Oral Tablet"),
    (
        "24 HR metoprolol succinate 50 MG [Toprol-XL]",
        "twenty four hour metoprolol succinate fifty milligrams, Toprol X L,",
    ),
    ("type 2 diabetes (E11.9)", "type two diabetes (E eleven point nine)"),
    ("B12, A1C", "B twelve, A one C"),
    # people and places
    ("J. R. Smith and Mary K. Jones", "J R Smith and Mary K Jones"),
    ("J.P. O'Brien, M.D., is in", "J P O'Brien, M D, is in"),
    ("COVID-19, the 1990s", "COVID nineteen, the nineteen nineties"),
    ("Mrs. Lee, Mr. Cho", "Missus Lee, Mister Cho"),
    (
        "12 Main St., Apt 4B, Troy, NY 12180-1234",
        "twelve Main Street, apartment four B, Troy, New York one two one eight zero, one two three four",
    ),
    ("1420 N. Oak Ave, Suite 200", "fourteen twenty North Oak Avenue, Suite two hundred"),
    ("We're at 12 Maple Street. Or at 3 Elm Rd.", "We're at twelve Maple Street. Or at three Elm Road."),
    ("Main St Pharmacy, Dr Chen", "Main Street Pharmacy, Doctor Chen"),
    ("Tuesday, OK? In Reno, NV.", "Tuesday, OK? In Reno, Nevada."),
    ("St. Mary's, 105 Elm Rd", "Saint Mary's, one oh five Elm Road"),
    ("Room 305", "Room three oh five"),
    ("P.O. Box 123", "P O Box one two three"),
    ("spelled m i l l e r.", "spelled M as in Mike, I, L, L, E, R."),
    ("B-O-B", "B as in Bravo, O, B as in Bravo"),
    # money, ranks, parts
    ("$12.50", "twelve dollars and fifty cents"),
    ("$1, $0.99, $1,250", "one dollar, ninety nine cents, one thousand two hundred fifty dollars"),
    ("the 22nd, the 101st", "the twenty second, the one hundred first"),
    ("24/7", "twenty four seven"),
    ("blood pressure 120/80", "blood pressure one hundred twenty over eighty"),
    ("10-15 minutes", "ten to fifteen minutes"),
    ("98%", "ninety eight percent"),
    ("-5", "minus five"),
    # the rest
    ("maria.lopez@example.com", "maria dot lopez at example dot com"),
    ("See www.example.org/visit.", "See w w w dot example dot org slash visit."),
    ("Dr. & Mrs. Cho, w/o delay", "Doctor and Missus Cho, without delay"),
    ("I'm an AI assistant - not a nurse.", "I'm an AI assistant, not a nurse."),
    ("Добрый день", "Добрый день"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "said"), SAID, ids=[written for written, _ in SAID])
def test_said(written: str, said: str) -> None:
    assert for_the_ear(written) == said
    assert for_the_ear(said) == said


PIECES = st.sampled_from([written for written, _ in SAID])
TEXT = st.one_of(
    st.text(max_size=80),
    st.text("0123456789/-.,:$#% apmAPMxqhSt()+&'½²٣", max_size=40),
    st.lists(PIECES, min_size=1, max_size=4).map(" ".join),
    st.lists(PIECES, min_size=1, max_size=3).map(", ".join),
)


@given(TEXT)
def test_nothing_is_refused_and_no_digit_is_left_to_the_engine(text: str) -> None:
    said = for_the_ear(text)
    assert not re.search(r"\d", said)
    assert all(unicodedata.category(sign) not in ("Cc", "Cf", "Cs") for sign in said)


@given(TEXT)
def test_what_is_said_is_said_again_the_same(text: str) -> None:
    said = for_the_ear(text)
    assert for_the_ear(said) == said


_UNITS = "zero one two three four five six seven eight nine"
_RANKS = "oh first second third fourth fifth sixth seventh eighth ninth"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TEEN_RANKS = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENS = "nought ten twenty thirty forty fifty sixty seventy eighty ninety"
_TEN_RANKS = "nought tenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
_MONTHS = "nought January February March April May June July August September October November December"


def numbered(words: str, start: int = 0) -> dict[str, str]:
    return {word: str(number) for number, word in enumerate(words.split(), start)}


DIGITS_OF = {
    **numbered(_TENS),
    **numbered(_TEN_RANKS),
    **numbered(_UNITS),
    **numbered(_RANKS),
    **{f"{word}s": number for word, number in numbered(_RANKS).items()},
    **numbered(_TEENS, 10),
    **numbered(_TEEN_RANKS, 10),
    **numbered(_MONTHS),
    "half": "12",
    "quarter": "14",
    "quarters": "4",
}


def significant(digits: str) -> Counter[str]:
    return Counter(digit for digit in digits if digit in "123456789")


@given(st.text("0123456789/-., $%#", max_size=30))
@example("24/7")
@example("1/2 1/4 3/4")
@example("0.50 $0.05 $10.01 0,123 1,234 12,34")
def test_no_digit_is_lost(text: str) -> None:
    """Zeros may vanish in a value ("05" is "five"); every other digit is heard, whatever it was taken for."""
    said = for_the_ear(text)
    heard = "".join(DIGITS_OF.get(word, "") for word in re.findall(r"[A-Za-z]+", said))
    assert significant(heard) == significant(text), said


@pytest.mark.parametrize(
    "piece", ["1", "1,", "1/", "1-", "1.", "A.", "a-", "$", "q", "1 mg/", "St. ", "x@", "12:", "www."]
)
def test_a_hostile_length_is_only_long(piece: str) -> None:
    assert for_the_ear(piece * 4_000) is not None
