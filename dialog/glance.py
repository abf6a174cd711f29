"""What staff may know of a call while it goes on."""

from __future__ import annotations

from dialog import emergency
from dialog.handoff import DANGER_TRANSFER, TRANSFER
from dialog.privacy import keeps_no_words
from dialog.state import DialogState
from models.domain import CallGlance


def glance(state: DialogState) -> CallGlance:
    known, private = state.known, keeps_no_words(state)
    return CallGlance(
        phase=state.phase,
        identity=state.identity,
        patient_id=state.patient_id,
        reason="" if private else state.reason,
        serving=state.flow,
        asked="" if private else state.asked,
        red_flags=state.red_flags,
        in_danger=in_danger(state),
        leaves_us=leaves_us(state),
        may_be_heard="recording" in state.disclosures and not (known.get("recording_declined") or private),
    )


def in_danger(state: DialogState) -> bool:
    """A danger sign has the call, or is being asked about, and no person has it yet: we never end it."""
    asked = state.asking == emergency.DOUBT or bool(state.known.get("held"))
    return not state.known.get("with_person") and (asked or bool(state.known.get("danger")))


def leaves_us(state: DialogState) -> bool:
    """A person is being looked for, or has the call."""
    looked_for = not {TRANSFER, DANGER_TRANSFER}.isdisjoint(state.pending.values())
    return looked_for or bool(state.known.get("with_person"))
