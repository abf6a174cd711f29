"""What the questions of the identity check have in common."""

from __future__ import annotations

from dialog.turn import Turn
from models.domain import Understanding

WHO_IT_IS = ("identity.dob_check", "identity.for_self")  # "you are the patient?"
_ITEMS = ("name", "dob", "zip")


def needs_zip(turn: Turn) -> bool:
    """Whether the number did not do for the second item. It is tried first whoever has it on file, so that
    the order of questions tells nothing of whose it is.
    """
    return turn.state.known.get("want_zip") is True


def hear_claim(turn: Turn, heard: Understanding) -> Turn | None:
    """Any part of the claim answers; `claim.absorb` has kept it already."""
    said = any(name in heard.entities and turn.known(name) for name in _ITEMS)
    return turn if said else None


def for_another(turn: Turn, relation: str) -> Turn:
    """From now on the caller speaks for somebody; who says so and then is the patient must prove it more."""
    return turn.forget("patient_speaks", "guardian").note(
        proxy=True, spoke_for=True, relation=turn.known("relation") or relation
    )
