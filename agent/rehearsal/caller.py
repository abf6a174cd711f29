"""A simulated caller: a goal, hidden facts, a manner, and ears for what the agent says, nothing else.

Everything by chance comes from one seed: the same seed, hearing the same replies, is the same caller.
"""

from __future__ import annotations

from dataclasses import replace

from agent.rehearsal import reader
from agent.rehearsal.answers import Answers
from agent.rehearsal.answers_visits import STUCK_AT
from agent.rehearsal.knowing import Act
from agent.rehearsal.scenario import Aside, Scenario

GIVES_UP_AT = 7
SILENT_TURNS = 2
LOST_PATIENCE = 2  # replies in a row that ask nothing
NO_IDEA = 6  # questions in a row that the caller does not understand


class SimulatedCaller(Answers):
    """``hear`` takes the agent's whole reply and gives the next act."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self._asides = list(scenario.asides)
        self._silences = SILENT_TURNS if "silent" in self._manner else 0
        self._odd = 2  # how often a confused caller still gets it wrong
        self._lost = 0
        self._insisted = False
        self._in_a_row, self._topic_before = 0, ""
        self._asked_last = ("", "")  # the last question that was understood, and its topic

    def hear(self, reply: str) -> Act:
        self._turns += 1
        self._settled |= reader.is_cancelled(reply) and not reader.means_all(self.scenario.opening)
        if self._turns > self.scenario.expect.max_turns + 6 or reader.is_goodbye(reply):
            return Act(hangs_up=True)
        topic = self._topic(reply)
        reply = self.read_out(reply) if topic == "confirm" else reply
        self._in_a_row = self._in_a_row + 1 if topic == self._topic_before else 1
        self._topic_before = topic
        self._times[topic] += 1
        aside = self._due(topic)
        if aside is not None:
            return self._aside(aside, topic)
        if self._turns == 1:
            return self._first()
        if not topic:
            return self._unasked(reply)
        self._lost = 0
        if odd := self._odd_answer(topic):
            return odd
        if topic == "more" and reader.is_refusal(reply) and not self._insisted and (again := self.insist()):
            self._insisted = True
            return again
        if self._times[topic] >= GIVES_UP_AT:
            return Act(hangs_up=True)
        if self._is_stuck(topic) and topic not in ("more", "open", "can_call", "offers", "when"):
            return Act(self._say.answer("person_please"), topic=topic, wants_person=True)
        answer = self.answer(reply, topic)
        over = "interrupts" in self._manner and bool(answer.text) and self._dice.random() < 0.4
        return replace(answer, topic=topic, over=over)

    def _topic(self, reply: str) -> str:
        """What is asked now. "Was it today?" asks again for what was asked before."""
        topic = reader.asked(reply) if self._turns > 1 else "open"
        topic = self._asked_last[1] if topic == "same" else topic
        self._asked_last = (reply, topic) if topic else self._asked_last
        return topic

    def _is_stuck(self, topic: str) -> bool:
        """The same question over and over; another one between starts anew, but not for ever."""
        return self._in_a_row >= STUCK_AT or self._times[topic] >= GIVES_UP_AT - 1

    # ----------------------------------------------------------------------- what is said unasked

    def _first(self) -> Act:
        if self._silences:
            self._silences -= 1
            return Act(topic="open")
        if self.scenario.opening:
            self._goals = self._goals[1:]
            return Act(self.scenario.opening, topic="open", wants_person="person" in self.scenario.goals[:1])
        return self._goal()

    def _due(self, topic: str) -> Aside | None:
        for aside in self._asides:
            if aside.at == topic or (aside.at == "any" and self._turns > 1):
                self._asides.remove(aside)
                return aside
        return None

    def _aside(self, aside: Aside, topic: str) -> Act:
        if topic == "open" and self._turns == 1:
            self._goals = self._goals if not aside.answers else self._goals[1:]
        self._in_danger |= aside.danger
        self._settled |= topic == "confirm" and reader.is_withdrawal(aside.say)
        return Act(
            aside.say, aside.keys, topic=topic, wants_person=aside.wants_person, danger=aside.danger,
            agrees=aside.answers and topic == "confirm" and aside.say.lower().startswith("yes"),
        )  # fmt: skip

    def _unasked(self, reply: str) -> Act:
        """Nothing was asked: wait, or wonder."""
        self._lost += 1
        if reader.is_patient(reply) and self._asked_last[1] and self._lost <= LOST_PATIENCE:
            return replace(self.answer(*self._asked_last), topic=self._asked_last[1])
        if reader.is_connecting(reply) or reader.is_wait(reply) or reader.is_warning(reply):
            return Act() if self._lost <= LOST_PATIENCE else Act(hangs_up=True)
        if "?" in reply and self._lost == 1:
            return Act(self._say.answer("repeat"))
        if self._lost > (NO_IDEA if "?" in reply else LOST_PATIENCE):
            return Act(hangs_up=True)
        return Act(self._say.answer("dont_know")) if "?" in reply else Act()

    def _odd_answer(self, topic: str) -> Act | None:
        """What this manner does in place of an answer, a few times in a call."""
        if self._silences:
            self._silences -= 1
            return Act(topic=topic)
        if not self._odd or topic in ("more", "can_call", "danger_now", "danger_check"):
            return None
        if {"confused", "asks_again"} & self._manner and self._dice.random() < 0.3:
            self._odd -= 1
            kind = "repeat" if "asks_again" in self._manner or self._dice.random() < 0.5 else "confused"
            return Act(self._say.answer(kind), topic=topic)
        if "answers_another" in self._manner and topic in ("birth", "pharmacy", "name", "problem"):
            self._odd -= 1
            other = "zip" if topic in ("birth", "name") and self.facts.zip else "pharmacy"
            if other != topic and getattr(self.facts, other):
                return Act(self._say.answer(other), topic=topic)
        return None
