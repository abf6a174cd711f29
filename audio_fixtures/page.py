"""Writes the tables of docs/listening.md: what the recogniser makes of every clip, and how long silences are.

The clips are really heard, by pocketsphinx as on a call (8 kHz, mu-law) with the fictional practice's words.
Run it when clips, recogniser or endpointing have changed.

    python -m audio_fixtures.page          writes the document
    python -m audio_fixtures.page --check  exits 1 when the document says something else
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.settings import Settings
from agent.transcribe import run
from models.domain import Expectation, ExpectationKind
from voice.endpointing import Patience, SoFar
from voice.hesitation import Hesitation

CLIPS = Path(__file__).parent
DOCUMENT = CLIPS.parent / "docs" / "listening.md"
EXPECTED = {  # by the end of a clip's name: the question it answers; all others answer an open one
    "dob": ExpectationKind.DOB,
    "name": ExpectationKind.NAME,
    "yes": ExpectationKind.YES_NO,
    "problems": ExpectationKind.YES_NO,
    "done": ExpectationKind.YES_NO,
}
WORDS = {"None": "asked again", "True": "yes", "False": "no"}


def main() -> int:
    text = DOCUMENT.read_text()
    written = put(put(text, "clips", clip_table()), "silences", silence_table())
    if "--check" in sys.argv:
        return 0 if written == text else 1
    DOCUMENT.write_text(written)
    return 0


def put(text: str, name: str, table: str) -> str:
    """The document with ``table`` between the markers of this name."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"{DOCUMENT.name} has no markers for {name!r}")
    return pattern.sub(lambda match: match[1] + table + match[2], text)


def clips() -> list[tuple[Path, dict[str, Any]]]:
    """Every caller clip that says something, and what is known of it."""
    found = (
        (path.with_suffix(".wav"), json.loads(path.read_text())) for path in sorted(CLIPS.glob("*.json"))
    )
    return [(path, about) for path, about in found if about.get("words")]


def expected(clip: Path) -> ExpectationKind:
    return EXPECTED.get(clip.stem.rsplit("-", 1)[-1], ExpectationKind.OPEN)


def clip_table() -> str:
    found = clips()
    heard = hear([path for path, _ in found])
    rows = [clip_row(path, about, heard[path]) for path, about in found]
    head = "| Clip | Said | Voice | Expected | Heard | Value |\n| --- | --- | --- | --- | --- | --- |\n"
    return head + "".join(f"{row}\n" for row in rows)


def clip_row(path: Path, about: dict[str, Any], heard: dict[str, Any]) -> str:
    voice = f"{about['voice']}, {about['noise']}" if about.get("noise") else about["voice"]
    value = heard.get("value", "")
    shown = WORDS.get(str(value), value)
    kind = expected(path)
    return (
        f"| [{path.stem}](../audio_fixtures/{path.name}) | {about['words']} | {voice} | {kind} "
        f"| {heard['text'] or '(nothing)'} | {shown} |"
    )


def hear(paths: Sequence[Path]) -> dict[Path, dict[str, Any]]:
    """What each clip became, each under its own expectation."""
    heard: dict[Path, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings(data_dir=Path(folder) / "data", stt="pocketsphinx", demo_practice=True)
        for kind in sorted({expected(path) for path in paths}):
            ours = [path for path in paths if expected(path) is kind]
            expect = None if kind is ExpectationKind.OPEN else kind.value
            heard |= dict(zip(ours, run(chosen, ours, expect, wideband=False), strict=True))
    return heard


def silence_table() -> str:
    head = (
        "| Question | usually | the answer is whole | it is visibly unfinished | a hesitant caller |\n"
        "| --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(f"{silence_row(kind)}\n" for kind in ExpectationKind)


def silence_row(kind: ExpectationKind) -> str:
    patience = Patience.for_answer(Expectation(kind))
    slow = Hesitation()
    for _ in range(3):
        slow.went_on(10_000, 100)
    silences = [
        patience.given(SoFar.UNKNOWN, Hesitation()),
        patience.given(SoFar.COMPLETE, Hesitation()),
        patience.given(SoFar.UNFINISHED, Hesitation()),
        patience.given(SoFar.UNKNOWN, slow),
    ]
    return f"| {kind} | " + " | ".join(f"{each} ms" for each in silences) + " |"


if __name__ == "__main__":
    sys.exit(main())
