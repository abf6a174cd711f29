"""A call of a patient who is due for a check-in, against `decide` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backends.questionnaires import SHIPPED, load_questionnaires
from models.domain import CheckinFiled, FileCheckin, Intent, OpenCheckin, OpenTask, PageStaff, TaskKind
from tests.dialog import calls
from tests.dialog.calls import MARIA, Backend, Call

QUESTIONNAIRES = load_questionnaires(SHIPPED)
BY_NAME = {one.name: one for one in QUESTIONNAIRES}
calls._ANSWERS[FileCheckin] = lambda backend, wish: CheckinFiled("Checkin/1")


class CheckinCall(Call):
    """Maria is due for the named check-ins; she has said who she is, and why she calls."""

    def __init__(
        self,
        *due: str,
        why: str = "You called me for a check-in",
        staff: bool = True,
        begun: OpenCheckin | None = None,
    ):
        patient = replace(MARIA, checkins=due, open_checkin=begun)
        super().__init__(Backend(patient=patient), staff=staff)
        self.context = replace(
            self.context, practice=replace(self.context.practice, questionnaires=QUESTIONNAIRES)
        )
        if why:
            self.says(why, Intent.CHECKIN_RETURN)
            self.identifies()

    def answers(self, *texts: str) -> str:
        """One after the other, as `yes`, `no`, or words with what the readers find in them."""
        for text in texts:
            self._answer(text)
        return self.text

    def _answer(self, text: str) -> None:
        if text in ("yes", "no"):
            self.yes() if text == "yes" else self.no()
        else:
            self.says(text, **_readings(text))

    @property
    def filed(self) -> list[FileCheckin]:
        return self.ordered_of(FileCheckin)

    @property
    def tasks(self) -> list[TaskKind]:
        return [task.kind for task in self.ordered_of(OpenTask)]

    @property
    def paged(self) -> list[PageStaff]:
        return self.ordered_of(PageStaff)


def _readings(text: str) -> dict[str, Any]:
    return {name: value for words, (name, value) in READINGS.items() if words in text}


READINGS: Mapping[str, tuple[str, Any]] = {
    "two hundred over one ten": ("blood_pressure", "200/110 mmHg"),
    "one thirty over eighty": ("blood_pressure", "130/80 mmHg"),
    "one ninety over one hundred": ("blood_pressure", "190/100 mmHg"),
    "December third": ("date", "2026-12-03"),
    "headache": ("symptom", "headache"),
}
