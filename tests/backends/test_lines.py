"""Several numbers of one practice: read from its file, told apart by what was dialled."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.lines import line_of
from backends.practice import DEMO_PRACTICE, load_practice
from models.domain import PracticeLine
from models.errors import SettingsError

MAIN, REFILL = PracticeLine("+16175550100", "main line"), PracticeLine("+16175550170", "refill line")
LINES = (MAIN, REFILL)


@pytest.mark.parametrize(
    ("called", "forwarded_from", "line"),
    [
        ("+16175550100", "", MAIN),
        ("+16175550170", "", REFILL),
        ("+16175550100", "+16175550170", REFILL),  # forwarded: what the caller dialled counts
        ("+18885550100", "+16175550170", REFILL),
        ("+16175550170", "+442079460958", REFILL),
        ("+18885550100", "", None),
        ("", "", None),
    ],
)
def test_the_dialled_number_decides(called: str, forwarded_from: str, line: PracticeLine | None) -> None:
    assert line_of(LINES, called, forwarded_from) == line


def test_a_practice_with_one_number_names_none() -> None:
    assert line_of((), "+16175550100", "") is None


def with_lines(folder: Path, lines: str) -> Path:
    demo = DEMO_PRACTICE.read_text()
    start, end = demo.index("[[lines]]"), demo.index("[hours]")
    path = folder / "practice.toml"
    path.write_text(demo[:start] + lines + demo[end:])
    return path


def test_lines_are_read_from_the_practice_file(tmp_path: Path) -> None:
    text = '[[lines]]\nnumber = "+16175550100"\nname = "principal"\ngreeting = "Hola."\n'
    assert load_practice(with_lines(tmp_path, text)).lines == (
        PracticeLine("+16175550100", "principal", "Hola."),
    )
    assert load_practice(with_lines(tmp_path, "")).lines == ()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('[[lines]]\nnumber = "617 555 0100"\nname = "main"\n', "lines[0].number"),
        ('[[lines]]\nnumber = "+16175550100"\n', "lines[0].name"),
        ('[[lines]]\nnumber = "+16175550100"\nname = "try"\n', "no line may be called 'try'"),
        ('[[lines]]\nnumber = "+16175550100"\nname = "' + "x" * 65 + '"\n', "64 letters"),
        (
            '[[lines]]\nnumber = "+16175550100"\nname="a"\n[[lines]]\nnumber = "+16175550100"\nname = "b"\n',
            "number",
        ),
        (
            '[[lines]]\nnumber = "+16175550100"\nname="a"\n[[lines]]\nnumber = "+16175550101"\nname = "a"\n',
            "name",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_practice(with_lines(tmp_path, lines))
    assert problem in str(error.value)
