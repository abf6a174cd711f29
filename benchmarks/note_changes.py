"""Changes of one line of a true note: another value of the same kind, or words that seem to belong."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from words import formulary

Change = Callable[[str, random.Random], str]
DRUGS = (
    "metformin",
    "warfarin",
    "lisinopril",
    "losartan",
    "omeprazole",
    "sertraline",
    "hydralazine",
    "Zoloft",
)
PROVIDERS = ("Doctor Chen", "Doctor Patel", "Nurse Practitioner Rivera", "Doctor Okafor")
PHARMACIES = ("Main Street Pharmacy", "Elm Square Pharmacy", "Harbor Drugs", "Walgreens")
OUTCOMES = ("READY_FOR_APPROVAL", "NEEDS_REVIEW", "REFUSED_AUTOMATION", "HUMAN_NOW", "PHARMACY_HAS_REFILLS")
ENDINGS = ("completed", "escalated", "transferred", "message-taken", "identity-failed", "abandoned")
KINDS = ("same-day-callback", "routine-message", "refill-review", "billing-question", "nurse-now")
SPELLED = {
    "one": "two",
    "two": "three",
    "four": "five",
    "five": "nine",
    "six": "seven",
    "eighty": "eighteen",
    "fifty": "fifteen",
    "forty": "fourteen",
    "sixty": "sixteen",
    "hundred": "thousand",
    "three": "eight",
}
RELATIVES = {
    "mother": "sister",
    "son": "daughter",
    "daughter": "niece",
    "friend": "wife",
    "husband": "brother",
}
ADDED = (
    " since {day} November",
    ", worsening",
    " (mild)",
    ", {dose} mg",
    ", about three times a day",
    ", no known allergies",
    ", confirmed with {provider}",
)


def another_number(line: str, dice: random.Random) -> str:
    return _swap(
        line, r"(?<![\w.-])\d{1,3}(?![\w-])", lambda old: str(int(old) + dice.choice((1, 2, 10))), dice
    )


def another_spelled_number(line: str, dice: random.Random) -> str:
    return _swap(line, r"\b(?:" + "|".join(SPELLED) + r")\b", lambda old: SPELLED[old], dice)


def another_day(line: str, dice: random.Random) -> str:
    new = _swap(line, r"\d{4}-\d\d-\d\d", lambda old: f"{old[:-2]}{int(old[-2:]) % 28 + 1:02}", dice)
    days = "monday tuesday wednesday thursday friday saturday sunday yesterday".split()
    return (
        new
        if new != line
        else _swap(line, rf"(?i)\b(?:{'|'.join(days)})\b", lambda _: dice.choice(days), dice)
    )


def another_time(line: str, dice: random.Random) -> str:
    return _swap(line, r"\b\d\d:\d\d\b(?!\))", lambda old: f"{(int(old[:2]) + 1) % 24:02}{old[2:]}", dice)


def another_drug(line: str, dice: random.Random) -> str:
    return _swap(line, _drugs(), lambda _: dice.choice(DRUGS), dice)


@cache
def _drugs() -> re.Pattern[str]:
    names = sorted({re.escape(name) for name in formulary.common_names() if len(name) > 5})
    return re.compile(rf"\b(?:{'|'.join(names)})\b", re.IGNORECASE)


def dropped_no(line: str, dice: random.Random) -> str:
    new = re.sub(r"\b(?:no|not|don't have|didn't) ", "", line, count=1)
    return new if '"' in line else line


def added_no(line: str, dice: random.Random) -> str:
    new = re.sub(
        r'"(?:i have|i feel|yes i)\b', lambda old: f"{old[0]} no", line, count=1, flags=re.IGNORECASE
    )
    return new if new != line else re.sub(r'"yes\b', '"no', line, count=1)


def another_speaker(line: str, dice: random.Random) -> str:
    swaps = {
        "Caller's reply": "Wording delivered",
        "Wording delivered": "Caller's reply",
        "caller: ": "agent: ",
    }
    return next((line.replace(old, new) for old, new in swaps.items() if old in line), line)


def another_person(line: str, dice: random.Random) -> str:
    new = line.replace("about another person: ", "")
    words = rf"\b(?:my )?(?:{'|'.join(RELATIVES)})\b"
    return (
        new
        if new != line
        else _swap(line, words, lambda old: dice.choice(("I", RELATIVES[old.split()[-1]])), dice)
    )


def another_provider(line: str, dice: random.Random) -> str:
    return _swap(line, "|".join(PROVIDERS), lambda _: dice.choice(PROVIDERS), dice)


def another_pharmacy(line: str, dice: random.Random) -> str:
    return _swap(line, "|".join(PHARMACIES) + "|as on file", lambda _: dice.choice(PHARMACIES), dice)


def another_turn(line: str, dice: random.Random) -> str:
    return _swap(line, r"\[t\d+\]", lambda _: f"[t{dice.randrange(9)}]", dice)


def another_outcome(line: str, dice: random.Random) -> str:
    new = _swap(line, "|".join(OUTCOMES), lambda _: dice.choice(OUTCOMES), dice)
    new = (
        _swap(
            line, "not passed|not known", lambda o: "not known" if o == "not passed" else "not passed", dice
        )
        if new == line
        else new
    )
    if line.startswith("Ended as"):
        return f"Ended as: {dice.choice(ENDINGS)}"
    new = (
        _swap(line, r"(?<=^- )(?:" + "|".join(KINDS) + ")", lambda _: dice.choice(KINDS), dice)
        if new == line
        else new
    )
    return (
        _swap(line, r"\b(?:routine|urgent|stat)\b(?=,)", lambda _: dice.choice(("routine", "stat")), dice)
        if new == line
        else new
    )


def another_answer(line: str, dice: random.Random) -> str:
    new = _swap(line, r"(?<=side effects: )(?:yes|no)", lambda old: "yes" if old == "no" else "no", dice)
    swaps = {
        "level L1": "level L2",
        "level L0": "level L1",
        "attempts: 1": "attempts: 0",
        "the patient": "not verified",
    }
    swaps |= {
        "Nearly every day": "Not at all",
        "More than half the days": "Several days",
        ", completed": ", stopped",
    }
    return (
        new
        if new != line
        else next((line.replace(old, to) for old, to in swaps.items() if old in line), line)
    )


def another_id(line: str, dice: random.Random) -> str:
    new = _swap(line, r"(?<=ending )\d{4}|(?<=Call: )\w+", _other_end, dice)
    return (
        new
        if new != line
        else _swap(line, r"(?<=/)\w{8,}", lambda old: ("0" if old[0] != "0" else "1") + old[1:], dice)
    )


def _other_end(old: str) -> str:
    return old[:-1] + ("7" if old[-1] != "7" else "8")


def added_words(line: str, dice: random.Random) -> str:
    if not line.startswith("- "):
        return line
    words = dice.choice(ADDED).format(
        day=dice.randrange(1, 28), dose=dice.choice((5, 20, 40)), provider="Doctor Chen"
    )
    return re.sub(r"( \[t\d+\])?$", lambda tag: f"{words}{tag[0]}", line, count=1)


CHANGES: dict[str, Change] = {
    "number": another_number,
    "number in words": another_spelled_number,
    "date": another_day,
    "time": another_time,
    "drug": another_drug,
    "negation dropped": dropped_no,
    "negation added": added_no,
    "speaker": another_speaker,
    "person": another_person,
    "provider": another_provider,
    "pharmacy": another_pharmacy,
    "turn": another_turn,
    "outcome": another_outcome,
    "answer": another_answer,
    "phone or id": another_id,
    "words added to a line": added_words,
}


def _swap(line: str, pattern: str | re.Pattern[str], new: Callable[[str], str], dice: random.Random) -> str:
    found = list(re.finditer(pattern, line))
    if not found:
        return line
    one = dice.choice(found)
    for _ in range(8):
        if (words := new(one[0])).casefold() != one[0].casefold():
            return line[: one.start()] + words + line[one.end() :]
    return line
