"""docs/listening.md is true: its links lead somewhere, its commands exist, its tables are the program's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from agent.cli import app
from agent.say import run
from agent.settings import Settings
from audio_fixtures import page
from telephony.double.script import parse_steps
from voice import espeak

TEXT = page.DOCUMENT.read_text()
RUN_SCRIPT = "run python -m audio_fixtures.page"
COMMANDS = [
    shlex.split(line, comments=True)
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/firstring ")
]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (page.DOCUMENT.parent / link).resolve().is_file()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_takes_what_the_page_gives_it(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    context = commands[words[1]].make_context(words[1], words[2:], resilient_parsing=False)
    if words[1] == "call":
        monkeypatch.chdir(tmp_path)
        Path("me.wav").touch()  # the reader's own
        assert parse_steps(context.params["steps"])


def test_what_the_page_lets_the_agent_say_can_be_said(tmp_path: Path) -> None:
    if not espeak.available():
        pytest.skip("libespeak-ng is not installed")
    said = [words[2] for words in COMMANDS if words[1] == "say"]
    assert len(said) >= 3
    for number, text in enumerate(said):
        run(Settings(), text, tmp_path / f"{number}.wav")
        assert (tmp_path / f"{number}.wav").stat().st_size > 20_000


def test_every_clip_stands_there_with_its_words() -> None:
    for path, about in page.clips():
        row = f"| [{path.stem}](../audio_fixtures/{path.name}) | {about['words']} | {about['voice']}"
        assert row in TEXT, RUN_SCRIPT


def test_the_silences_are_those_of_the_program() -> None:
    assert page.silence_table() in TEXT, RUN_SCRIPT
