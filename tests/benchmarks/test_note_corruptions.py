"""A small fixed sample of lies; `python -m benchmarks.note_corruptions` takes them over real calls."""

from __future__ import annotations

from benchmarks.note_corruptions import judged, lies_of, stands
from benchmarks.note_lies import Lie, lines_of
from ehr_writeback.note import write_note
from tests.ehr_writeback.records import LINKED, REFILL
from tests.ehr_writeback.test_checkins import RECORD as CHECKIN

RECORDS = (*LINKED, CHECKIN)


def test_no_lie_of_the_sample_is_filed_and_no_true_note_loses_a_line() -> None:
    found = judged({record.call_id: record for record in RECORDS}, seed=7, per_kind=3)
    assert [(lie.kind, lie.lies) for lie in found.missed] == []
    assert found.refused == []
    assert len(found.kinds) >= 25
    assert found.lies >= 60


def test_the_same_seed_tells_the_same_lies() -> None:
    assert lies_of(RECORDS, 3) == lies_of(RECORDS, 3)
    assert lies_of(RECORDS, 3) != lies_of(RECORDS, 4)


def test_what_is_true_would_be_seen_to_stand() -> None:
    note = write_note(REFILL)
    (line,) = [pair for pair in lines_of(note) if pair[1].startswith('- "I need my lisinopril')]
    assert stands(Lie("none", REFILL, note, (line,)))
