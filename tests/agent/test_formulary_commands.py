"""`firstring formulary build` and `coverage`, on small files in the national formats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import cli
from agent.doctor import files
from agent.doctor.findings import Outcome
from agent.formulary_build import coverage, site_table, use_site_table
from agent.settings import Settings
from models.errors import FormularyError
from tests.words.national.small_files import CONSO, FILLS, PRODUCTS, REL, product
from words import formulary


@pytest.fixture(autouse=True)
def the_shipped_table_afterwards() -> Iterator[None]:
    yield
    formulary.use(None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rrf").mkdir()
    (tmp_path / "rrf" / "RXNCONSO.RRF").write_text("".join(CONSO))
    (tmp_path / "rrf" / "RXNREL.RRF").write_text("".join(REL))
    (tmp_path / "h248a.csv").write_text("".join(FILLS))
    (tmp_path / "product.txt").write_text("".join(PRODUCTS))
    return tmp_path


def say(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["formulary", *words], catch_exceptions=True)
    if isinstance(result.exception, FormularyError):
        raise result.exception
    return result.exit_code, result.output


BUILD = ("build", "--rxnorm", ".", "--meps", "h248a.csv", "--ndc", "product.txt")


def test_a_build_is_in_use_and_told(folder: Path) -> None:
    code, told = say(*BUILD)
    assert code == 0, told
    assert "1 drugs added, all of them high-risk until someone reviews them: zilurine" in told
    assert "meperidine: II, it was not known" in told
    _, covered = say("coverage", "--json")
    found = json.loads(covered)
    assert found["drugs"] == len(formulary.all_drugs())
    assert found["with an RxCUI"] > 0
    assert formulary.by_name("zilurine") is not None


def test_bad_lines_are_named_and_nothing_is_written(folder: Path) -> None:
    say(*BUILD)
    table = folder / "firstring-data" / "formulary.csv"
    before = table.read_bytes()
    (folder / "product.txt").write_text("".join([*PRODUCTS, "torn\tline\r\n", product("1", "CODEINE", "C9")]))
    code, told = say(*BUILD)
    assert code == 1
    assert f"product.txt line {len(PRODUCTS) + 1}: 2 columns where 20 belong" in told
    assert f"product.txt line {len(PRODUCTS) + 2}: 'C9' is no DEA schedule" in told
    assert "nothing was written" in told
    assert table.read_bytes() == before
    code, told = say(*BUILD, "--skip-bad")
    assert code == 1
    assert "wrote" in told
    assert sorted(path.name for path in table.parent.iterdir()) == ["formulary.csv"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("build",), "no file to build from"),
        (("build", "--ndc", "nowhere.txt"), "nowhere.txt"),
        (("build", "--rxnorm", "nowhere"), "RXNCONSO.RRF"),
    ],
)
def test_files_that_are_not_there(folder: Path, words: tuple[str, ...], problem: str) -> None:
    with pytest.raises(FormularyError, match=problem):
        say(*words)
    assert not (folder / "firstring-data").exists()


def test_a_broken_table_at_a_site_is_named(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path)
    site_table(chosen).write_text("not a table\n")
    with pytest.raises(FormularyError, match=r"formulary.csv line 1: there is no column 'generic'"):
        use_site_table(chosen)


def test_the_doctor_looks_at_the_table(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path)
    (shipped,) = files.formulary(chosen)
    assert shipped.outcome is Outcome.OK
    assert "the shipped table" in shipped.detail
    site_table(chosen).write_text("not a table\n")
    (broken,) = files.formulary(chosen)
    assert broken.outcome is Outcome.FAIL
    assert "line 1" in broken.detail


def test_the_manual_tells_the_coverage_of_the_shipped_table() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "formulary.md").read_text()
    found = coverage(formulary.all_drugs())
    kinds = ("with a class", "with a brand", "with lay names", "with the sound of their names")
    assert f"| in the table | {found['drugs']} |" in manual
    assert " / ".join(str(found[kind]) for kind in kinds) in manual
    for what in ("with look-alikes", "high-risk", "not controlled", "with an RxCUI"):
        assert f"| {what} | {found[what]} |" in manual
    assert f"| controlled, all with their schedule | {found['controlled, schedule known']} |" in manual
    assert found["controlled"] == found["controlled, schedule known"]
    assert f"| unknown, so treated as controlled | {found['unknown, so treated as controlled']} |" in manual
