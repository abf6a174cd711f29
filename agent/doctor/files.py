"""Files and folders: whose they are, who may read them, and whether there is room."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent import settings as settings_module
from agent.doctor.findings import Finding, fail, ok, warn
from agent.first_run import OWN_PRACTICE_FIX, cannot_write
from agent.formulary_build import site_table
from agent.learned import RELEARN, weights_of
from agent.preparing import KEYS_FIX, keys_lost, practice_of
from agent.settings import Settings
from models.errors import FormularyError
from words import drug_table
from words.formulary import SHIPPED

MIN_FREE_BYTES = 1 * 2**30
LEAST_FREE_BYTES = 100 * 2**20
DISK_FIX = "Free at least 1 GiB: calls must always be storable."


def data_folder(chosen: Settings) -> Iterator[Finding]:
    check, folder = "data folder", chosen.data_dir
    existing = nearest_existing(folder)
    if not existing.is_dir():
        yield fail(check, f"{existing} is a file, not a folder", "Set DATA_DIR to another place.")
        return
    if problem := cannot_write(existing):
        yield fail(
            check, f"{existing} cannot be written: {problem}", "Give the server's user write access to it."
        )
    elif not folder.exists():
        yield ok(check, f"{folder} is made at the first start")
    else:
        yield _private(check, folder, "700")
    yield _room(existing)


def formulary(chosen: Settings) -> Iterator[Finding]:
    """The table of drugs: a site's own must be readable, or the server does not start."""
    check, shipped, own = "drugs", drug_table.read(SHIPPED), site_table(chosen)
    if not own.exists():
        yield ok(check, "the shipped table; `firstring formulary build` fills its gaps")
        return
    try:
        drugs = drug_table.laid_over(shipped, drug_table.read(own))
    except FormularyError as problem:
        yield fail(check, str(problem), problem.fix)
    else:
        yield ok(check, f"{len(drugs)} drugs, {own} over the shipped table")


def learned_weights(chosen: Settings) -> Iterator[Finding]:
    """What `firstring learn` made: in use, or passed over and why."""
    check, found = "learned weights", weights_of(chosen)
    if found.problem:
        yield warn(check, f"{found.problem}: the shipped ones are used", RELEARN)
    elif found.manifest is None:
        yield ok(check, "none: the shipped ones are used; `firstring learn` makes some from corrections")
    else:
        made = found.manifest
        yield ok(check, f"{found.name}, from {made.lessons} corrections, learned {made.learned_at[:10]}")


def nearest_existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())


def _private(check: str, path: Path, mode: str) -> Finding:
    """Ours alone: nobody else may read it, and the server's user is the one who runs this."""
    about = path.stat()
    if about.st_mode & 0o077:
        return fail(
            check, f"others may read {path} (mode {stat.S_IMODE(about.st_mode):o})", f"chmod {mode} {path}"
        )
    if about.st_uid != os.geteuid():
        return warn(
            check,
            f"{path} belongs to {_user(about.st_uid)}, and this is {_user(os.geteuid())}",
            f"Run the doctor as the server's user; if that is {_user(os.geteuid())}: chown it.",
        )
    return ok(check, f"{path}, for {_user(about.st_uid)} only")


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    detail = f"{free / 2**30:.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        return fail("disk", detail, DISK_FIX)
    return warn("disk", detail, DISK_FIX) if free < MIN_FREE_BYTES else ok("disk", detail)


def secrets(chosen: Settings) -> Iterator[Finding]:
    """The folder and each file that only the server may read; the keys, above all."""
    folder = chosen.secrets_folder
    if keys_lost(chosen):
        yield fail("keys", f"{folder / 'keys'} is gone, and the database is there", KEYS_FIX)
    if not folder.exists():
        yield ok("secrets", "made at the first start")
        return
    paths = [(folder, "700"), *((path, "600") for path in sorted(folder.iterdir()))]
    findings = [_private("secrets", path, mode) for path, mode in paths]
    bad = [finding for finding in findings if finding.fix]
    yield from bad or [ok("secrets", f"{len(paths) - 1} files, for the server's user only")]


def secret_files(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Files named by FIRSTRING_..._FILE; that they can be read was seen when the settings were."""
    for key in settings_module.SECRET_KEYS:
        name = f"{settings_module.PREFIX}{key.upper()}_FILE"
        if name not in environ or name.removesuffix("_FILE") in environ:
            continue
        path = Path(environ[name])
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield fail("secret file", f"others may read {path} (mode {mode:o})", f"chmod 600 {path}")
        else:
            yield ok("secret file", f"{path}, named by {name}")


def practice(chosen: Settings) -> Iterator[Finding]:
    """The practice's own facts, and zone data for its time zone."""
    found = practice_of(chosen)
    facts = found.facts(settings_module.clock_of(chosen)())
    if chosen.practice_file is None and not chosen.demo_practice:
        yield fail("practice", f"{facts.name}: the fictional one that comes with Firstring", OWN_PRACTICE_FIX)
    else:
        yield ok("practice", f"{facts.name}, {facts.timezone}")
