"""Recordings: kept or not, for how long, and whether there is room for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from agent import sound_folder
from agent.doctor.findings import Finding, fail, ok, warn
from agent.doctor.stored import stored
from agent.settings import Settings
from models import records

MB = 1_000_000
MB_PER_HOUR = 57.6  # two directions of 8,000 bytes a second


def recordings(chosen: Settings) -> Iterator[Finding]:
    """RECORD_CALLS, RECORDING_DAYS and RECORDINGS_MAX_MB, and the disk that they are kept on.

    Raises `FolderAway` where another folder stands in its place.
    """
    sound_folder.check(chosen.recordings_folder, stored(chosen, records.recorded_files) or ())
    if not chosen.record_calls:
        fix = "Set RECORD_CALLS to true, or leave it: staff then have the transcript only."
        yield warn(
            "recordings", "RECORD_CALLS is false: calls are not recorded, and callers not told so", fix
        )
        return
    yield _room(chosen)


def _room(chosen: Settings) -> Finding:
    hours = chosen.recordings_max_mb / MB_PER_HOUR
    detail = f"kept {chosen.recording_days} days, {chosen.recordings_max_mb} MB at most (about {hours:.0f} h)"
    if hours < 1:
        return fail(
            "recordings",
            f"RECORDINGS_MAX_MB is {chosen.recordings_max_mb}: not an hour of calls",
            "Set RECORDINGS_MAX_MB to 20000, or RECORD_CALLS to false.",
        )
    folders = (chosen.data_dir, *chosen.data_dir.absolute().parents)
    free_mb = shutil.disk_usage(next(folder for folder in folders if folder.exists())).free // MB
    if free_mb < chosen.recordings_max_mb:
        return warn(
            "recordings",
            f"{detail}; the disk has {free_mb} MB free",
            "Make room, or set RECORDINGS_MAX_MB lower: calls go on unrecorded when it is full.",
        )
    return ok("recordings", detail)
