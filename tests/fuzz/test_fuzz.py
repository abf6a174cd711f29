"""Some seconds of fuzzing for each reader of what comes from outside, and every input that ever broke one."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.fuzzing import TARGETS

SECONDS = 3
FOUND: list[tuple[str, str, bytes]] = [
    ("twiml", "half a surrogate pair", b"<Response><Say>\xff</Say></Response>"),
    (
        "charts",
        "a contained resource of no kind",
        b'{"resourceType":"Patient","contained":[{"resourceType":"X"}]}',
    ),
    ("twiml", "nested without end", b"<Response>" + b"<Dial>" * 3_000 + b"</Dial>" * 3_000 + b"</Response>"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_is_read(target: str) -> None:
    module = importlib.import_module(f"benchmarks.fuzzing.{target}")
    assert len(module.seeds()) >= 5
    for seed in module.seeds():
        module.once(seed)


@pytest.mark.parametrize(("target", "what", "data"), FOUND)
def test_what_once_broke_a_reader_does_so_no_more(target: str, what: str, data: bytes) -> None:
    importlib.import_module(f"benchmarks.fuzzing.{target}").once(data)


@pytest.mark.parametrize("target", TARGETS)
def test_some_seconds_find_no_crash(target: str, tmp_path: Path) -> None:
    """The long form: ``python -m benchmarks.fuzz``."""
    pytest.importorskip("atheris", reason="the extra `fuzz` is not installed (no atheris for this Python)")
    result = fuzz.fuzz(target, SECONDS, seed=1, corpus=tmp_path / target)
    assert not result.crashes, f"{result.error}; again: --replay {target}={result.input}"
    assert result.runs > 0


def test_a_crash_is_found_and_can_be_replayed(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the extra `fuzz` is not installed (no atheris for this Python)")
    result = fuzz.fuzz("planted", 30, seed=1, corpus=tmp_path / "planted")
    assert result.crashes == 1
    assert "ZeroDivisionError" in result.error
    with pytest.raises(ZeroDivisionError):
        fuzz.replay(f"planted={result.input}")
