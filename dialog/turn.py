"""One event being answered: the state so far, what is said, what is done. Every change gives a new Turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from dialog.phases import move
from dialog.state import DialogState, Wish, changed
from models.domain import (
    Action,
    Context,
    Disposition,
    IdentityLevel,
    JsonScalar,
    Opening,
    PatientView,
    Phase,
    PracticeFacts,
)

WAITING = "call.wait"  # nothing is asked: an outcome is awaited, or a person comes on the line
# A later end of the call outranks an earlier one; a danger sign outranks them all.
_RANK = (
    Disposition.NO_INPUT,
    Disposition.FAILED,
    Disposition.STAFF_ENDED,
    Disposition.MESSAGE_TAKEN,
    Disposition.COMPLETED,
    Disposition.IDENTITY_FAILED,
    Disposition.TRANSFERRED,
    Disposition.ESCALATED,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """``stopped``: a question is open or an outcome is awaited, so the flow goes no further now."""

    state: DialogState
    context: Context
    said: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    stopped: bool = False

    @property
    def practice(self) -> PracticeFacts:
        return self.context.practice

    @property
    def patient(self) -> PatientView | None:
        """The chart's part that identity allows; None before, whatever the context holds."""
        verified = self.state.identity is not IdentityLevel.L0
        view = self.context.patient
        return view if verified and view and view.patient_id == self.state.patient_id else None

    def slot(self, name: str) -> str:
        value = self.state.slots.get(name)
        return "" if value is None else str(value)

    def has(self, name: str) -> bool:
        return self.state.slots.get(name) is not None

    def known(self, name: str) -> str:
        value = self.state.known.get(name)
        return "" if value is None else str(value)

    def but(self, **changes: Any) -> Turn:
        return Turn(changed(self.state, changes), self.context, self.said, self.actions, self.stopped)

    def put(self, **slots: JsonScalar) -> Turn:
        return self.but(slots={**self.state.slots, **slots})

    def drop(self, *names: str) -> Turn:
        return self.but(slots={name: v for name, v in self.state.slots.items() if name not in names})

    def note(self, **facts: JsonScalar) -> Turn:
        return self.but(known={**self.state.known, **facts})

    def forget(self, *names: str) -> Turn:
        return self.but(known={name: v for name, v in self.state.known.items() if name not in names})

    def offer(self, openings: Iterable[Opening]) -> Turn:
        return self.but(offers=tuple(openings))

    def say(self, *sentences: str) -> Turn:
        return replace(self, said=(*self.said, *(s for s in sentences if s)))

    def saying(self, *sentences: str) -> Turn:
        """The same turn with another reply."""
        return replace(self, said=sentences)

    def ask(self, asking: str, *sentences: str) -> Turn:
        """Put one question, the last of the sentences; the turn ends with it."""
        asked = self.say(*sentences).but(asking=asking, asked=" ".join(sentences))
        return replace(asked, stopped=True)

    def wait(self) -> Turn:
        return replace(self.but(asking=WAITING, asked=""), stopped=True)

    def stop(self) -> Turn:
        return replace(self, stopped=True)

    def act(self, name: str, make: Callable[[str], Action]) -> Turn:
        """Order an action; its outcome comes back to the handler called ``name``."""
        count = self.state.counter + 1
        action = make(f"{self.state.call_id}-a{count}")
        turn = self.but(counter=count, pending={**self.state.pending, action.action_id: name})
        return replace(turn, actions=(*self.actions, action))

    def phase(self, phase: Phase) -> Turn:
        return self.but(phase=move(self.state.phase, phase))

    def settle(self, disposition: Disposition) -> Turn:
        """How the call would be filed if it ended now."""
        before = self.state.disposition
        outranked = before in _RANK and _RANK.index(before) > _RANK.index(disposition)
        return self if outranked else self.but(disposition=disposition)

    def begin(self, flow: str, **slots: JsonScalar) -> Turn:
        """Serve another wish; a task that the one before left is heard of only if it fails."""
        quiet = {id_: name.replace("desk.task", "desk.quiet") for id_, name in self.state.pending.items()}
        return self.but(pending=quiet, flow=flow, slots=slots, offers=(), asking="", misses=0)

    def done(self) -> Turn:
        """The wish is served, or given up: what waits comes next."""
        return self.but(flow="", slots={}, offers=(), asking="")

    def queue(self, wish: Wish) -> Turn:
        return self.but(queue=(*self.state.queue, wish))
