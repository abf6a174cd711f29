"""What the readers make of values: days, times and births as people write and say them, drugs through noise.

    python -m benchmarks.readers                  # all, about a minute
    python -m benchmarks.readers --only drugs

Days and times: ``../shared/evaldata/slots``, values as its sources give them, less those that are wrong or
could be another (``benchmarks.slot_gold`` says which and why). A day is right when the day named at those
words is the source's. Where the practice's rule is to offer two days ("next Tuesday"), the source's must be
one of them. A time without its half is compared on the twelve-hour face: the source then takes the first
half, we the one in which practices are open. Misses are listed by row and kind; no sentence is printed. The
rows were read while the readers were made: how they do on sentences nobody has read, this does not tell.

Drugs: see ``benchmarks.drug_noise``. *Right*: the medicine that was said, surely enough to go on with.
*Asked*: nothing, or not surely enough. *Wrong*: another medicine, surely.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.drug_noise import GROUPS, Said, trials
from benchmarks.slot_gold import EXCLUDED, REFERENCE
from benchmarks.understanding_rows import Options, Row, absent
from dialog.medicines import SURE_DRUG
from intents.readers.births import read_birth
from intents.readers.calendar import Mention
from intents.readers.dayparts import find_dayparts
from intents.readers.drugs import listed_medicines, read_drug
from intents.readers.hearing import heard
from intents.readers.mentions import find_mentions
from intents.readers.times import Time, find_times
from words.tokens import span

SURE_BIRTH = 0.6  # of dialog.identity: below it a birth date is read back
_DAYS_WANTED = 0.97
_RIGHT_WANTED, _ASKED_WANTED = 0.88, 0.12
_NOISES = (0.1, 0.25)  # of sounds; the target is for the first
_BORN_BEFORE = date(2026, 11, 23)  # "today" of the births


@dataclass(frozen=True, slots=True)
class Slot:
    """One value of one row, where its words stand in the sentence."""

    row: int
    name: str
    text: str
    at: tuple[int, int]
    value: str

    @property
    def is_time(self) -> bool:
        return self.name.startswith("time")


def rows(options: Options) -> Iterator[Row]:
    """Every section's rows."""
    for section in SECTIONS.values():
        yield from section(options)


# --------------------------------------------------------------------------- days and times


def days_and_times(options: Options) -> Iterator[Row]:
    path = options.data / "slots" / "date_time_name.jsonl"
    if not path.exists():
        yield absent("days and times named", f"{path} is not there")
        return
    slots, left_out = scored(path)
    for name, wanted in (("days", False), ("times", True)):
        yield _row(f"{name} named", [slot for slot in slots if slot.is_time is wanted])
    yield _row("days and times together", slots)
    yield replace(
        _row("the same with the values left out", [*slots, *left_out]), wanted="", reached=None, note=""
    )
    reasons = Counter(left_out.values())
    listed = "; ".join(f"{count} {reason}" for reason, count in reasons.items())
    yield Row("values left out", str(len(left_out)), note=listed)


def scored(path: Path) -> tuple[list[Slot], dict[Slot, str]]:
    """The values to score, and the others with why they are not."""
    slots: list[Slot] = []
    left_out: dict[Slot, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for slot in _slots(number, json.loads(line)):
            reason = next((why for why, places in EXCLUDED.items() if (slot.row, slot.name) in places), "")
            if reason:
                left_out[slot] = reason
            else:
                slots.append(slot)
    return slots, left_out


def _slots(number: int, row: dict[str, object]) -> Iterator[Slot]:
    text, named = str(row["text"]), row["slots"]
    assert isinstance(named, dict)
    for name, slot in named.items():
        value, words = slot.get("value"), str(slot["text"])
        place = re.search(rf"(?<!\w){re.escape(words)}", text, re.IGNORECASE)
        if name.startswith(("date", "time")) and isinstance(value, dict) and place:
            yield Slot(number, name, text, place.span(), _written(value))


def _written(value: dict[str, int]) -> str:
    if "year" in value:
        return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}"
    return f"{value['hour']:02d}:{value['minute']:02d}"


def verdict(slot: Slot) -> str:
    """right, both offered, not read, another value."""
    found = heard(slot.text)
    words = [token.text for token in found]
    if slot.is_time:
        return _time_verdict(
            slot, _times(words), [span(found, time.at, time.after) for time in _times(words)]
        )
    days = find_mentions(words, REFERENCE.date())
    return _day_verdict(slot, days, [span(found, day.at, day.after) for day in days])


def _times(words: Sequence[str]) -> list[Time]:
    parts = {part.value for part in find_dayparts(words)}
    times = find_times(words, bare_hours=True)
    return [time.within(next(iter(parts))) for time in times] if len(parts) == 1 else times


def _day_verdict(slot: Slot, days: Sequence[Mention], places: Sequence[tuple[int, int]]) -> str:
    named = [day for day, place in zip(days, places, strict=True) if _meet(place, slot.at)]
    if any(slot.value in (day.first.isoformat(), day.last.isoformat()) for day in named):
        return "both offered" if any(day.others for day in named) else "right"
    if any(slot.value in [other.isoformat() for other in day.others] for day in named):
        return "both offered"
    return "another value" if named else "not read"


def _time_verdict(slot: Slot, times: Sequence[Time], places: Sequence[tuple[int, int]]) -> str:
    named = [time for time, place in zip(times, places, strict=True) if _meet(place, slot.at)]
    if any(_same(time, slot.value) for time in named):
        return "right"
    return "another value" if named else "not read"


def _same(time: Time, value: str) -> bool:
    face = f"{time.hour % 12:02d}:{time.minute:02d}"
    return time.value == value or (not time.is_said and face == f"{int(value[:2]) % 12:02d}{value[2:]}")


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _row(measure: str, slots: Sequence[Slot]) -> Row:
    if not slots:
        return absent(measure, "the file has none")
    verdicts = [(slot, verdict(slot)) for slot in slots]
    right = sum(said in ("right", "both offered") for _, said in verdicts)
    offered = sum(said == "both offered" for _, said in verdicts)
    missed = [
        f"{slot.row} {slot.name} {said}" for slot, said in verdicts if said not in ("right", "both offered")
    ]
    share = right / len(slots)
    listed = ", ".join(missed) or "none"
    note = f"{right} of {len(slots)}, {offered} of them two days offered; missed rows: {listed}"
    return Row(measure, f"{share:.1%}", f">= {_DAYS_WANTED:.0%}", note, share >= _DAYS_WANTED)


# --------------------------------------------------------------------------- births


def births(options: Options) -> Iterator[Row]:
    path = options.data / "slots" / "spoken_birth_dates.jsonl"
    if not path.exists():
        yield absent("births said aloud", f"{path} is not there")
        return
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    missed = []
    for number, line in enumerate(lines, start=1):
        found = read_birth(line["text"], _BORN_BEFORE)
        if found is None or found.value != line["slots"]["birth_date"]:
            missed.append(f"{number} {'not read' if found is None else 'another value'}")
        elif found.certainty < SURE_BIRTH:
            missed.append(f"{number} asked")
    share = 1 - len(missed) / len(lines)
    note = f"{len(lines)} people; missed rows: {', '.join(missed) or 'none'}"
    yield Row("births said aloud", f"{share:.1%}", f">= {_DAYS_WANTED:.0%}", note, share >= _DAYS_WANTED)


# --------------------------------------------------------------------------- drugs


def drugs(options: Options) -> Iterator[Row]:
    for noise in _NOISES:
        answers = [(case, answer(case)) for case in trials(noise, quick=options.quick)]
        included = [pair for pair in answers if pair[0].is_included]
        beside = [pair for pair in answers if not pair[0].is_included]
        yield _drug_row(f"drugs, {noise:.0%} of sounds misheard", included, is_aimed=noise == _NOISES[0])
        for group in GROUPS:
            of_group = [pair for pair in included if pair[0].group == group]
            yield _drug_row(f"drugs, {noise:.0%}: {group}", of_group, is_aimed=False)
        yield _drug_row(
            f"drugs, {noise:.0%}: the other look-alike pairs, counted apart", beside, is_aimed=False
        )


def answer(case: Said) -> str:
    """right, asked or wrong."""
    found = read_drug(case.text, listed_medicines((), case.medicines), expected=True)
    if found is None or found.certainty < SURE_DRUG:
        return "asked"
    return "right" if found.value == case.drug else "wrong"


def _drug_row(measure: str, answers: Sequence[tuple[Said, str]], *, is_aimed: bool) -> Row:
    counts = Counter(said for _, said in answers)
    right, asked, wrong = (counts[said] / max(1, len(answers)) for said in ("right", "asked", "wrong"))
    mistaken = sorted({f"{case.drug}" for case, said in answers if said == "wrong"})
    figure = f"right {right:.1%}, asked {asked:.1%}, wrong {counts['wrong']}"
    note = f"{len(answers)} trials" + (f"; taken for another: {', '.join(mistaken)}" if mistaken else "")
    reached = right >= _RIGHT_WANTED and asked <= _ASKED_WANTED and wrong == 0 if is_aimed else None
    wanted = "right >= 88 %, asked <= 12 %, wrong 0" if is_aimed else ""
    return Row(measure, figure, wanted, note, reached)


SECTIONS: dict[str, Callable[[Options], Iterable[Row]]] = {
    "days": days_and_times,
    "births": births,
    "drugs": drugs,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    parser.add_argument("--quick", action="store_true", help="fewer drugs; no figure to quote")
    parser.add_argument("--data", type=Path, default=Options().data, help="the evaluation data's folder")
    options = parser.parse_args()
    console = Console(width=None, soft_wrap=True, highlight=False)
    for name in options.only.split(","):
        for row in SECTIONS[name](Options(options.quick, options.data)):
            reached = {True: "reached", False: "MISSED", None: ""}[row.reached]
            console.print(row.measure, row.figure, row.wanted, reached, row.note, sep=" | ")
    console.print(f"{datetime.now():%Y-%m-%d %H:%M}")


if __name__ == "__main__":
    main()
