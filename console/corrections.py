"""What staff put right in a turn: the words that the caller said, and what they wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Response
from sqlmodel import Session, select
from starlette.responses import RedirectResponse

from console.desk import Desk, FormText, RowId, SignedIn
from console.intent_words import WISHES, meaning
from models.corrections import (
    NothingSaid,
    correct_intents,
    correct_words,
    intents_corrected,
    intents_understood,
    words_corrected,
)
from models.domain import Intent
from models.errors import FirstringError, NotFound
from models.tables import Turn
from words import cards

MAX_WORDS = 2_000
MOST_INTENTS = 4  # of one turn, as `firstring learn` takes them
CHANGED = "Somebody has corrected this turn since you opened the page. Go back and look at it again."


@dataclass(frozen=True)
class Wish:
    """One thing that a caller may want, to be chosen."""

    code: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class TurnForm:
    """The form of one turn. ``was_...``: how it stood when the form was made."""

    number: int
    words: str
    was_words: str
    was_intents: str
    wishes: tuple[Wish, ...]


def turn_form(session: Session, call_id: str, number: int) -> TurnForm | None:
    """None where there is nothing to correct."""
    turn = session.exec(select(Turn).where(Turn.call_id == call_id, Turn.number == number)).first()
    if turn is None or not turn.caller_text:
        return None
    words, intents = _stands(session, turn)
    chosen = intents.split(",")
    wishes = tuple(Wish(intent.value, words_, intent.value in chosen) for intent, words_ in WISHES.items())
    return TurnForm(number, words, words, intents, wishes)


def _stands(session: Session, turn: Turn) -> tuple[str, str]:
    """Words and intents as they count now."""
    words = words_corrected(session, turn.call_id).get(turn.number, turn.caller_text)
    understood = ",".join(intents_understood(turn))
    return words, intents_corrected(session, turn.call_id).get(turn.number, understood)


class CorrectionPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._amend = desk.ports.note_deeds.get("amend")

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "POST /calls/{call_id}/turns/{number}/words": self.words,
            "POST /calls/{call_id}/turns/{number}/intents": self.intents,
        }

    async def words(
        self,
        staff: SignedIn,
        call_id: RowId,
        number: int,
        words: Annotated[str, Form()] = "",
        was: Annotated[str | None, Form()] = None,
    ) -> Response:
        """What the caller really said; the chart's note follows."""
        if not words.strip():
            raise HTTPException(422, "Please write what the caller said.")
        # A card's number is never kept, whoever writes it (PCI DSS 3.3).
        said, now, amend = cards.masked(words[:MAX_WORDS]), self._desk.clock(), self._amend

        def correct(session: Session) -> bool:
            _refuse_stale(session, call_id, number, 0, was, said)
            return correct_words(session, call_id, number, said, staff.name, now)

        def with_note(session: Session) -> bool:
            new = correct(session)
            if new and amend is not None:
                amend(session, call_id, staff.name, now, "")
            return new

        try:
            new = await self._write(with_note)
        except FirstringError:  # no note stands: the correction is kept all the same
            new = await self._write(correct)
        if new:
            await self._desk.trail.did(staff, "words correct", f"call/{call_id}/turn/{number}")
        return _back(call_id, number)

    async def intents(
        self,
        staff: SignedIn,
        call_id: RowId,
        number: int,
        intent: Annotated[list[str] | None, Form()] = None,
        was: FormText | None = None,
    ) -> Response:
        """What the caller wanted; `firstring learn` teaches it."""
        chosen, now = chosen_intents(intent or []), self._desk.clock()

        def correct(session: Session) -> bool:
            _refuse_stale(session, call_id, number, 1, was, ",".join(chosen))
            return correct_intents(session, call_id, number, chosen, staff.name, now)

        if await self._write(correct):
            await self._desk.trail.did(staff, "intents correct", f"call/{call_id}/turn/{number}")
        return _back(call_id, number)

    async def _write(self, work: Callable[[Session], bool]) -> bool:
        try:
            return await self._desk.storage.write(work)
        except NotFound as problem:
            raise HTTPException(404, "There is no such turn.") from problem
        except NothingSaid as problem:
            raise HTTPException(409, "No words of the caller were kept in this turn.") from problem


def chosen_intents(labels: Sequence[str]) -> tuple[Intent, ...]:
    """In the order of the list. Raises HTTPException 422 for what cannot be learned."""
    known = tuple(intent for intent in Intent if intent.value in labels)
    if len(known) != len(set(labels)):
        raise HTTPException(422, "There is no such wish.")
    if len(known) > MOST_INTENTS:
        raise HTTPException(422, f"Please choose {MOST_INTENTS} at most.")
    if Intent.OUT_OF_SCOPE in known and len(known) > 1:
        raise HTTPException(422, f"“{meaning([Intent.OUT_OF_SCOPE])}” stands alone.")
    return known


def _refuse_stale(session: Session, call_id: str, number: int, which: int, was: str | None, new: str) -> None:
    """Raises HTTPException 409 where a colleague has corrected the turn after the form was made; the same
    form sent twice is no colleague. ``which``: 0 the words, 1 the intents.
    """
    turn = session.exec(select(Turn).where(Turn.call_id == call_id, Turn.number == number)).first()
    if turn is None or was is None:
        return
    if _flat(_stands(session, turn)[which]) not in (_flat(was), _flat(new)):
        raise HTTPException(409, CHANGED)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _back(call_id: str, number: int) -> Response:
    return RedirectResponse(f"/calls/{call_id}#turn-{number}", 303)
