"""The ten calls of docs/transcripts are what the program says today; `make transcripts` writes them anew."""

from __future__ import annotations

from benchmarks.transcripts import FOLDER, SCRIPTS, pages


def test_the_transcripts_are_up_to_date() -> None:
    assert len(SCRIPTS) == 10
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert written == dict(pages()), "run `make transcripts` and read what has changed"
