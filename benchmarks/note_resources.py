"""Which lies stand in the resources of a call besides its note, for our own chart and for another.

What a call that was noted wrongly writes is held against what the same call, noted rightly, writes: every
value of the first that the second has not is false, but for what says itself that nobody verified it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ehr_writeback import WritebackConfig, plan
from ehr_writeback.checkins import ABSENT, UNDERSTOOD, UNDERSTOOD_WORDS
from ehr_writeback.note import CheckedNote, write_checked_note
from ehr_writeback.parts import NOT_VERIFIED
from ehr_writeback.planned import NOTE, is_change
from ehr_writeback.withheld import UNKNOWN, UNVERIFIED, WITHHELD_WORDS, borne_out
from models.domain import CallRecord, DoneAction, OpenTask

HERE = WritebackConfig()
ELSEWHERE = WritebackConfig(same_server=False)
Leaf = tuple[str, str]  # where it stands ("Task.description"), and what is said there

# What says of itself that it is not verified, or that something is not there.
_MARKS = frozenset({UNKNOWN, ABSENT, UNDERSTOOD, "as on file"})


def false_in_resources(wrong: CallRecord, true: CallRecord, *, checked: bool = True) -> list[Leaf]:
    """Values that only the wrong record's resources have, unmarked, in either chart.

    ``checked=False``: as if the note's checker had nothing against it.
    """
    note = None if checked else CheckedNote("")
    wrong, true = _linked(wrong), _linked(true)
    found = (leaf for config in (HERE, ELSEWHERE) for leaf in _new(wrong, true, config, note))
    return list(dict.fromkeys(found))


def lost_in_resources(record: CallRecord) -> list[str]:
    """What of a true call's record its other resources would lack, by the kind of fact."""
    told = borne_out(record, write_checked_note(record))
    kept = [*told.done, *told.red_flags, told.reason]
    facts = [*record.done, *record.red_flags, record.reason]
    return [
        type(getattr(one, "action", one)).__name__
        for one in facts
        if one not in kept and not _unkept(one, kept)
    ]


def _unkept(fact: object, kept: list[Any]) -> bool:
    """Whether a task stands with a mark, because the caller wanted no words kept: nothing of it is lost."""
    if not isinstance(fact, DoneAction) or not isinstance(fact.action, OpenTask):
        return False
    marked = replace(fact.action, summary=f"{UNVERIFIED}: {fact.action.summary}")
    return replace(fact, action=marked) in kept


def _linked(record: CallRecord) -> CallRecord:
    """As when staff have found whose call it was: without a chart nothing is written."""
    return replace(record, patient_id=record.patient_id or "found-by-staff")


def _new(
    wrong: CallRecord, true: CallRecord, config: WritebackConfig, note: CheckedNote | None
) -> Iterator[Leaf]:
    known = {leaf for leaf, _ in _said(true, config)}
    for leaf, is_marked in _said(wrong, config, note):
        if leaf not in known and not is_marked:
            yield leaf


def _said(
    record: CallRecord, config: WritebackConfig, note: CheckedNote | None = None
) -> Iterator[tuple[Leaf, bool]]:
    """Every value of every resource but the note (`note_lies` looks there), and whether it is marked."""
    for item in plan(record, config, note):
        if item.kind != NOTE:
            said = item.resource["set"] if is_change(item.resource) else item.resource
            yield from _leaves(said, str(item.resource["resourceType"]), is_marked=False)


def _leaves(node: Any, path: str, *, is_marked: bool) -> Iterator[tuple[Leaf, bool]]:
    if isinstance(node, list):
        for one in node:
            yield from _leaves(one, path, is_marked=is_marked)
    elif isinstance(node, dict):
        marked = is_marked or _says_unverified(node)
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}", is_marked=marked)
    else:
        said = str(node)
        is_mark = said in _MARKS or NOT_VERIFIED in said or said.startswith(("urn:uuid:", WITHHELD_WORDS))
        yield (path, said), is_marked or is_mark


def _says_unverified(node: dict[str, Any]) -> bool:
    """Whether this very item, or Observation, says that its value was understood and not said."""
    extensions = node.get("extension") or []
    notes = node.get("note") or []
    understood = any(one.get("url") == UNDERSTOOD for one in extensions)
    return understood or any(one.get("text") == UNDERSTOOD_WORDS for one in notes)
