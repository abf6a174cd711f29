"""What a simulated caller answers about visits and times, and to what is read out before a deed."""

from __future__ import annotations

import re
from typing import Final

from agent.rehearsal.knowing import Act, Knowing, is_in
from agent.rehearsal.spoken import DAYS, HeardTime, plain, times_in

LONG_WORD = 6  # letters: such a word tells which thing is meant
STUCK_AT = 4  # the same question, not understood or answered in vain: then a person is asked for
_ANY_VISIT: Final = frozenset({"a", "an", "visit", "appointment", "the", "for", "my"})
# Visits that everybody calls the same.
_PLAIN_VISITS: Final = frozenset({"follow-up visit", "follow-up", "annual physical", "lab visit"})
_ASKED_AGAIN: Final = re.compile(r"\bis that right, yes or no|press 1 for yes")
_READ_OUT: Final = re.compile(r"\b(refill|cancel|book|visit|message)")
_PLAIN_VISIT: Final = re.compile(r"\b(follow up|physical|lab|vaccine|wellness|sick|nurse) visit\b")


class OfVisits(Knowing):
    """Kinds, days, offers; listens to what is read out and refuses what is not meant."""

    def _visit_kind(self, reply: str, topic: str) -> Act:
        if not self._books():
            return self._not_that()
        return Act(self._say.answer("visit_kind" if self.facts.visit else "dont_know"))

    def _book_one(self, reply: str, topic: str) -> Act:
        """Nobody books who did not come for that."""
        if topic in self.facts.answers:
            return Act(self._say.answer(topic))
        return self._yes() if self.facts.visit else Act(self._say.answer("no_thanks"))

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

    def _visit_reason(self, reply: str, topic: str) -> Act:
        if self.facts.reason:
            return Act(self._say.answer("reason"))
        if topic in self.facts.answers or not (self.facts.symptom or self.facts.visit):
            return self._if_known(reply, topic)
        return Act(self._say.answer("symptom" if self.facts.symptom else "visit_kind"))

    def _confirm(self, reply: str, topic: str) -> Act:
        """Listens to what is read out, and says no to what is not meant."""
        times, facts = list(times_in(reply)), self.facts
        if "cancel" in reply.lower() and not self._would_cancel(times):
            return Act(self._say.answer("no"))
        is_refill = "refill" in reply.lower()
        if "changes_mind" in self._manner and not self._changed:
            self._changed = True
            if is_refill and facts.other_pharmacy:
                return Act(self._say.answer("change_pharmacy"))
            if times and facts.other_days:
                return Act(self._say.answer("change_day"))
        if "shall i book" in reply.lower() and not self._means(reply):
            return self._not_that()
        if "i'll cancel" in reply.lower() and not {"cancel", "move"} & set(self.scenario.goals):
            return self._not_that()
        if is_refill and facts.medicine and not self._is_mine(reply):
            return Act(self._say.answer("wrong_medicine"))
        pharmacy = facts.other_pharmacy if self._changed and facts.other_pharmacy else facts.pharmacy
        if is_refill and pharmacy and " at " in reply and not is_in(pharmacy.split()[0], reply):
            return Act(f"No, {pharmacy}.")
        if len(times) == 1 and "cancel" not in reply.lower() and not self._suits(times[0]):
            self._refused_time = True
            return Act(self._say.answer("no"))
        return self._yes()

    def read_out(self, reply: str) -> str:
        """What "Is that right, yes or no?" asks about: what was read out before it."""
        if _ASKED_AGAIN.search(reply.lower()) and not _READ_OUT.search(reply.lower()):
            return self._read or reply
        self._read = reply
        return reply

    def _would_cancel(self, times: list[HeardTime]) -> bool:
        """Not once that is settled, and not another day's visit than the one that was named."""
        day = self.facts.which_day.lower()
        other = bool(day in DAYS and times) and all(one.weekday != DAYS.index(day) for one in times)
        return not self._settled and not other

    def _means(self, reply: str) -> bool:
        """Whether a visit that is read out is wanted at all, and of the kind that was asked for."""
        kind = [word for word in plain(self.facts.visit).split() if word not in _ANY_VISIT]
        heard = [word for word in kind if word in plain(reply).split()]
        another = not heard and self.facts.visit in _PLAIN_VISITS and _PLAIN_VISIT.search(plain(reply))
        return self._books() and not another and (not heard or len(heard) == len(kind))

    def _is_mine(self, reply: str) -> bool:
        """Called by its name, or as the caller called it: "the one for your cholesterol"."""
        named = re.search(r"refill of (.+?),? (at|from|is)\b", reply.lower())
        own = set(plain(self.scenario.opening).split())
        as_said = {word for word in plain(named[1]).split() if len(word) >= LONG_WORD} if named else set()
        return bool(as_said & own) or any(
            is_in(name, reply) for name in (self.facts.medicine, self.facts.also_medicine) if name
        )

    def _change(self, reply: str, topic: str) -> Act:
        if self._changed and self.facts.other_pharmacy:
            return Act(f"{self.facts.other_pharmacy}.")
        if self._refused_time:
            self._refused_time = False
            return self._when(reply, topic)
        return Act(self._say.answer("was_right"))
