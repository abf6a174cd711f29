"""Corrections from the database or a file: which of them may be learned, and why others may not.

A correction is a person's word about one sentence, and persons err, or mean harm. What contradicts other
people, the corpus or the danger screen is listed for someone to look at, and not learned.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.lines import Line, read_lines
from dialog.safety import screen
from intents import cues
from intents.corpus import as_spoken
from intents.lessons import Lesson
from intents.understand import MAX_CHARACTERS
from models.domain import ExpectationKind, Intent
from models.errors import FirstringError
from models.records import CorrectedTurn

MOST = 1_000  # corrections; more are a corpus, and belong into one
MOST_INTENTS = 4
ANY_LABEL = 20  # corrections that one label may always have
LABEL_SHARE = 0.4  # of all that one label may have beyond that


class CorrectionsError(FirstringError):
    """A file of corrections cannot be read."""

    code = "corrections"
    fix = 'Write one JSON object a line: {"text": "...", "intents": ["deny"], "question_kind": "yes_no"}.'


@dataclass(frozen=True, slots=True)
class Correction:
    """``source`` names it without its words: a call's turn, or a line of a file."""

    source: str
    text: str
    kind: str
    intents: tuple[str, ...]
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Lessons with where each came from, and what is not learned."""

    lessons: Mapping[str, Lesson] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()


def of_turns(turns: Iterable[CorrectedTurn]) -> list[Correction]:
    return [
        Correction(
            f"call {turn.call_id} turn {turn.turn_number}",
            turn.text,
            turn.kind,
            tuple(name.strip() for name in turn.intents.split(",") if name.strip()),
            turn.who,
            turn.at,
        )
        for turn in turns
    ]


def of_file(path: Path) -> tuple[list[Correction], list[Refused]]:
    """Lines that are corrections, and those that are none. Raises CorrectionsError for no file."""
    try:
        with path.open("rb") as file:
            lines = list(read_lines(file))
    except OSError as problem:
        raise CorrectionsError(f"{path} cannot be read: {problem.strerror}") from problem
    found = [
        _of_line(f"{path.name}:{number}", line) for number, line in enumerate(lines, 1) if line.text.strip()
    ]
    return (
        [one for one in found if isinstance(one, Correction)],
        [one for one in found if isinstance(one, Refused)],
    )


def _of_line(source: str, line: Line) -> Correction | Refused:
    if line.problem:
        return Refused(source, line.problem)
    try:
        read = json.loads(line.text)
        text, names, kind = read["text"], read["intents"], read.get("question_kind", "open")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Refused(source, "no JSON object with text and intents")
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not (is_list and isinstance(text, str) and isinstance(kind, str)):
        return Refused(source, "text and question_kind are texts, intents a list of labels")
    return Correction(source, text, kind, tuple(names), str(read.get("who", "")))


def taken(corrections: Sequence[Correction], now: datetime) -> Taken:
    """What may be learned. Only the order of sources decides between equals."""
    refused = [Refused(one.source, why) for one in corrections if (why := _fault(one) or _untold(one, now))]
    bad = {one.source for one in refused}
    sound = [one for one in corrections if one.source not in bad]
    refused += _at_odds(sound)
    bad = {one.source for one in refused}
    lessons: dict[str, Lesson] = {}
    refused += _within_caps(_different([one for one in sound if one.source not in bad]), lessons)
    return Taken(lessons, tuple(refused))


def _fault(one: Correction) -> str:
    """What is wrong with a correction by itself, "" for nothing."""
    labels, kinds = set(Intent), set(ExpectationKind)
    unknown = [name for name in one.intents if name not in labels]
    if not any(character.isalpha() for character in one.text):
        return "no words to learn from"
    if len(one.text) > MAX_CHARACTERS:
        return "longer than a turn"
    if unknown or one.kind not in kinds:
        return (
            f"there is no label {unknown[0][:40]!r}" if unknown else f"there is no question {one.kind[:40]!r}"
        )
    if len(set(one.intents)) != len(one.intents) or len(one.intents) > MOST_INTENTS:
        return f"each label once, at most {MOST_INTENTS}"
    if Intent.OUT_OF_SCOPE in one.intents and len(one.intents) > 1:
        return "out_of_scope stands alone"
    return _against_rules(one)


def _against_rules(one: Correction) -> str:
    """What rules decide is not the classifier's to learn otherwise."""
    flag = screen([one.text])
    if flag and Intent.SYMPTOM_REPORT not in one.intents:
        return f"the danger screen hears {flag.red_flag_id} in it: a symptom_report, or a rule to correct"
    lost = [intent.value for intent in cues.certain_wishes(one.text) if intent not in one.intents]
    return f"its plain words always mean {lost[0]}" if lost else ""


def _untold(one: Correction, now: datetime) -> str:
    """A correction of the database names a person and a time that was."""
    if one.at is None:
        return ""
    if not one.who.strip():
        return "nobody stands for it"
    return "it is of the future" if one.at > now else ""


def _key(one: Correction) -> tuple[str, str]:
    return as_spoken(one.text) or one.text, one.kind


def _at_odds(corrections: Iterable[Correction]) -> Iterator[Refused]:
    """The same words after the same question, with other meanings: none of them is learned."""
    said: dict[tuple[str, str], list[Correction]] = defaultdict(list)
    for one in corrections:
        said[_key(one)].append(one)
    for group in said.values():
        if len({frozenset(one.intents) for one in group}) > 1:
            yield from (
                Refused(one.source, "another correction of the same words says otherwise") for one in group
            )


def _different(corrections: Iterable[Correction]) -> list[Correction]:
    """Each wording once: a thousand times the same is not a thousand reasons."""
    return list({_key(one): one for one in corrections}.values())


def _within_caps(corrections: Sequence[Correction], lessons: dict[str, Lesson]) -> Iterator[Refused]:
    """Fills ``lessons``; yields what is too much of one label, or too much altogether."""
    most = max(ANY_LABEL, int(LABEL_SHARE * len(corrections)))
    counts: Counter[str] = Counter()
    for one in corrections:
        labels = one.intents or ("",)
        if len(lessons) >= MOST:
            yield Refused(one.source, f"more than {MOST} corrections")
        elif any(counts[label] >= most for label in labels):
            yield Refused(one.source, f"more than {most} corrections of one label")
        else:
            counts.update(labels)
            intents = tuple(Intent(name) for name in one.intents)
            lessons[one.source] = Lesson(one.text, ExpectationKind(one.kind), intents)
