from __future__ import annotations

import re

from ehr_writeback import note_on_paper, write_note
from ehr_writeback.faulty_server import FaultyFhirServer
from ehr_writeback.note_pdf import MAX_LINES, note_pdf, shown
from models.storage import Storage
from tests.ehr_writeback.conftest import make_bench
from tests.ehr_writeback.records import ENDED, RED_FLAG, REFILL
from tests.ehr_writeback.test_revisions import signs


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def words(pdf: bytes) -> str:
    """What is drawn, in order; the page is not compressed."""
    drawn = re.findall(rb"\((.*?)(?<!\\)\) Tj", pdf)
    return "\n".join(line.decode("latin-1").replace("\\(", "(").replace("\\)", ")") for line in drawn)


def test_a_note_is_one_page_and_the_same_bytes_every_time() -> None:
    for record in (REFILL, RED_FLAG):
        made = [note_pdf(write_note(record), record.call_id, ENDED) for _ in range(2)]
        assert made[0] == made[1]
        assert made[0].startswith(b"%PDF-")
        assert pages(made[0]) == 1
    assert note_pdf("a", "CA1", ENDED) != note_pdf("b", "CA1", ENDED)


def test_every_word_of_a_short_note_is_on_the_page() -> None:
    drawn = words(note_pdf(write_note(REFILL), "CA-refill", ENDED))
    for line in ("TELEPHONE ENCOUNTER - AI ASSISTED, NOT YET REVIEWED", "Caller number: ending 0123"):
        assert line in drawn.splitlines()
    assert "".join(write_note(REFILL).split()) == "".join(drawn.split())


def test_what_does_not_fit_is_counted_and_pointed_to() -> None:
    text = "\n".join(f"- line {number}" for number in range(300))
    lines = shown(text, "CA9")
    assert len(lines) == MAX_LINES
    assert lines[-2] == f"- line {MAX_LINES - 2}"
    left_out = 300 - (MAX_LINES - 1)
    assert lines[-1] == f"... {left_out} more lines: see the note of call CA9 in the chart."
    assert pages(note_pdf(text, "CA9", ENDED)) == 1


def test_letters_that_the_page_has_not_do_no_harm() -> None:
    assert shown("José – “sí” \u4e2d", "CA9") == ["José – “sí” ?"]
    assert pages(note_pdf("José – “sí” \u4e2d\x00", "CA9", ENDED)) == 1


def test_the_page_of_a_signed_note_says_who_signed(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    signs(bench, call_id)
    pdf = storage.read_now(lambda session: note_on_paper(session, call_id, bench.target))
    assert "Signed by kim, 2026-11-22T16:05:42Z" in words(pdf).splitlines()
