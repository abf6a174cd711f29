"""The tables that alarms are learned from: read whole, or refused with the place that is wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dialog.safety.catalogue import CATALOGUE
from intents import alarms

FEWEST_OF_AN_ID = 60
HEADER = "family\tflag\ttext"


def folder_with(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "some.tsv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return folder


def test_a_table_is_read_row_by_row(tmp_path: Path) -> None:
    lines = (
        "tight.1\tRF01\tmy chest is tight",
        "two.1\tRF01,RF03\ttight chest no air",
        "kidding.1\t\tonly kidding you",
    )
    assert alarms.read(folder_with(tmp_path, *lines)) == (
        alarms.AlarmRow("my chest is tight", ("RF01",), "tight.1"),
        alarms.AlarmRow("tight chest no air", ("RF01", "RF03"), "two.1"),
        alarms.AlarmRow("only kidding you", (), "kidding.1"),
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("tight.1\tmy chest is tight", "three columns"),
        ("tight.1\tRF01\tmy chest\tis tight", "three columns"),
        ("\tRF01\tmy chest is tight", "family"),
        ("Tight 1\tRF01\tmy chest is tight", "family"),
        ("tight.1\tRF27\tmy chest is tight", "'RF27' is no id"),
        ("tight.1\tRF01,\tmy chest is tight", "'' is no id"),
        ("tight.1\tRF01,RF01\tmy chest is tight", "twice"),
        ("tight.1\tRF01\tMy chest is tight.", "small letters"),
        ("tight.1\tRF01\tfor 3 days now", "small letters"),
        ("tight.1\tRF01\tmy chest  is tight", "small letters"),
        ("tight.1\tRF01\tchest", "2 to 45 words"),
        ("tight.1\tRF01\t" + " ".join(["tight"] * 46), "2 to 45 words"),
        ("", "three columns"),
    ],
)
def test_a_bad_line_is_refused_with_its_place(tmp_path: Path, line: str, complaint: str) -> None:
    folder = folder_with(tmp_path, "good.1\tRF01\tmy chest is tight", line)
    with pytest.raises(ValueError, match=rf"some\.tsv line 3: .*{complaint}"):
        alarms.read(folder)


def test_a_wrong_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"some\.tsv line 1"):
        alarms.read(folder_with(tmp_path, header="family\tintents\ttext"))


def test_the_ids_are_those_of_the_catalogue() -> None:
    assert {flag.id for flag in CATALOGUE} == set(alarms.SIGNS)


def test_no_sentence_stands_twice() -> None:
    texts = Counter(row.text for row in alarms.rows())
    assert [text for text, times in texts.items() if times > 1] == []


def test_no_family_is_split_between_danger_and_none() -> None:
    dangerous = {row.family for row in alarms.rows() if row.flags}
    harmless = {row.family for row in alarms.rows() if not row.flags}
    assert dangerous & harmless == set()


def test_every_id_that_is_named_first_is_there_often_enough() -> None:
    times = Counter(row.flags[0] for row in alarms.rows() if row.flags)
    assert times, "no table was read"
    assert {flag: count for flag, count in times.items() if count < FEWEST_OF_AN_ID} == {}


def test_there_is_more_harmless_talk_than_one_row_in_three() -> None:
    harmless = sum(not row.flags for row in alarms.rows())
    assert harmless * 3 > len(alarms.rows())
