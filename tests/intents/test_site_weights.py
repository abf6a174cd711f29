"""Weights of a site: whole or not at all, used where they fit, and undone."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from intents import site_weights
from intents.site_weights import FILES, KEPT, Chosen, WeightsError, choose, undo, write


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return filled(tmp_path / "shipped", "shipped")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "learned"


def filled(folder: Path, words: str) -> Path:
    folder.mkdir(exist_ok=True)
    fill(folder, words)
    return folder


def fill(folder: Path, words: str) -> None:
    for name in FILES:
        (folder / name).write_text(f"{words} {name}")


def learned(site: Path, shipped: Path, words: str, second: int = 0) -> str:
    return write(
        site,
        lambda folder: fill(folder, words),
        at=f"2026-11-24T10:05:{second:02d}-05:00",
        by="operator",
        lessons=3,
        figures={"accuracy": 0.9},
        shipped=shipped,
    )


def test_without_any_the_shipped_ones_are_used(site: Path, shipped: Path) -> None:
    assert choose(site, shipped) == Chosen(shipped)


def test_what_was_written_is_used(site: Path, shipped: Path) -> None:
    name = learned(site, shipped, "first")
    found = choose(site, shipped)
    assert (found.name, found.folder, found.problem) == (name, site / name, "")
    assert found.manifest is not None
    assert (found.manifest.lessons, found.manifest.previous) == (3, "")
    assert (found.folder / "network.npz").read_text() == "first network.npz"


def test_undo_goes_back_one_by_one(site: Path, shipped: Path) -> None:
    first = learned(site, shipped, "first", 1)
    learned(site, shipped, "second", 2)
    assert undo(site) == first
    assert choose(site, shipped).name == first
    assert undo(site) == ""
    assert choose(site, shipped) == Chosen(shipped)
    with pytest.raises(WeightsError, match="shipped weights are in use"):
        undo(site)


def test_weights_for_another_version_are_passed_over(site: Path, shipped: Path) -> None:
    learned(site, shipped, "first")
    filled(shipped, "newer")
    found = choose(site, shipped)
    assert found.folder == shipped
    assert "other shipped weights" in found.problem


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_noticed(site: Path, shipped: Path, name: str) -> None:
    version = learned(site, shipped, "first")
    (site / version / name).write_text("half")
    assert name in choose(site, shipped).problem


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_manifest_that_is_none_is_noticed(site: Path, shipped: Path, text: str) -> None:
    version = learned(site, shipped, "first")
    (site / version / "manifest.json").write_text(text)
    found = choose(site, shipped)
    assert found.folder == shipped
    assert "cannot be read" in found.problem
    assert undo(site) == ""


@pytest.mark.parametrize("name", ["gone", "../shipped", "/etc", ".hidden"])
def test_only_a_version_of_this_folder_can_be_in_use(site: Path, shipped: Path, name: str) -> None:
    learned(site, shipped, "first")
    (site / "current").write_text(name)
    found = choose(site, shipped)
    assert found.folder == shipped
    assert found.problem
    assert undo(site) == ""


def test_what_fails_half_way_leaves_what_was_there(site: Path, shipped: Path) -> None:
    first = learned(site, shipped, "first")

    def fails(folder: Path) -> None:
        (folder / "network.npz").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(WeightsError, match="No space left"):
        write(site, fails, at="2026-11-24T11:00:00", by="x", lessons=1, figures={}, shipped=shipped)
    assert choose(site, shipped).name == first


def test_nobody_else_may_read_them(site: Path, shipped: Path) -> None:
    version = learned(site, shipped, "first")
    assert site.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (site / version).iterdir())


def test_old_versions_go_and_those_to_undo_to_stay(site: Path, shipped: Path) -> None:
    names = [learned(site, shipped, f"number {number}", number) for number in range(KEPT + 2)]
    assert sorted(path.name for path in site.iterdir() if path.is_dir()) == sorted(names[-KEPT:])


def test_a_manifest_reads_as_it_was_written(site: Path, shipped: Path) -> None:
    version = learned(site, shipped, "first")
    written = json.loads((site / version / "manifest.json").read_text())
    assert asdict(site_weights.read_manifest(site / version)) == written
    assert written["base"] == site_weights.digest_of(shipped)
