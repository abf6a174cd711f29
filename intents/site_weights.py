"""Weights that a site learned for itself: kept apart from the shipped ones, and used only where they fit.

    SITE/current              the name of the version in use; no file: the shipped weights
    SITE/NAME/network.npz     a version, written once and never changed
    SITE/NAME/manifest.json   what it was made from, and the hashes of its files

A version fits when its files are whole and it was made from exactly the weights that are shipped now: after
an update of Firstring the corrections are to be learned again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import FirstringError

SHIPPED = Path(__file__).parent / "weights"
FILES = ("network.npz",)
FORMAT = 1
KEPT = 5  # versions, the one in use and those before it
CURRENT, MANIFEST = "current", "manifest.json"
Fill = Callable[[Path], None]


class WeightsError(FirstringError):
    """Learned weights could not be written, or there are none to go back from."""

    code = "site-weights"
    fix = "Give the server's user write access to the folder, and see that the disk has room."


@dataclass(frozen=True, slots=True)
class Manifest:
    """``base`` is the hash of the shipped weights that a version began from; ``previous`` "" is those."""

    base: str
    files: dict[str, str]
    learned_at: str
    learned_by: str
    lessons: int
    previous: str
    figures: dict[str, float]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which weights to load. ``name`` "" and no manifest: the shipped ones; ``problem``: why not others."""

    folder: Path = SHIPPED
    name: str = ""
    manifest: Manifest | None = None
    problem: str = ""


def choose(site: Path, shipped: Path = SHIPPED) -> Chosen:
    """The learned weights in use where they fit, else the shipped ones and why. Raises nothing."""
    try:
        name = current(site)
        if not name:
            return Chosen(shipped)
        manifest = read_manifest(site / name)
        problem = _unfit(site / name, manifest, shipped)
    except (OSError, ValueError, TypeError, KeyError) as fault:
        return Chosen(shipped, problem=f"the learned weights cannot be read ({type(fault).__name__})")
    return Chosen(shipped, problem=problem) if problem else Chosen(site / name, name, manifest)


def current(site: Path) -> str:
    """The name of the version in use, "" for the shipped weights. Raises ValueError for no name at all."""
    path = site / CURRENT
    name = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if name and (Path(name).name != name or name.startswith(".")):
        raise ValueError("not a version's name")
    return name


def read_manifest(folder: Path) -> Manifest:
    """Raises OSError, ValueError, TypeError or KeyError for what is not one."""
    found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if found["format"] != FORMAT:
        raise ValueError("a manifest of another format")
    return Manifest(**found)


def _unfit(folder: Path, manifest: Manifest, shipped: Path) -> str:
    if manifest.base != digest_of(shipped):
        return "the learned weights were made for other shipped weights"
    broken = [name for name in FILES if manifest.files.get(name) != _sha256(folder / name)]
    return f"the learned weights are damaged: {broken[0]} is not as it was written" if broken else ""


def digest_of(folder: Path) -> str:
    """One hash over all weight files of a folder."""
    return hashlib.sha256("".join(_sha256(folder / name) for name in FILES).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(
    site: Path,
    fill: Fill,
    *,
    at: str,
    by: str,
    lessons: int,
    figures: dict[str, float],
    shipped: Path = SHIPPED,
) -> str:
    """A new version, whole or not at all, and in use from the next start. Returns its name.

    ``fill`` writes the files into a folder. Raises WeightsError.
    """
    with _alone(site):
        scratch = site / ".new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        fill(scratch)
        files = {name: _sha256(scratch / name) for name in FILES}
        previous = choose(site, shipped).name
        manifest = Manifest(digest_of(shipped), files, at, by, lessons, previous, figures)
        (scratch / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        name = f"{at[:19].replace(':', '')}-{digest_of(scratch)[:8]}"
        _settle(scratch, site / name)
        _use(site, name)
        _forget_old(site, name)
        return name


def undo(site: Path) -> str:
    """Back to the version before the one in use; returns its name, "" for the shipped weights.

    Raises WeightsError where the shipped weights are in use.
    """
    with _alone(site):
        try:
            name = current(site)
        except ValueError:
            name = ""  # nobody's name: back to what is shipped
        if not name and not (site / CURRENT).exists():
            raise WeightsError("the shipped weights are in use", fix="There is nothing to undo.")
        previous = _before(site, name)
        _use(site, previous)
        return previous


def _before(site: Path, name: str) -> str:
    """The version that one followed, if it is still there."""
    try:
        previous = read_manifest(site / name).previous
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    return previous if previous and (site / previous / MANIFEST).exists() else ""


def _settle(scratch: Path, folder: Path) -> None:
    """Onto the disk, for the server's user only, under its own name."""
    for path in scratch.iterdir():
        path.chmod(0o600)
        with path.open("rb") as file:
            os.fsync(file.fileno())
    shutil.rmtree(folder, ignore_errors=True)  # the same lessons, learned again within a second
    scratch.replace(folder)


def _use(site: Path, name: str) -> None:
    if not name:
        (site / CURRENT).unlink(missing_ok=True)
        return
    scratch = site / f".{CURRENT}"
    with scratch.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(site / CURRENT)


def _forget_old(site: Path, name: str) -> None:
    kept: list[str] = []
    while name and len(kept) < KEPT:
        kept.append(name)
        name = _before(site, name)
    for path in site.iterdir():
        if path.is_dir() and path.name not in kept and (path / MANIFEST).exists():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _alone(site: Path) -> Iterator[None]:
    """One writer at a time. Raises WeightsError for a folder that cannot be written."""
    try:
        site.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (site / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as fault:
        raise WeightsError(f"{site} cannot be written: {fault.strerror or fault}") from fault
