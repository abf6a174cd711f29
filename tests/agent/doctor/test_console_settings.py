"""What staff changed in the console is told beside the file, and a file that says otherwise is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from agent.preparing import keyring_of, practice_book, prepare_tool
from agent.settings import Settings
from backends.practice import DEMO_PRACTICE
from models.practice import FROM_THE_FILE, save_setting
from models.storage import Storage
from tests.agent.doctor.conftest import examined, of

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def changed_in_the_console(chosen: Settings) -> None:
    storage = Storage.open(chosen.database, keyring_of(chosen))
    body = practice_book(chosen).part_of_file("office")
    storage.write_now(lambda s: save_setting(s, "office", body, at=AT, who=FROM_THE_FILE))
    mine = {**body, "practice": {"address": "1 New Road"}}
    storage.write_now(lambda s: save_setting(s, "office", mine, at=AT, who="ada"))
    storage.close()


def told(environ: dict[str, str]) -> str:
    return of(examined(environ, check="console settings"), "console settings").detail


def test_none_some_and_a_file_that_was_changed_since(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "practice.toml"
    file.write_text(DEMO_PRACTICE.read_text())
    environ["FIRSTRING_PRACTICE_FILE"] = str(file)
    environ["FIRSTRING_DATA_DIR"] = str(tmp_path / "data")
    chosen = Settings(data_dir=tmp_path / "data", practice_file=file)
    assert told(environ) == "none were changed in the console: practice.toml counts"
    prepare_tool(chosen)
    changed_in_the_console(chosen)
    assert told(environ) == "changed in the console, and counting: office"
    file.write_text(DEMO_PRACTICE.read_text().replace("12 Harbor Street, Boston", "9 Other Street, Boston"))
    assert told(environ) == "practice.toml was changed since for: Office information"
