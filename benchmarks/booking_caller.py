"""A human booking dialogue as a caller: which of its own sentences answers what is asked now.

The caller knows what they end up with (provider, day, time), hears what is offered, and says only sentences
of the dialogue; who they are, and a no to "are you in danger?", come from us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.domain import Opening

Row = Mapping[str, Any]
ZONE = ZoneInfo("America/New_York")
FIRST_DAY = date(2019, 3, 1)  # the day that Schedule-Guided dialogues are held on, a Friday
MONDAY = date(2026, 11, 23)  # of a week for those that name weekdays only
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b", re.I)
_TIME = re.compile(
    r"\b(\d{1,2}(:\d{2})?\s*([ap]\.?m\b|o'?clock)|\d{1,2}:\d{2}|noon|midnight|morning|afternoon|evening|"
    r"tonight|any ?time|earl(y|ier|iest)|later|latest|asap|soon|sooner|soonest|half past|quarter (to|past))",
    re.I,
)
_DAY = re.compile(rf"\b({'|'.join(WEEKDAYS)}|today|tomorrow|tonight|(next|this) week)\b", re.I)
_NAMED_DAY = re.compile(rf"\b({'|'.join(WEEKDAYS)}|today|tonight|tomorrow)\b", re.I)
_HOUR = re.compile(r"\W*(at |about |around |what about |how about )?\d{1,2}\W*")
_YES = re.compile(
    r"^\W*(yes|yeah|yea|yep|yup|sure|ok|okay|perfect|great|fine|correct|right|alright|absolutely|please do|"
    r"go ahead|definitely|exactly|sounds? (good|great|perfect)|"
    r"that('s| is| will| would)? (be )?(works?|fine|good|great|perfect))\b",
    re.I,
)
_BOOKS = re.compile(r"\b(appointment|appt|book|schedule|see (a|the|dr|doctor)|checked|visit|come in)\b", re.I)


@dataclass(frozen=True)
class Said:
    """One caller turn, and what it is good for."""

    text: str
    asks: bool = False  # for an appointment
    when: bool = False  # a day or a time
    day: bool = False  # the day that was booked in the end
    final: bool = False  # the time that was booked in the end
    yes: bool = False


@dataclass(frozen=True)
class Wanted:
    """What the dialogue ends with."""

    provider: str
    start: datetime


@dataclass
class Scene:
    """A dialogue, its providers and what is taken, and the choice of sentences as it goes on."""

    name: str
    source: str
    now: datetime
    given_name: str
    providers: tuple[str, ...]
    wanted: tuple[Wanted, ...]  # any of these is right
    taken: tuple[Wanted, ...]
    turns: tuple[Said, ...]
    only_day: bool  # the caller never names the day: the schedule has no other
    only_time: bool  # nor the time: the schedule has but that one
    _next: int = 0
    _restated: int = 0
    ours: list[str] = field(default_factory=list)  # answers that are no sentence of the dialogue

    @property
    def full_name(self) -> str:
        return f"{self.given_name} Parker"

    def reply(self, asking: str, offers: Sequence[Opening], picked: str) -> str | None:
        """The sentence for the question ``asking``; None when the dialogue has none."""
        owner, _, step = asking.partition(".")
        if owner == "identity":
            return self._who_i_am(step)
        if step in ("danger", "doubt"):
            return self._our("no")
        if asking in ("call.open", "call.more"):
            if not any(said.asks for said in self.turns):  # a yes to "shall I make an appointment?"
                return self._our("I'd like to make an appointment")
            return self._take(self._first(lambda said: said.asks), restart=asking == "call.open")
        if step == "when" and not any(said.when for said in self.turns):
            return self._our("any time")  # no word of a day or an hour anywhere: they take what there is
        if step == "pick":
            return self._pick(offers)
        if step == "confirm":
            return self._confirm(offers, picked)
        return self._say_when()

    def is_wanted(self, opening: Opening) -> bool:
        return any(same(opening, wanted) for wanted in self.wanted)

    def _who_i_am(self, step: str) -> str:
        answers = {"name": self.full_name, "dob": "March 5th 1981", "zip": "02111"}
        return self._our(answers.get(step, "yes"))

    def _our(self, text: str) -> str:
        self.ours.append(text)
        return text

    def _first(self, good: Any, start: int = 0) -> int | None:
        return next((at for at in range(start, len(self.turns)) if good(self.turns[at])), None)

    def _take(self, at: int | None, *, restart: bool = False) -> str | None:
        if at is None or (restart and self._next > at):
            at = at if at is None else self._first(lambda said: said.when, self._next)
        if at is None:
            return None
        self._next = at + 1
        return self.turns[at].text

    def _say_when(self) -> str | None:
        """The next sentence with a day or a time; after the last one, the one with what was booked.

        One that agrees is none: it answers an offer, and not this one.
        """
        at = self._first(lambda said: said.when and (said.final or not said.yes), self._next)
        if at is not None:
            return self._take(at)
        self._restated += 1
        finals = [said.text for said in self.turns if said.final] or [s.text for s in self.turns if s.when]
        return finals[-self._restated] if self._restated <= len(finals) else None

    def _pick(self, offers: Sequence[Opening]) -> str | None:
        if not any(self.is_wanted(one) for one in offers):
            return self._say_when()
        later = [said for said in self.turns[max(self._next - 1, 0) :] if said.final]
        finals = later or [said for said in self.turns if said.final]
        if len(offers) == 1 or not finals:
            return self._yes()
        days = [said for said in self.turns if said.day]
        same_hour = len({one.start.astimezone(ZONE).time() for one in offers}) == 1
        return (days if same_hour and days else finals)[0].text

    def _confirm(self, offers: Sequence[Opening], picked: str) -> str | None:
        one = next((one for one in offers if one.opening_id == picked), None)
        return self._yes() if one and self.is_wanted(one) else self._say_when()

    def _yes(self) -> str | None:
        """The next agreement that wishes for nothing else, or any."""
        plain = [at for at, said in enumerate(self.turns) if said.yes and not said.when]
        any_yes = [at for at, said in enumerate(self.turns) if said.yes]
        best = [at for at in plain if at >= self._next] or plain or any_yes
        return self.turns[best[0]].text if best else self._our("yes")


def same(opening: Opening, wanted: Wanted) -> bool:
    return opening.start == wanted.start and opening.provider_name == spoken_name(wanted.provider)


def spoken_name(provider: str) -> str:
    """ "Doctor Glogau" for "Dr. Richard G. Glogau, MD"; an office by its own name."""
    if not provider.lower().startswith("dr."):
        return provider
    words = provider.split(",")[0].split()
    return f"Doctor {words[-1]}"


# --------------------------------------------------------------------------- reading the rows


def scene(row: Row) -> Scene | None:
    """The dialogue as a scene; None where nothing was booked, or its booking is not written down whole."""
    if not row["booked"]:
        return None
    return _star(row) if row["source"].startswith("STAR") else _guided(row)


def _guided(row: Row) -> Scene | None:
    slots = row["slots"]
    provider = (slots.get("doctor_name") or slots.get("dentist_name") or [""])[0]
    day = _first_of(_guided_day, slots["appointment_date"])
    at = _first_of(clock_time, slots["appointment_time"])
    if not provider or day is None or at is None:
        return None
    turns = tuple(_guided_turn(turn, slots) for turn in row["turns"] if turn["speaker"] == "caller")
    wanted = (Wanted(provider, datetime.combine(day, at, ZONE)),)
    now = datetime.combine(FIRST_DAY, time(7), ZONE)
    only_day = not any(said.day for said in turns)
    only_time = not any(said.final for said in turns)
    about = (row["dialogue_id"], "Schema-Guided", now, "Maria", (provider,))
    return Scene(*about, wanted, (), turns, only_day or only_time, only_time)


def _for_a_doctor(text: str) -> str:
    """Ours is no dentist's office; and a slip of the keyboard is none of the tongue."""
    text = text.replace('o"clock', "o'clock")
    return re.sub(r"\bdental\b", "doctor's", re.sub(r"\bdentist\b", "doctor", text, flags=re.I), flags=re.I)


def _intends(act: Row) -> bool:
    return act["act"] == "INFORM_INTENT" and "BookAppointment" in act["values"]


def _guided_turn(turn: Row, slots: Row) -> Said:
    acts = turn["acts"]
    informs = {act["slot"]: act["values"] for act in acts if act["act"] == "INFORM"}
    return Said(
        _for_a_doctor(turn["text"]),
        asks=any(_intends(act) for act in acts),
        when=bool({"appointment_date", "appointment_time"} & set(informs)),
        day=any(value in slots["appointment_date"] for value in informs.get("appointment_date", [])),
        final=any(value in slots["appointment_time"] for value in informs.get("appointment_time", [])),
        yes=any(act["act"] == "AFFIRM" for act in acts),
    )


def _guided_day(text: str) -> date | None:
    words = text.lower()
    fixed = {"today": 0, "tomorrow": 1, "day after tomorrow": 2}
    if words in fixed:
        return FIRST_DAY + timedelta(days=fixed[words])
    number = MONTH_DAY.search(words)
    if number:
        return FIRST_DAY.replace(day=int(number[1]))
    named = next((at for at, name in enumerate(WEEKDAYS) if name in words), None)
    return None if named is None else _weekday_after(FIRST_DAY, named)


def _weekday_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def clock_time(text: str) -> time | None:
    """ "2:30 pm", "15:00"; None for what is said in words only."""
    found = _CLOCK.search(text)
    if found:
        hour = int(found[1]) % 12 + (12 if found[3].lower() == "pm" else 0)
        return time(hour, int(found[2] or 0))
    plain = re.fullmatch(r"(\d{2}):(\d{2})", text.strip())
    return time(int(plain[1]), int(plain[2])) if plain else None


def _first_of(read: Any, texts: Sequence[str]) -> Any:
    return next((found for text in texts if (found := read(text)) is not None), None)


def _star(row: Row) -> Scene | None:
    queries = row["agent_queries"] or []
    today = _star_today(row)
    if today is None:
        return None
    booked = _star_wanted([q for q in queries if q.get("RequestType") == "Book"], today)
    if not booked:
        return None
    asked = _star_wanted([q for q in queries if q.get("RequestType") != "Book"], today)
    taken = tuple(one for one in asked if one not in booked)
    turns = tuple(
        _star_turn(turn["text"], booked[0].start) for turn in row["turns"] if turn["speaker"] == "caller"
    )
    names = (str(q.get("PatientName") or "") for q in queries)
    name = next((name for name in names if name and not name.lower().startswith("dr")), "Alexis")
    given = re.findall(r"[A-Za-z]+", name)
    providers = tuple(
        dict.fromkeys(["Dr. Johnson", "Dr. Morgan", "Dr. Alexis", *(w.provider for w in booked)])
    )
    named = any(said.final for said in turns)
    now = _star_now(today, booked[0].start.date(), [said.text for said in turns])
    first = given[0].capitalize() if given else "Alexis"
    return Scene(
        row["dialogue_id"], "STAR", now, first, providers, booked, taken, turns, not named, not named
    )


def _star_now(today: date, wanted: date, texts: Sequence[str]) -> datetime:
    """The day they call on: the one that was booked, where they speak of today and name no other day; the
    task's, where they speak of today or tomorrow besides; else the day before the one they name.
    """
    named = {found.lower() for text in texts for found in _NAMED_DAY.findall(text)}
    if named and named <= {"today", "tonight"}:
        return datetime.combine(wanted, time(0, 30), ZONE)
    relative = bool(named & {"today", "tonight", "tomorrow"})
    day = today if relative or wanted != today else wanted - timedelta(days=1)
    return datetime.combine(day, time(0, 30), ZONE)


def _star_today(row: Row) -> date | None:
    """The weekday that the task gave, else that of the first look-up."""
    told = re.search(r"\((\w+day)\)", row["goal"] or "")
    first = next((q["Day"] for q in row["agent_queries"] or [] if q.get("Day")), "")
    name = (told[1] if told else first).lower()
    return MONDAY + timedelta(days=WEEKDAYS.index(name)) if name in WEEKDAYS else None


def _star_wanted(queries: Sequence[Row], today: date) -> tuple[Wanted, ...]:
    found: list[Wanted] = []
    for query in queries:
        day, at = str(query.get("Day", "")).lower(), clock_time(str(query.get("StartTimeHour", "")))
        if day in WEEKDAYS and at is not None and query.get("DoctorName"):
            on = today if WEEKDAYS[today.weekday()] == day else _weekday_after(today, WEEKDAYS.index(day))
            found.append(Wanted(str(query["DoctorName"]), datetime.combine(on, at, ZONE)))
    return tuple(dict.fromkeys(found))


def _star_turn(text: str, start: datetime) -> Said:
    return Said(
        text,
        asks=bool(_BOOKS.search(text)),
        when=bool(_TIME.search(text) or _DAY.search(text) or _HOUR.fullmatch(text.lower())),
        final=names_hour(text, start.hour),
        yes=bool(_YES.search(text)),
    )


_NAMED = {0: (r"\bmidnight\b",), 12: (r"\bnoon\b",)}


def names_hour(text: str, hour: int) -> bool:
    """Whether a sentence names this full hour, as people type it."""
    half, other = ("am", "p") if hour < 12 else ("pm", "a")
    number = hour % 12 or 12
    forms = [
        rf"\b{number}(:00)?\s*{half[0]}\.?m",
        rf"\b{number} ?o'?clock",
        rf"\bat {number}\b(?!\s*{other}\.?m)",
        rf"\b{hour}:00\b",
    ]
    return any(re.search(form, text, re.I) for form in forms)
