"""`firstring understand`: bad lines have an answer and never end the run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from agent import settings
from agent.lines import LONGEST_BYTES, Line, read_lines
from agent.understand import TOO_LONG, Question, answer_to, context_of, readable, run
from intents.understand import MindService
from models.domain import Context, Expectation, Transcript, Understanding
from models.errors import SettingsError

CHOSEN = settings.load({"FIRSTRING_NOW": "2026-11-24T10:05:00-05:00"}, file=Path("none.toml"))
CONTEXT = context_of(CHOSEN, "")


class Silent(MindService):
    """Understands nothing, and needs no weights."""

    def understand(self, transcript: Transcript, expectation: Expectation, context: Context) -> Understanding:
        return Understanding(transcript)


class Broken(MindService):
    def understand(self, transcript: Transcript, expectation: Expectation, context: Context) -> Understanding:
        raise ZeroDivisionError


def test_lines_are_cut_at_their_ends_and_nowhere_else() -> None:
    file = io.BytesIO("one\r\n\ntwo\u2028still two\x0bx\nlast".encode())
    assert [line.text for line in read_lines(file)] == ["one", "", "two\u2028still two\x0bx", "last"]


def test_bytes_that_are_no_text_are_told_and_the_next_line_is_read() -> None:
    bad, good = read_lines(io.BytesIO(b"chest \xff pain\nyes\n"))
    assert bad.text == "chest \ufffd pain"
    assert "UTF-8" in bad.problem
    assert good == Line("yes")


@pytest.mark.parametrize("size", [LONGEST_BYTES - 1, LONGEST_BYTES, LONGEST_BYTES + 1, 3 * LONGEST_BYTES])
def test_a_line_without_end_is_read_to_a_limit(size: int) -> None:
    first, second = read_lines(io.BytesIO(b"a" * size + b"\nyes\n"))
    assert len(first.text) == min(size, LONGEST_BYTES)
    assert bool(first.problem) is (size > LONGEST_BYTES)
    assert second == Line("yes")


def test_a_fault_of_ours_is_an_answer_and_danger_is_still_found() -> None:
    told = answer_to(Broken(), Line("i have chest pain"), Expectation(), CONTEXT)
    assert told["red_flag"] == {"id": "RF01", "disposition": "emergency"}
    assert (told["intent"], told["entities"]) == (None, {})
    assert "ZeroDivisionError" in told["problem"]


def test_ten_thousand_words_are_screened_to_their_end() -> None:
    told = answer_to(Silent(), Line("hello there " * 5_000 + "i have chest pain"), Expectation(), CONTEXT)
    assert told["red_flag"]["id"] == "RF01"
    assert told["problem"] == TOO_LONG


def test_every_answer_is_one_line_of_json() -> None:
    told = answer_to(Silent(), Line("nul \x00 bell \x07 \u202e \ud83d"), Expectation(), CONTEXT)
    assert json.loads(json.dumps(told)) == told
    assert "\n" not in json.dumps(told)


def test_today_may_be_given() -> None:
    assert context_of(CHOSEN, "2026-12-01").now.isoformat() == "2026-12-01T12:00:00-05:00"
    assert context_of(CHOSEN, "").now.isoformat().startswith("2026-11-24")
    with pytest.raises(SettingsError, match="no day"):
        context_of(CHOSEN, "tomorrow")


def test_a_wrong_question_is_told_before_weights_are_read() -> None:
    with pytest.raises(SettingsError, match="poetry"):
        next(run(CHOSEN, Question("poetry"), []))


def test_a_person_reads_it_without_control_characters() -> None:
    entity = {"value": "lisinopril", "span": [2, 14], "certainty": 0.97}
    told = {
        "text": "a lisi\x1bnopril b",
        "intents": ["refill_request"],
        "intent": "refill_request",
        "confidence": 0.98,
        "entities": {"drug": entity},
        "red_flag": {"id": "RF01", "disposition": "emergency"},
        "problem": "not UTF-8",
    }
    assert readable(told).splitlines() == [
        "wants: refill_request (98% sure)",
        '  drug: lisinopril, from "lisi nopril " (97%)',
        "  DANGER: RF01, emergency",
        "  problem: not UTF-8",
    ]
