"""The table of `make bench-understanding`: what is reached, what may be read, what is kept for the end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import understanding, understanding_frozen, understanding_noise, understanding_public
from benchmarks.understanding_rows import Options, Row, at_least, at_most, percent, write_misses
from intents.frozen import Case
from models.domain import Expectation, ExpectationKind, Intent


def case(text: str, intent: Intent) -> Case:
    return Case(text, frozenset({intent}), frozenset(), None, Expectation(), text, 1.0, ())


def test_a_share_is_reached_or_missed_by_its_own_bound() -> None:
    assert at_least("accuracy", 0.95, 0.95).reached
    assert not at_least("accuracy", 0.949, 0.95).reached
    assert at_most("refused", 0.06, 0.06).reached
    assert not at_most("refused", 0.0601, 0.06).reached


def test_shares_are_printed_as_percent() -> None:
    assert (percent(0.95), percent(0.934), percent(0.0), percent(1.0)) == ("95 %", "93.4 %", "0 %", "100 %")


def test_the_baseline_stands_in_its_own_column() -> None:
    row = at_least("accuracy", 0.9, 0.95, 0.7, "40 sentences")
    table = understanding.table_of([("frozen", [row])], "a run")
    cells = [list(column.cells)[-1] for column in table.columns]
    assert cells == ["accuracy", "90 %", ">= 95 %", "MISSED", "70 %", "40 sentences"]


def test_a_section_that_breaks_is_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("benchmarks.broken")

    def rows(options: Options) -> list[Row]:
        raise ValueError("no such sentence")

    broken.rows = rows  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.broken", broken)
    monkeypatch.setitem(understanding.SECTIONS, "speed", "benchmarks.broken")
    (row,) = list(understanding.section("speed", Options()))
    assert (row.figure, row.note, row.reached) == ("not measured", "ValueError: no such sentence", None)


@pytest.mark.parametrize("module", [understanding_frozen, understanding_noise])
def test_while_developing_the_frozen_half_is_not_scored(module: ModuleType) -> None:
    (row,) = list(module.rows(Options(developing=True)))
    assert row.figure == "not measured"


def test_while_developing_only_the_readable_half_of_the_public_sentences_is_scored() -> None:
    cases = [case(f"sentence {number}", Intent.REPEAT) for number in range(40)]
    developing = dict(understanding_public.halves(cases, Options(developing=True)))
    closing = dict(understanding_public.halves(cases, Options()))
    assert list(developing) == ["readable half"]
    assert {*closing["readable half"]} | {*closing["scored half"]} == {*cases}
    assert not {*closing["readable half"]} & {*closing["scored half"]}
    assert 10 < len(closing["scored half"]) < 30


def test_an_answer_of_the_public_sentences_is_one_to_the_words_before_it(tmp_path: Path) -> None:
    entries = [
        {"text": "Yes please!", "intent": "affirm", "context": "Can I book it?"},
        {"text": "nope", "intent": "deny"},
        {"text": "what is your address", "intent": "office_info", "context": "It is booked."},
        {"text": "hello", "intent": "greeting"},
    ]
    path = tmp_path / "some.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    asked = [(one.expectation.kind, one.expectation.asked) for one in understanding_public.read(path)]
    assert asked == [
        (ExpectationKind.YES_NO, "Can I book it?"),
        (ExpectationKind.YES_NO, ""),
        (ExpectationKind.OPEN, "It is booked."),
        (ExpectationKind.OPEN, "How can I help?"),
    ]


def test_public_sentences_that_are_not_here_make_a_row_that_says_so(tmp_path: Path) -> None:
    (row,) = list(understanding_public.rows(Options(data=tmp_path)))
    assert row.figure == "not measured"
    assert "not here" in row.note


def test_every_label_has_its_own_share() -> None:
    given = [
        (case("again", Intent.REPEAT), [Intent.REPEAT]),
        (case("what", Intent.REPEAT), [Intent.WAIT]),
        (case("a taxi", Intent.OUT_OF_SCOPE), []),
    ]
    assert understanding_public.by_label(given) == {
        Intent.REPEAT: (0.5, 2),
        Intent.OUT_OF_SCOPE: (1.0, 1),
    }


def test_misses_are_written_only_where_a_folder_was_asked_for(tmp_path: Path) -> None:
    write_misses(Options(), "public", ["repeat\twait\twhat"])
    assert list(tmp_path.iterdir()) == []
    write_misses(Options(misses=tmp_path / "missed"), "public", ["repeat\twait\twhat"])
    assert (tmp_path / "missed" / "public.tsv").read_text(encoding="utf-8") == "repeat\twait\twhat\n"


def test_word_error_counts_what_was_changed_lost_and_added() -> None:
    cases = [case("i need a refill", Intent.REFILL_REQUEST), case("hold on", Intent.WAIT)]
    assert understanding_noise.word_error(cases, ["i need a reef ill", "hold"]) == pytest.approx(3 / 6)
    assert understanding_noise.word_error(cases, [one.text for one in cases]) == 0
