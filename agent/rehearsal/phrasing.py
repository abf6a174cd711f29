"""How a caller puts things: phrases by topic and manner, facts filled in, all by the caller's own dice."""

from __future__ import annotations

import random
import tomllib
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from agent.rehearsal.facts import Facts
from agent.rehearsal.scenario import VOICES
from agent.rehearsal.spoken import DAYS, birth_forms, digits, number, spelled

PHRASES = Path(__file__).with_name("phrases.toml")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(PHRASES.read_text())


class Phrasing:
    """One caller's way with words."""

    def __init__(self, facts: Facts, manner: tuple[str, ...], dice: random.Random) -> None:
        self._dice = dice
        self._voice = next((one for one in manner if one in VOICES), "plain")
        self._fills = "fillers" in manner
        self._words = _words_of(facts)
        self._own = facts.answers

    def goal(self, goal: str) -> str:
        return self._pick(_table()["goal"][goal])

    def answer(self, topic: str, **more: str) -> str:
        if topic in self._own:
            return self._own[topic].format(**self._words, **more)
        return self._pick(_table()["answer"][topic], **more)

    def _pick(self, by_manner: dict[str, list[str]], **more: str) -> str:
        words = {**self._words, **more}
        for manner in (self._voice, "plain"):
            fitting = [one for one in by_manner.get(manner, ()) if _known(one, words)]
            if fitting:
                return self._filled(self._dice.choice(fitting).format(**words))
        return self._filled(self._dice.choice(_table()["answer"]["dont_know"]["plain"]))

    def _filled(self, text: str) -> str:
        """Stumbled over, where that is the manner."""
        if not self._fills or self._dice.random() < 0.3:
            return _capital(text)
        words = text.split(" ")
        words.insert(self._dice.randrange(len(words)), f"{self._dice.choice(_table()['fillers']['words'])},")
        return _capital(" ".join(words))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _known(phrase: str, words: dict[str, str]) -> bool:
    return all(words.get(name) for _, name, _, _ in Formatter().parse(phrase) if name)


def _words_of(facts: Facts) -> dict[str, str]:
    """Every fact as words; "" for what the caller does not know or has no wish for."""
    given, _, family = facts.name.rpartition(" ")
    forms = birth_forms(facts.born) if facts.born else ("", "", "", "")
    words = {
        name: str(getattr(facts, name))
        for name in (
            *("name", "medicine", "also_medicine", "strength", "quantity_left", "pharmacy", "other_pharmacy"),
            *("problem", "visit", "daypart", "doctor", "reason", "which_day", "message", "symptom", "onset"),
            *(
                "caller_name",
                "relation",
                "organisation",
                "question",
                "reading",
            ),
        )
    }
    return words | {
        "given": given,
        "family": family,
        "spelled_given": spelled(given),
        "spelled_family": spelled(family),
        "spelled_medicine": spelled(facts.medicine),
        "birth": forms[0],
        "birth_old": forms[2],
        "caller_birth": birth_forms(facts.caller_born)[0] if facts.caller_born else "",
        "zip_words": digits(facts.zip),
        "phone_words": digits(facts.phone.removeprefix("+1")),
        "callback_words": digits((facts.callback or facts.phone).removeprefix("+1")),
        "day": DAYS[facts.days[0]].capitalize() if facts.days else "",
        "other_day": DAYS[facts.other_days[0]].capitalize() if facts.other_days else "",
        "severity_word": number(facts.severity),
        "minutes_late": number(facts.minutes_late) if facts.minutes_late else "",
    }
