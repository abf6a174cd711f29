"""What a simulated caller answers, topic by topic, from hidden facts and from what was read out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from agent.rehearsal.answers_visits import OfVisits
from agent.rehearsal.answers_who import OfWho
from agent.rehearsal.knowing import Act, is_in

# What tells that a caller has come for papers.
_PAPERS = re.compile(r"record|paper|form\b|forms\b|letter|note\b|chart|copy|shot|immuni|referral")


class Answers(OfWho, OfVisits):
    """The part of a caller that knows."""

    def answer(self, reply: str, topic: str) -> Act:
        self._told_to_press = re.search(r"\b(press|key)\b", reply.lower()) is not None
        return ANSWERS.get(topic, Answers._yes_or_no)(self, reply, topic)

    def _medicine(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("medicine_again" if self._times["medicine"] > 2 else "medicine"))

    def _medicine_check(self, reply: str, topic: str) -> Act:
        right = any(is_in(name, reply) for name in (self.facts.medicine, self.facts.also_medicine) if name)
        return self._yes() if right else Act(self._say.answer("wrong_medicine"))

    def _problem(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("problem_yes" if self.facts.problem else "problem_no"))

    def _problem_words(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("problem_words" if self.facts.problem else "problem_no"))

    def _pharmacy(self, reply: str, topic: str) -> Act:
        if not self.facts.pharmacy:
            return Act(self._say.answer("usual_pharmacy"))
        return Act(self._say.answer("pharmacy"))

    def _danger_no(self, reply: str, topic: str) -> Act:
        """Who has told of a danger does not deny it when it is asked about."""
        if topic in self.facts.answers:
            return Act(self._say.answer(topic))
        return Act(self._say.answer("emergency_yes" if self._in_danger else "danger_no"))

    def _emergency_check(self, reply: str, topic: str) -> Act:
        """Who has told of a danger says so again."""
        return Act(self._say.answer("emergency_yes" if self._in_danger else "emergency_no"))

    def _can_call(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("can_call" if self.facts.can_call else "cannot_call"))

    def _person_or_message(self, reply: str, topic: str) -> Act:
        if self.facts.message or self.facts.agrees is False:
            return Act(self._say.answer("message_please"))
        if self._goals:  # not said yet
            return self._goal()
        return Act(self._say.answer("person_please"), wants_person=True)

    def _message(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("message") if self.facts.message else "Please have someone call me back.")

    def _papers(self, reply: str, topic: str) -> Act:
        """Who has not called about papers says so."""
        wanted = _PAPERS.search(f"{self._wish()} {self.facts.message}".lower())
        return Act(self._say.answer("dont_know")) if wanted else self._not_that()

    def _more(self, reply: str, topic: str) -> Act:
        return self._goal() if self._goals else Act(self._say.answer("no_thanks"))

    def _again(self, reply: str, topic: str) -> Act:
        """Did not get through: says the wish once more."""
        return Act(self._wish())

    def _open(self, reply: str, topic: str) -> Act:
        return self._goal() if self._goals else self._again(reply, topic)


ANSWERS: Final[dict[str, Callable[[Answers, str, str], Act]]] = {
    "name": Answers._name,
    "birth": Answers._birth,
    "birth_check": Answers._birth_check,
    "letters_check": Answers._letters_check,
    "authority": Answers._authority,
    "zip": Answers._zip,
    "callback": Answers._callback,
    "medicine": Answers._medicine,
    "spell": Answers._spell,
    "medicine_check": Answers._medicine_check,
    "problem": Answers._problem,
    "pharmacy": Answers._pharmacy,
    "problem_words": Answers._problem_words,
    "visit_kind": Answers._visit_kind,
    "book_one": Answers._book_one,
    "when": Answers._when,
    "offers": Answers._offers,
    "one_offer": Answers._offers,
    "confirm": Answers._confirm,
    "change": Answers._change,
    "can_call": Answers._can_call,
    "person_or_message": Answers._person_or_message,
    "message": Answers._message,
    "for_whom": Answers._for_whom,
    "code": Answers._code_read,
    "papers": Answers._papers,
    "more": Answers._more,
    "open": Answers._open,
    "again": Answers._again,
    "danger_check": Answers._danger_no,
    "danger_now": Answers._danger_no,
    "emergency_check": Answers._emergency_check,
    "guardian": Answers._guardian,
    "early": Answers._no,
    "insurance": Answers._if_known,
    "visit_reason": Answers._visit_reason,
    "left_hospital": Answers._if_known,
    "other_medicine": Answers._no,
    "referred": Answers._no,
    "waitlist": Answers._yes_or_no,
    "satisfaction": lambda caller, reply, topic: Act(caller._say.answer("five")),
    "cancel_reason": lambda caller, reply, topic: Act(caller._say.answer("reason")),
    **dict.fromkeys(
        (
            *("strength", "run_out", "which_visit", "symptom", "onset"),
            *("severity", "relation", "caller_name", "caller_birth", "organisation", "late"),
            "reading",
        ),
        Answers._simple,
    ),
}
