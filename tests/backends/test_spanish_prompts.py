"""The Spanish wordings as a file: nobody has signed what ships, and a copy is used once somebody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.spanish_prompts import OWN, SHIPPED, faults, read, read_own, signed_prompts
from models.errors import SettingsError

SIGNED = """[signed]
by = "Ana Ruiz"
on = "2026-11-20"
qualification = "certified medical translator"
"""


def copied(folder: Path, *changes: tuple[str, str], signed: bool = True) -> Path:
    """The practice's copy of the file that ships."""
    head, _, rest = SHIPPED.read_text(encoding="utf-8").partition("\n[signed]\n")
    tail = rest[rest.index("[sentences") :]
    text = f"{head}\n{SIGNED if signed else ''}\n{tail}"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / OWN).write_text(text, encoding="utf-8")
    return folder


def test_what_ships_is_not_signed_and_without_a_fault() -> None:
    shipped = read(SHIPPED)
    assert shipped.signature is None
    assert list(faults(shipped.prompts)) == []


def test_without_a_copy_nothing_is_signed(tmp_path: Path) -> None:
    assert signed_prompts(tmp_path) is None


def test_an_unsigned_copy_is_not_used(tmp_path: Path) -> None:
    assert read_own(copied(tmp_path, signed=False)) is not None
    assert signed_prompts(tmp_path) is None


def test_a_signed_copy_is_used_with_the_words_of_its_translator(tmp_path: Path) -> None:
    prompts = signed_prompts(copied(tmp_path, ("Esta llamada se graba.", "Grabamos esta llamada.")))
    assert prompts is not None
    assert dict(prompts.said)["This call is recorded."] == "Grabamos esta llamada."


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("cuelgue y llame al 911.", "cuelgue y llame al 912.", "has other numbers"),
        ("Envenenamiento al 1-800-222-1222.", "Envenenamiento.", "has other numbers"),
        ("al 988 ahora mismo?", "al ahora mismo?", "has other numbers"),
        ("¿Puede llamarles ahora mismo?", "Llame ahora.", "a question stays a question"),
        ("Ya les avisé.", "Soy enfermera y ya les avisé.", "as if we had a licence"),
        ("Ya les avisé.", "Soy una doctora.", "as if we had a licence"),
        ("Ya les avisé.", "Personal certificado.", "as if we had a licence"),
        ('english = "This call is recorded."', 'english = "We record."', "there is no Spanish for"),
        ('by = "Ana Ruiz"', 'by = ""', "signed.by"),
        ('on = "2026-11-20"', 'on = "soon"', "signed.on"),
        ('qualification = "certified medical translator"', "", "signed.qualification"),
        ("[sentences.ai]", "[sentences.ai", "cannot be read"),
        ('spanish = "Ya les avisé."', "", "spanish: a text is needed"),
    ],
)
def test_a_wrong_copy_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        signed_prompts(copied(tmp_path, (old, new)))
