"""docs/licences.md names every package that is pinned, and a licence for each."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-torch.txt", "requirements-nodeps.txt")


def listed() -> dict[str, tuple[str, str]]:
    rows = [
        line.strip("| ").split(" | ") for line in (ROOT / "docs" / "licences.md").read_text().splitlines()
    ]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3 and row[0] not in ("Package", "---")}


def pinned() -> dict[str, str]:
    lines = [line.split("#")[0].strip() for file in FILES for line in (ROOT / file).read_text().splitlines()]
    names = [re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==(.+)", line) for line in lines]
    return {found[1].lower().replace("_", "-"): found[2] for found in names if found}


def test_every_pinned_package_stands_in_the_list_with_its_version() -> None:
    """Another list is written by `make sbom`."""
    versions = {name: version for name, (version, _) in listed().items()}
    missing = {name for name, version in pinned().items() if versions.get(name) != version}
    assert not missing


def test_every_licence_is_known() -> None:
    assert len(listed()) > 100
    assert all(licence and licence != "not said" for _, licence in listed().values())
