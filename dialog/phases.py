"""What may follow what, as a table. A danger sign and a person are one step away from every live phase."""

from __future__ import annotations

from collections.abc import Mapping

from models.domain import Phase
from models.errors import FirstringError

_LIVE = frozenset({Phase.OPEN, Phase.IDENTIFYING, Phase.SERVING, Phase.CLOSING, Phase.HANDOFF, Phase.ENDED})

MAY_FOLLOW: Mapping[Phase, frozenset[Phase]] = {
    Phase.GREETING: _LIVE,
    Phase.OPEN: _LIVE,
    Phase.IDENTIFYING: _LIVE,
    Phase.SERVING: _LIVE,
    Phase.CLOSING: _LIVE,  # a wish that comes after the goodbye is still served
    # Back from a hand-off only when nobody could be reached; then what waited is served.
    Phase.HANDOFF: frozenset({Phase.SERVING, Phase.IDENTIFYING, Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


class PhaseError(FirstringError):
    """The dialog tried to go where the table does not lead."""

    code = "phase"
    fix = "This is a defect in the dialog; report the call's turns."


def move(phase: Phase, to: Phase) -> Phase:
    """The next phase. Raises `PhaseError` where the table has no such step."""
    if to is not phase and to not in MAY_FOLLOW[phase]:
        raise PhaseError(f"{phase} does not lead to {to}")
    return to
