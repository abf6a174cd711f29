"""The commands answer as their documentation says: some in a process of their own, some in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent import cli
from agent.transcribe import readable

pytestmark = pytest.mark.busy(about_s=50)

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "audio_fixtures"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def firstring(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "FIRSTRING_NOW": "2026-11-24T10:05:00-05:00",
        "FIRSTRING_STT": "pocketsphinx",
    }
    return subprocess.run(
        [sys.executable, "-m", "agent.cli", *arguments],
        cwd=home,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


Here = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch, own_logging: None) -> Here:
    """Runs a command without the seconds that a process takes to begin; the lines that it prints."""

    def ran(*arguments: str, given: str = "") -> list[dict[str, Any]]:
        monkeypatch.chdir(home)
        monkeypatch.setenv("FIRSTRING_NOW", "2026-11-24T10:05:00-05:00")
        monkeypatch.setenv("FIRSTRING_STT", "pocketsphinx")
        done = CliRunner().invoke(cli.app, arguments, input=given)
        assert done.exit_code == 0, done.exception
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ran


Refused = Callable[..., tuple[int | str | None, str]]


@pytest.fixture
def refused(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs a command that must end by itself; its exit code and what it says is wrong."""

    def ended(*arguments: str) -> tuple[int | str | None, str]:
        monkeypatch.chdir(home)
        monkeypatch.setenv("FIRSTRING_STT", "pocketsphinx")
        monkeypatch.setattr(sys, "argv", ["firstring", *arguments])
        with pytest.raises(SystemExit) as ending:
            cli.main()
        return ending.value.code, capsys.readouterr().err

    return ended


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_chat_prints_one_object_a_turn_and_then_the_call(home: Path) -> None:
    said = "i need a refill of my lisinopril\nmaria lopez\nmarch fifth nineteen eighty one\nno\n"
    said += "main street pharmacy\nyes\nno that is all\n"
    *turns, last = lines(firstring(home, "chat", "--json", "--from", "+16175550123", given=said))
    assert [turn["turn"] for turn in turns] == list(range(8))
    assert set(turns[0]) == {"turn", "caller", "agent", "phase", "identity", "actions", "ended"}
    assert turns[0]["caller"] == ""
    assert [turn["identity"] for turn in turns][2:4] == ["L0", "L1"]
    assert turns[-1]["ended"] is True
    assert last["call"]["disposition"] == "completed"
    assert any(reference.startswith("DocumentReference/") for reference in last["call"]["written"])
    assert last["call"]["tasks"]


def test_understand_names_intents_entities_and_danger(here: Here) -> None:
    given = "i need a refill of my lisinopril and i want to cancel my appointment\ni have chest pain\nxqzt\n"
    refill, danger, nothing = here("understand", given=given)
    assert set(refill) == {"text", "intent", "intents", "confidence", "entities", "red_flag"}
    assert set(refill["intents"]) == {"refill_request", "schedule_cancel"}
    assert refill["entities"]["drug"]["value"] == "lisinopril"
    start, end = refill["entities"]["drug"]["span"]
    assert refill["text"][start:end] == "lisinopril"
    assert refill["red_flag"] is None
    assert danger["red_flag"] == {"id": "RF01", "disposition": "emergency"}
    assert nothing["intent"] is None


def test_understand_takes_the_question_into_account(here: Here) -> None:
    given = "march fifth nineteen eighty one\n\x00\nmarch fifth nineteen eighty one"
    answer, nothing, again = here("understand", "--expect", "dob", "--detail", given=given)
    assert answer["entities"]["dob"]["value"] == "1981-03-05"
    nothing_found: dict[str, object] = {
        "raised": [],
        "asks about": None,
        "network suspects": None,
        "denied": [],
        "past": [],
    }
    assert answer["danger"] == nothing_found
    assert (nothing["intent"], nothing["classifier"]) == (None, {})
    assert again == answer


def test_transcribe_hears_as_a_call_would_and_reads_the_value(here: Here) -> None:
    clips = [str(FIXTURES / "maria-dob.wav"), str(FIXTURES / "robert-dob.wav")]
    first, second = here("transcribe", "--expect", "dob", *clips)
    assert set(first) == {"file", "text", "confidence", "value"}
    assert (first["value"], second["value"]) == ("1981-03-05", "1949-07-12")
    (plain,) = here("transcribe", "--words", str(FIXTURES / "james-wants-visit.wav"))
    assert "appointment" in plain["text"]
    assert "value" not in plain
    assert " ".join(word["word"] for word in plain["words"]) == plain["text"]
    assert plain["text"] not in plain["alternatives"]


def test_a_person_reads_what_was_heard_word_by_word() -> None:
    word = {"word": "yes", "confidence": 0.5, "ms": [300, 620]}
    line = {"file": "a.wav", "text": "yes", "confidence": 0.5, "words": [word], "alternatives": ["guess"]}
    told = readable({**line, "value": None})
    assert told.splitlines() == [
        'a.wav: "yes" (50% sure)',
        "  taken as: nothing, it would ask again",
        "    0.30 to  0.62 s    50%  yes",
        "  or: guess",
    ]


def test_say_writes_speech_that_can_be_heard(home: Path) -> None:
    assert firstring(home, "say", "Thank you for calling.", "-o", "said.wav").returncode == 0
    assert (home / "said.wav").stat().st_size > 8_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("transcribe", "nothing-here.wav"), "nothing-here.wav"),
        (("understand", "--expect", "poetry"), "poetry"),
        (("call",), "PUBLIC_URL"),
        (("call", "sing:loudly"), "PUBLIC_URL"),
    ],
)
def test_wrong_use_is_one_clear_line(refused: Refused, arguments: tuple[str, ...], says: str) -> None:
    code, said = refused(*arguments)
    assert code in (1, 2)
    assert says in said or "no steps given" in said
    assert "Traceback" not in said


def test_a_file_that_is_not_sound_is_named(home: Path, refused: Refused) -> None:
    (home / "noise.wav").write_bytes(b"not a wav file")
    code, said = refused("transcribe", "noise.wav")
    assert code == 1
    assert "noise.wav cannot be read as WAV" in said
