"""What a caller whose line was lost hears first, known before their call is looked at."""

from __future__ import annotations

from dialog import wording
from dialog.state import DialogState
from models.domain import Language, Pace, Phase

RESUMED = wording.RESUMED


def says_so_at_once(state: DialogState) -> bool:
    """Whether the reply on a new stream begins with `RESUMED`, in English and at the usual pace.

    Not where all was said, or where a person was to have taken the call.
    """
    goes_on = state.phase is not Phase.ENDED
    usual = state.pace is Pace.NORMAL and state.known.get("language") != Language.SPANISH
    return goes_on and usual and not state.known.get("with_person")
