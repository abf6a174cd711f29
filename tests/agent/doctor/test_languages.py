"""Spanish wordings: the doctor says whether they are signed, by whom, and whether a voice can say them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.doctor.findings import Outcome
from agent.preparing import spanish_of
from agent.settings import Settings
from tests.agent.doctor.conftest import examined, of
from tests.backends.test_spanish_prompts import copied
from voice import spanish


def folder(environ: dict[str, str]) -> Path:
    made = Path(environ["FIRSTRING_DATA_DIR"])
    made.mkdir(parents=True)
    return made


def test_nothing_is_signed_at_first(environ: dict[str, str]) -> None:
    found = of(examined(environ, check="other languages"), "spanish wordings")
    assert found.outcome is Outcome.OK
    assert found.detail.startswith("not signed: who speaks Spanish hears English")


def test_a_copy_waits_for_its_signature(environ: dict[str, str]) -> None:
    copied(folder(environ), signed=False)
    found = of(examined(environ, check="other languages"), "spanish wordings")
    assert "spanish.toml is not signed" in found.detail


def test_who_signed_is_named(environ: dict[str, str]) -> None:
    data_dir = copied(folder(environ))
    found = of(examined(environ, check="other languages"), "spanish wordings")
    assert (found.outcome, "signed by Ana Ruiz on 2026-11-20" in found.detail) == (Outcome.OK, True)
    assert spanish_of(Settings(data_dir=data_dir)) is not None


def test_signed_wordings_without_a_voice_are_not_spoken(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = copied(folder(environ))
    monkeypatch.setattr(spanish, "SPANISH_VOICE", "es-nowhere")
    found = of(examined(environ, check="other languages"), "spanish wordings")
    assert (found.outcome, "no voice here speaks Spanish" in found.detail) == (Outcome.WARN, True)
    assert spanish_of(Settings(data_dir=data_dir)) is None


def test_a_wrong_copy_is_named_with_its_fix(environ: dict[str, str]) -> None:
    copied(folder(environ), ("Esta llamada se graba.", "Soy enfermera."))
    found = of(examined(environ, check="other languages"), "spanish wordings")
    assert found.outcome is Outcome.FAIL
    assert "sounds as if we had a licence" in found.detail
    assert "spanish.toml" in found.fix
