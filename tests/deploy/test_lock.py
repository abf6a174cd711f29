"""What `make setup` installs is named file by file: the locks hold every package, with its hashes."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ("requirements", "requirements-nodeps")
_NAMED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?(?:==([^\s;]+))?(?:\s*;.*)?")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def name_of(text: str) -> str:
    """As PEP 503 has it: one spelling for each."""
    return re.sub(r"[-_.]+", "-", text).lower()


def wanted(name: str) -> dict[str, str]:
    """Version by package, "" where the file leaves it open."""
    lines = (line.split("#")[0].strip() for line in (ROOT / f"{name}.txt").read_text().splitlines())
    found = [_NAMED.fullmatch(line) for line in lines if line]
    assert all(found), f"{name}.txt holds names and versions alone"
    return {name_of(each[1]): each[2] or "" for each in found if each}


def entries(name: str) -> list[tuple[str, str, list[str]]]:
    """Package, version, and what stands below it."""
    text = (ROOT / f"{name}.lock").read_text().replace("\\\n", "")
    parts = [re.split(r"\s+(?=--)", line.strip()) for line in text.splitlines() if not line.startswith("#")]
    named = [(_NAMED.fullmatch(head), hashes) for head, *hashes in parts]
    assert all(found for found, _ in named), f"{name}.lock holds packages alone: no address, no option"
    return [(name_of(found[1]), found[2] or "", hashes) for found, hashes in named if found]


def locked(name: str) -> dict[str, set[str]]:
    """Versions by package: another for some Pythons, perhaps."""
    versions: dict[str, set[str]] = {}
    for package, version, _ in entries(name):
        versions.setdefault(package, set()).add(version)
    return versions


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_that_is_named_is_locked_at_its_version(name: str) -> None:
    """`make lock` writes the locks anew."""
    versions = locked(name)
    missing = {
        package: version
        for package, version in wanted(name).items()
        if package not in versions or (version and versions[package] != {version})
    }
    assert not missing


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_has_one_version_and_hashes_and_nothing_else(name: str) -> None:
    for package, version, hashes in entries(name):
        assert version, package
        assert hashes, package
        assert all(_HASH.fullmatch(each) for each in hashes), package


def test_what_a_locked_package_needs_is_locked_too() -> None:
    """As far as it is installed here, which depends on the system and the Python."""
    versions, absent = locked("requirements"), set()
    for package in versions:
        try:
            needs = metadata.requires(package) or []
        except metadata.PackageNotFoundError:
            continue
        absent |= {(package, need) for need in map(needed_here, needs) if need and need not in versions}
    assert not absent


def needed_here(need: str) -> str:
    """The package's name; "" where a condition stands beside it, which this system may not meet."""
    return "" if ";" in need else name_of(re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0])


def test_the_parser_that_faces_the_internet_is_locked() -> None:
    assert locked("requirements")["h11"] == {metadata.version("h11")}


def test_setup_looks_at_the_hashes_of_all_but_torch() -> None:
    setup = (ROOT / "scripts" / "setup.sh").read_text()
    installs = re.findall(r"^ +pip .*install .*-r (\S+)", setup, flags=re.MULTILINE)
    assert installs == ["requirements-torch.txt", *(f"{name}.lock" for name in LOCKED)]
    for name in LOCKED:
        (line,) = [line for line in setup.splitlines() if f"-r {name}.lock" in line]
        assert "--require-hashes" in line
