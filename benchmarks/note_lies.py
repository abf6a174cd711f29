"""Ways in which a note can come to say what was not so: each a kind, seeded, apart from the checker's rules.

A line of a true note is altered, or one added, as a careless writer, a template gone wrong or a language
model would.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from benchmarks.note_changes import DRUGS, PROVIDERS, Change
from models.domain import CallRecord

PRESENT, DENIED = "SYMPTOMS PRESENT (caller's words)", "SYMPTOMS DENIED"
REASON = "REASON FOR CALL (caller's words)"
SYMPTOMS = (
    "chest pain",
    "a headache",
    "nausea",
    "shortness of breath",
    "a rash",
    "dizziness",
    "blurred vision",
)
INVENTED = (
    "Patient reports {symptom} for the past three days [t{turn}]",
    "Patient denies {symptom} [t{turn}]",
    'Caller stated: "I have {symptom}" [t{turn}]',
    '"I also take {drug}" [t{turn}]',
    "{drug} {dose} mg once daily, as reported by caller [t{turn}]",
    "Visit booked: annual with {provider}, 2026-12-{day:02} 09:40 EST, 20 minutes, Appointment/7 [t{turn}]",
    "Allergies: penicillin [t{turn}]",
    "Caller appeared anxious; likely related to {drug} [t{turn}]",
    "Blood pressure {dose} over eighty [t{turn}]",
    "Advised to rest and drink fluids [t{turn}]",
    "Follow up with {provider} in two weeks [t{turn}]",
    "Caller confirmed address in ZIP code 02{day:02}9 [t{turn}]",
)


@dataclass(frozen=True, slots=True)
class Lie:
    """A false note, the record it is checked with, and the lines (with section) that must not be filed.

    ``true``: the record as it should be, where the record itself is wrong.
    """

    kind: str
    record: CallRecord
    text: str
    lies: tuple[tuple[str, str], ...]
    true: CallRecord | None = None


def lines_of(note: str) -> list[tuple[str, str]]:
    """Each line with the section that it stands in."""
    section, found = "HEAD", []
    for line in note.splitlines():
        section = line if line.isupper() or line.startswith(("REASON", "SYMPTOMS", "CHECK-IN")) else section
        found.append((section, line))
    return found


def altered(kind: str, record: CallRecord, note: str, change: Change, dice: random.Random) -> Lie | None:
    """One line of the note changed, None where this change finds nothing to change."""
    lines = note.splitlines()
    at = [n for n, line in enumerate(lines) if line.strip() and change(line, random.Random(0)) != line]
    dice.shuffle(at)
    for n in at:
        new = change(lines[n], dice)
        if new not in lines and not _is_so(new, record):
            section = lines_of(note)[n][0]
            return Lie(kind, record, "\n".join([*lines[:n], new, *lines[n + 1 :]]) + "\n", ((section, new),))
    return None


def _is_so(line: str, record: CallRecord) -> bool:
    """Whether a quote by itself stands in the turn it names after all: some sentences are said twice."""
    found = re.fullmatch(r'- "(.*)" \[t(\d+)\]', line)
    texts = [
        turn.caller_text + turn.agent_text for turn in record.turns if found and turn.number == int(found[2])
    ]
    return any(found[1] in text.replace('"', "'") for text in texts if found)


def invented(record: CallRecord, note: str, dice: random.Random) -> Lie:
    """A whole line more, such as a language model would add, in a section that is there."""
    sections = [line for section, line in lines_of(note) if section == line]
    words = dice.choice(INVENTED).format(
        symptom=dice.choice(SYMPTOMS),
        drug=dice.choice(DRUGS),
        dose=dice.choice((10, 20, 500)),
        turn=dice.randrange(6),
        provider=dice.choice(PROVIDERS),
        day=dice.randrange(1, 28),
    )
    return _with("line invented", record, note, dice.choice(sections), f"- {words}")


def of_another_call(record: CallRecord, note: str, other: str, dice: random.Random) -> Lie | None:
    """A line that is true of another call, in its own section."""
    own = set(note.splitlines())
    plain = ("SOFTWARE", "HEAD", "TRANSCRIPT")
    found = [
        (s, line)
        for s, line in lines_of(other)
        if line.startswith("- ") and line not in own and s not in plain
    ]
    found = [(section, line) for section, line in found if section in own]
    return _with("line of another call", record, note, *dice.choice(found)) if found else None


def in_the_other_list(record: CallRecord, note: str, dice: random.Random) -> Lie | None:
    """A symptom that was denied among those present, or the other way round."""
    moves = [(s, line) for s, line in lines_of(note) if s in (PRESENT, DENIED) and line.startswith("- ")]
    if not moves:
        return None
    section, line = dice.choice(moves)
    target = DENIED if section == PRESENT else PRESENT
    return _with("present and denied", record, note.replace(f"{line}\n", "", 1), target, line)


def our_words_as_theirs(record: CallRecord, note: str, dice: random.Random) -> Lie | None:
    """What we said told as the caller's words."""
    said = [turn for turn in record.turns if turn.agent_text and turn.caller_text != turn.agent_text]
    if not said:
        return None
    turn = dice.choice(said)
    line = f'- "{turn.agent_text.split(". ")[0]}" [t{turn.number}]'
    return _with(
        "our words as the caller's",
        record,
        note,
        dice.choice((PRESENT, "REASON FOR CALL (caller's words)")),
        line,
    )


def _with(kind: str, record: CallRecord, note: str, section: str, line: str) -> Lie:
    text = note.replace(f"{section}\n", f"{section}\n{line}\n", 1)
    text = text.replace(f"{line}\nnot discussed\n", f"{line}\n")
    return Lie(kind, record, text, ((section, line),))
