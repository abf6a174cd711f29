"""Who is calling, how sure of it we are, and for whom they speak.

`claim` asks for name, `birth` date and number or ZIP; `speaker` for who calls on another's behalf; `code` for
the one-time code that opens more of a chart; `spelling` tells names apart that sound alike.
"""

from __future__ import annotations

from dialog.identity import claim, code, speaker
from dialog.identity.birth import SURE as SURE_BIRTH
from dialog.identity.claim import absorb
from dialog.steps import Flow, Step
from dialog.turn import Turn
from models.domain import IdentityLevel

_TO_L1 = (*claim.WHO, *speaker.STEPS, claim.ZIP_STEP, claim.VERIFY)
STEPS = (*_TO_L1, *code.STEPS)
OUTCOMES = {**claim.OUTCOMES, **code.OUTCOMES}
CONSTANTS = (*claim.CONSTANTS, *speaker.CONSTANTS, *code.CONSTANTS)
_LEVELS = tuple(IdentityLevel)


def level_for(turn: Turn, flow: Flow) -> IdentityLevel:
    """How sure a flow must be of who calls. Who spoke for the patient, without authority, and then is the
    patient knows no more than before: that takes the code to the number on file.
    """
    claims_both = turn.state.known.get("spoke_for") is True and not turn.known("basis")
    return IdentityLevel.L2 if claims_both else flow.level


def reached(turn: Turn, level: IdentityLevel) -> bool:
    return _LEVELS.index(turn.state.identity) >= _LEVELS.index(level)


def was_refused(turn: Turn, level: IdentityLevel = IdentityLevel.L1) -> bool:
    """No further attempt at this level on this call."""
    if not claim.needed(turn):
        return level is IdentityLevel.L2 and turn.state.known.get("code_failed") is True
    return turn.context.number_locked or turn.state.known.get("identity_failed") is True


def next_step(turn: Turn, level: IdentityLevel) -> Step:
    """What is asked or done next on the way to a level that is not reached."""
    steps = _TO_L1 if claim.needed(turn) else code.STEPS
    return next(step for step in steps if step.due(turn))


__all__ = [
    "CONSTANTS",
    "OUTCOMES",
    "STEPS",
    "SURE_BIRTH",
    "absorb",
    "level_for",
    "next_step",
    "reached",
    "was_refused",
]
