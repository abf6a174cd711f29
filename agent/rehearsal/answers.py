"""What a simulated caller answers, topic by topic, from hidden facts and from what was read out."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.rehearsal.phrasing import Phrasing
from agent.rehearsal.scenario import Scenario
from agent.rehearsal.spoken import DAYS, HeardTime, birth_forms, digits, plain, times_in

_CALLED_PATIENT = re.compile(r"\byou are the patient\b|\byourself\b")
_DATE_READ_OUT = re.compile(r"\bi heard\b|\bborn\b")
_LETTERS = re.compile(r"\b[A-Z](?:[ ,]+[A-Z]\b)+")
LONG_WORD = 6  # letters: such a word tells which thing is meant
STUCK_AT = 4  # the same question, not understood or answered in vain: then a person is asked for
# Who has come for these only, and names no time or visit, wants no new one.
_KNOWN_ELSE: Final = frozenset(
    {"lookup", "late", "refill_status", "message", "person", "cancel", "ask", "symptom", "results", "billing"}
)
_ANY_VISIT: Final = frozenset({"a", "an", "visit", "appointment", "the", "for", "my"})
# Visits that everybody calls the same.
_PLAIN_VISITS: Final = frozenset({"follow-up visit", "follow-up", "annual physical", "lab visit"})
_PLAIN_VISIT: Final = re.compile(r"\b(follow up|physical|lab|vaccine|wellness|sick|nurse) visit\b")
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


class Answers:
    """The part of a caller that knows."""

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
        self._misread = False  # the birth date that was read out last was not the caller's
        self._in_danger = False  # and has said so
        self._code: Callable[[], str] | None = None

    def has_texts(self, code: Callable[[], str]) -> None:
        """``code`` reads the newest code in the caller's own text messages, "" when none came."""
        self._code = code

    def answer(self, reply: str, topic: str) -> Act:
        self._told_to_press = re.search(r"\b(press|key)\b", reply.lower()) is not None
        return ANSWERS.get(topic, Answers._yes_or_no)(self, reply, topic)

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

    def _simple(self, reply: str, topic: str) -> Act:
        """The fact of that name, if the caller has it."""
        return Act(self._say.answer(topic))

    def _name(self, reply: str, topic: str) -> Act:
        again = self._times["name"] > 2
        return Act(self._say.answer("name_again" if again else "name"))

    def _birth(self, reply: str, topic: str) -> Act:
        born = self.facts.born
        keyed = "keypad" in self._manner or self._told_to_press or self._times["birth"] > 3
        if born and keyed and "keypad" not in self.facts.answers:
            return Act(keys=f"{born:%m%d%Y}")
        return Act(self._say.answer("birth"))

    def _zip(self, reply: str, topic: str) -> Act:
        if "i heard" in reply.lower() and self._is_wrong_date(reply):
            return Act(f"No, {self._born()}.")
        if self.facts.zip and ("keypad" in self._manner or self._told_to_press or self._times["zip"] > 2):
            return Act(keys=self.facts.zip)
        return Act(self._say.answer("zip"))

    def _callback(self, reply: str, topic: str) -> Act:
        number = (self.facts.callback or self.facts.phone).removeprefix("+1")
        if number and self._times[topic] > 2:
            return Act(keys=number)
        return Act(self._say.answer("callback"))

    def _medicine(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("medicine_again" if self._times["medicine"] > 2 else "medicine"))

    def _spell(self, reply: str, topic: str) -> Act:
        if "first name" in reply.lower():
            return Act(self._say.answer("spell_given"))
        return Act(self._say.answer("spell" if self.facts.medicine else "spell_name"))

    def _medicine_check(self, reply: str, topic: str) -> Act:
        right = any(_in(name, reply) for name in (self.facts.medicine, self.facts.also_medicine) if name)
        return self._yes() if right else Act(self._say.answer("wrong_medicine"))

    def _problem(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("problem_yes" if self.facts.problem else "problem_no"))

    def _problem_words(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer("problem_words" if self.facts.problem else "problem_no"))

    def _visit_kind(self, reply: str, topic: str) -> Act:
        if not self._books():
            return self._not_that()
        return Act(self._say.answer("visit_kind" if self.facts.visit else "dont_know"))

    def _book_one(self, reply: str, topic: str) -> Act:
        """Nobody books who did not come for that."""
        if topic in self.facts.answers:
            return Act(self._say.answer(topic))
        return self._yes() if self.facts.visit else Act(self._say.answer("no_thanks"))

    def _pharmacy(self, reply: str, topic: str) -> Act:
        if not self.facts.pharmacy:
            return Act(self._say.answer("usual_pharmacy"))
        return Act(self._say.answer("pharmacy"))

    def _when(self, reply: str, topic: str) -> Act:
        facts = self.facts
        if not self._books():
            return self._not_that()
        if facts.days and facts.daypart:
            return Act(self._say.answer("when"))
        if facts.days:
            return Act(self._say.answer("when_day"))
        return Act(self._say.answer("when_daypart" if facts.daypart else "when_any"))

    def _offers(self, reply: str, topic: str) -> Act:
        """Takes the first that suits; says what would suit where none does."""
        offers = list(times_in(reply))
        if not self._books():
            return self._not_that()
        if not offers and self._told_to_press and self._picked:
            return Act(keys=str(self._picked))
        for place, one in enumerate(offers[:2]):
            if self._suits(one):
                if topic == "one_offer" or len(offers) == 1:
                    return self._yes()
                self._picked = place + 1
                return Act(self._say.answer(("first", "second")[place], offer_day=self._day_of(one, offers)))
        if not offers:
            return Act(self._say.answer(("first", "second")[self._picked - 1] if self._picked else "first"))
        self._picked = 0
        if self._times[topic] > STUCK_AT:
            return Act(self._say.answer("person_please"), wants_person=True)
        return Act(
            self._say.answer("neither_daypart" if self.facts.daypart and not self.facts.days else "neither")
        )

    def _day_of(self, one: HeardTime, offers: list[HeardTime]) -> str:
        """Its weekday, where that tells it from the other."""
        alone = sum(other.weekday == one.weekday for other in offers) == 1
        return DAYS[one.weekday].capitalize() if alone else ""

    def _suits(self, one: HeardTime) -> bool:
        facts = self.facts
        days = facts.other_days if self._changed and facts.other_days else facts.days
        doctor = facts.doctor.lower().split()[-1] if facts.doctor else ""
        return (
            (not days or one.weekday in days)
            and (not facts.daypart or one.daypart == facts.daypart)
            and (not doctor or not one.doctor or one.doctor == doctor)
        )

    def _confirm(self, reply: str, topic: str) -> Act:
        """Listens to what is read out, and says no to what is not meant."""
        times, facts = list(times_in(reply)), self.facts
        is_refill = "refill" in reply.lower()
        if "changes_mind" in self._manner and not self._changed:
            self._changed = True
            if is_refill and facts.other_pharmacy:
                return Act(self._say.answer("change_pharmacy"))
            if times and facts.other_days:
                return Act(self._say.answer("change_day"))
        if "shall i book" in reply.lower() and not self._means(reply):
            return self._not_that()
        if is_refill and facts.medicine and not self._is_mine(reply):
            return Act(self._say.answer("wrong_medicine"))
        pharmacy = facts.other_pharmacy if self._changed and facts.other_pharmacy else facts.pharmacy
        if is_refill and pharmacy and " at " in reply and not _in(pharmacy.split()[0], reply):
            return Act(f"No, {pharmacy}.")
        if len(times) == 1 and "cancel" not in reply.lower() and not self._suits(times[0]):
            return Act(self._say.answer("no"))
        return self._yes()

    def _means(self, reply: str) -> bool:
        """Whether a visit that is read out is wanted at all, and of the kind that was asked for."""
        kind = [word for word in plain(self.facts.visit).split() if word not in _ANY_VISIT]
        heard = [word for word in kind if word in plain(reply).split()]
        another = not heard and self.facts.visit in _PLAIN_VISITS and _PLAIN_VISIT.search(plain(reply))
        return self._books() and not another and (not heard or len(heard) == len(kind))

    def _books(self) -> bool:
        """Whether this caller has come for a time, or for another one."""
        facts = self.facts
        wishes = bool(facts.visit or facts.days or facts.daypart or facts.doctor)
        return wishes or not _KNOWN_ELSE.issuperset(self.scenario.goals)

    def _wish(self) -> str:
        """What this caller called about, once more."""
        return self._say.goal(self._goal_now) if self._goal_now else self.scenario.opening

    def _not_that(self) -> Act:
        """The agent is on quite another thing."""
        wish = self._wish()
        return Act(f"No. {wish}" if wish else self._say.answer("dont_know"))

    def _is_mine(self, reply: str) -> bool:
        """Called by its name, or as the caller called it: "the one for your cholesterol"."""
        named = re.search(r"refill of (.+?),? (at|from|is)\b", reply.lower())
        own = set(plain(self.scenario.opening).split())
        as_said = {word for word in plain(named[1]).split() if len(word) >= LONG_WORD} if named else set()
        return bool(as_said & own) or any(
            _in(name, reply) for name in (self.facts.medicine, self.facts.also_medicine) if name
        )

    def _change(self, reply: str, topic: str) -> Act:
        if self._changed and self.facts.other_pharmacy:
            return Act(f"{self.facts.other_pharmacy}.")
        return Act(self._say.answer("was_right"))

    def _birth_check(self, reply: str, topic: str) -> Act:
        """Listens to whose date it is as well as to the date."""
        if self._speaks_for_another() and _CALLED_PATIENT.search(reply.lower()):
            return Act(self._say.answer("not_the_patient"))
        if self._is_wrong_date(reply):
            return Act(f"No, {self._born()}.")
        return self._yes()

    def _is_wrong_date(self, reply: str) -> bool:
        """A birth date was read out, now or before the question was put again, and it is not the caller's."""
        if _DATE_READ_OUT.search(reply.lower()):
            forms = birth_forms(self.facts.born) if self.facts.born else ()
            self._misread = not any(plain(form) in plain(reply) for form in forms)
        return self._misread

    def _speaks_for_another(self) -> bool:
        """Until the patient has been put on the line."""
        return bool(self.facts.caller_name) and not self._patient_on_line

    def _letters_check(self, reply: str, topic: str) -> Act:
        """Letters that are read out: one's own, or spelled once more."""
        given = self.facts.name.split()[0] if self.facts.name else ""
        read = _LETTERS.search(reply)
        right = read is not None and plain(read[0]).replace(" ", "") == plain(given).replace(" ", "")
        return self._yes() if right else Act(self._say.answer("spell_given_again"))

    def _authority(self, reply: str, topic: str) -> Act:
        """Whether the patient is there to allow it: what is true, whoever would like it to be."""
        if topic in self.facts.answers or not self.facts.caller_name:
            return self._yes_or_no(reply, topic)
        if not self.facts.patient_present:
            return Act(self._say.answer("patient_not_here"))
        self._patient_on_line = True
        return self._yes()

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

    def _danger_no(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer(topic if topic in self.facts.answers else "danger_no"))

    def _emergency_check(self, reply: str, topic: str) -> Act:
        """Who has told of a danger says so again."""
        return Act(self._say.answer("emergency_yes" if self._in_danger else "emergency_no"))

    def _guardian(self, reply: str, topic: str) -> Act:
        is_one = self.facts.relation in ("mother", "father") and self.facts.caller_name
        return Act(self._say.answer("yes" if is_one else "for_self" if not self.facts.relation else "no"))

    def _if_known(self, reply: str, topic: str) -> Act:
        return Act(self._say.answer(topic if topic in self.facts.answers else "dont_know"))

    def _visit_reason(self, reply: str, topic: str) -> Act:
        if self.facts.reason:
            return Act(self._say.answer("reason"))
        if topic in self.facts.answers or not (self.facts.symptom or self.facts.visit):
            return self._if_known(reply, topic)
        return Act(self._say.answer("symptom" if self.facts.symptom else "visit_kind"))

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

    def _for_whom(self, reply: str, topic: str) -> Act:
        other = self._speaks_for_another() if self.facts.caller_name else bool(self.facts.relation)
        return Act(self._say.answer("for_other" if other and self.facts.relation else "for_self"))

    def _code_read(self, reply: str, topic: str) -> Act:
        code = self._code() if self._code else ""
        if not code:
            return Act("I don't have my phone here.")
        told = self._told_to_press and topic not in self.facts.answers
        if "keypad" in self._manner or told:
            return Act(keys=code)
        return Act(self._say.answer("code", code_words=digits(code)))

    def _more(self, reply: str, topic: str) -> Act:
        return self._goal() if self._goals else Act(self._say.answer("no_thanks"))

    def insist(self) -> Act | None:
        """Says a plain wish once more that was taken for another; None where a refusal may be right."""
        goal = self._goal_now or next(iter(self.scenario.goals), "")
        return Act(self._wish()) if goal in PLAIN_WISHES else None

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


def _in(name: str, reply: str) -> bool:
    return plain(name) in plain(reply)
