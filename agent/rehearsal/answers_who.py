"""What a simulated caller answers about who is calling, and for whom."""

from __future__ import annotations

import re

from agent.rehearsal.knowing import Act, Knowing
from agent.rehearsal.spoken import birth_forms, digits, plain

_CALLED_PATIENT = re.compile(r"\byou are the patient\b|\byourself\b")
_DATE_READ_OUT = re.compile(r"\bi heard\b|\bborn\b")
_LETTERS = re.compile(r"\b[A-Z](?:[ ,]+[A-Z]\b)+")


class OfWho(Knowing):
    """Name, birth date, ZIP code, number, letters, code; the patient and who speaks for them."""

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

    def _spell(self, reply: str, topic: str) -> Act:
        if "first name" in reply.lower():
            return Act(self._say.answer("spell_given"))
        return Act(self._say.answer("spell" if self.facts.medicine else "spell_name"))

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

    def _guardian(self, reply: str, topic: str) -> Act:
        is_one = self.facts.relation in ("mother", "father") and self.facts.caller_name
        return Act(self._say.answer("yes" if is_one else "for_self" if not self.facts.relation else "no"))

    def _for_whom(self, reply: str, topic: str) -> Act:
        other = self._speaks_for_another() if self.facts.caller_name else bool(self.facts.relation)
        if self._told_to_press:
            return Act(keys="2" if other else "1")
        return Act(self._say.answer("for_other" if other and self.facts.relation else "for_self"))

    def _code_read(self, reply: str, topic: str) -> Act:
        code = self._code() if self._code else ""
        if not code:
            return Act("I don't have my phone here.")
        told = self._told_to_press and topic not in self.facts.answers
        if "keypad" in self._manner or told:
            return Act(keys=code)
        return Act(self._say.answer("code", code_words=digits(code)))
