"""What a simulated caller knows and wants, and the plain answers: yes, no, the wish once more."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.rehearsal.phrasing import Phrasing
from agent.rehearsal.scenario import Scenario
from agent.rehearsal.spoken import birth_forms, plain

# Who has come for these only, and names no time or visit, wants no new one.
_KNOWN_ELSE: Final = frozenset(
    {"lookup", "late", "refill_status", "message", "person", "cancel", "ask", "symptom", "results", "billing"}
    | {"complaint", "address", "hours", "records"}
)
# Whoever is told that such a wish cannot be helped with was misheard.
PLAIN_WISHES: Final = frozenset({"refill", "refill_unnamed", "book", "move", "cancel", "lookup", "message"})


@dataclass(frozen=True, slots=True)
class Act:
    """What the caller does next. All empty: is silent."""

    text: str = ""
    keys: str = ""
    hangs_up: bool = False
    over: bool = False  # speaks before the reply has ended
    topic: str = ""  # what the caller thinks was asked
    agrees: bool = False  # a yes to what was read out
    wants_person: bool = False
    danger: bool = False


class Knowing:
    """One caller's facts and wishes, and what has become of them in this call."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._dice = random.Random(f"{scenario.name}/{seed}")
        self.scenario, self.facts = scenario, scenario.facts
        self._say = Phrasing(self.facts, scenario.manner, self._dice)
        self._manner = set(scenario.manner)
        self._goals = list(scenario.goals)
        self._goal_now = ""
        self._times: Counter[str] = Counter()  # how often each topic was asked
        self._turns = 0
        self._changed = False  # of mind
        self._told_to_press = False  # by this reply
        self._patient_on_line = False
        self._picked = 0  # of the times offered last: the first or the second
        self._read = ""  # what a yes was asked for last
        self._misread = False  # the birth date that was read out last was not the caller's
        self._refused_time = False  # that was read out last
        self._in_danger = False  # and has said so
        self._settled = False  # what the caller came for is done, or no longer wanted
        self._code: Callable[[], str] | None = None

    def has_texts(self, code: Callable[[], str]) -> None:
        """``code`` reads the newest code in the caller's own text messages, "" when none came."""
        self._code = code

    def _goal(self) -> Act:
        if not self._goals:
            return Act(self._say.answer("no_thanks"))
        goal = self._goals.pop(0)
        said = self._say.goal(goal)
        if "over_answers" in self._manner and self.facts.name and self._turns == 1:
            said = f"This is {self.facts.name}, born {self._born()}. {said}"
        self._goal_now = goal
        return Act(said, wants_person=goal == "person")

    def _born(self) -> str:
        return birth_forms(self.facts.born)[0] if self.facts.born else ""

    def _wish(self) -> str:
        """What this caller called about, once more."""
        return self._say.goal(self._goal_now) if self._goal_now else self.scenario.opening

    def _not_that(self) -> Act:
        """The agent is on quite another thing."""
        if self._settled and not self._goals:
            return Act(self._say.answer("no_thanks"))
        wish = self._wish()
        return Act(f"No. {wish}" if wish else self._say.answer("dont_know"))

    def _books(self) -> bool:
        """Whether this caller has come for a time, or for another one."""
        facts = self.facts
        wishes = bool(facts.visit or facts.days or facts.daypart or facts.doctor)
        return wishes or not _KNOWN_ELSE.issuperset(self.scenario.goals)

    def _speaks_for_another(self) -> bool:
        """Until the patient has been put on the line."""
        return bool(self.facts.caller_name) and not self._patient_on_line

    def _simple(self, reply: str, topic: str) -> Act:
        """The fact of that name, if the caller has it."""
        return Act(self._say.answer(topic))

    def _yes(self) -> Act:
        if "keypad" in self._manner or self._told_to_press:
            return Act(keys="1", agrees=True)
        return Act(self._say.answer("yes"), agrees=True)

    def _yes_or_no(self, reply: str, topic: str) -> Act:
        if topic in self.facts.answers:
            return Act(self._say.answer(topic))
        return self._yes() if self.facts.agrees else Act(self._say.answer("no"))

    def _no(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer(topic if topic in self.facts.answers else "no_thanks"))

    def _if_known(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer(topic if topic in self.facts.answers else "dont_know"))

    def insist(self) -> Act | None:
        """Says a plain wish once more that was taken for another; None where a refusal may be right."""
        goal = self._goal_now or next(iter(self.scenario.goals), "")
        return Act(self._wish()) if goal in PLAIN_WISHES else None


def is_in(name: str, reply: str) -> bool:
    return plain(name) in plain(reply)
