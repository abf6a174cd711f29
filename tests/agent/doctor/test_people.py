"""Whether somebody can be reached: hours in which nobody is on call, and wrong numbers, are named."""

from __future__ import annotations

from pathlib import Path

from backends.practice import DEMO_PRACTICE
from tests.agent.doctor.conftest import examined, of, troubles

CHEN = '[[contacts]]\nname = "Dr. Chen"\nphone = "+16175550181"\n'
ALWAYS = '[[on_call]]\nwho = "Dr. Chen"\n'


def practice(environ: dict[str, str], tmp_path: Path, people: str) -> None:
    """The demo practice, with these people in the place of its own."""
    text = DEMO_PRACTICE.read_text()
    before, _, rest = text.partition("[[contacts]]")
    file = tmp_path / "practice.toml"
    file.write_text(before + people + rest[rest.index("[hours]") :])
    environ["FIRSTRING_PRACTICE_FILE"] = str(file)


def found(environ: dict[str, str]) -> str:
    return troubles(examined(environ, check="people on call") + examined(environ, check="pages"))


def test_the_demo_practice_is_in_order(environ: dict[str, str]) -> None:
    assert not found(environ)


def test_a_practice_without_anybody_on_call(environ: dict[str, str], tmp_path: Path) -> None:
    practice(environ, tmp_path, CHEN)
    assert "nobody is ever on call: at night a danger is paged to no one" in found(environ)


def test_hours_that_were_forgotten_are_named(environ: dict[str, str], tmp_path: Path) -> None:
    environ["FIRSTRING_NOW"] = "2026-11-23T08:00:00-05:00"
    practice(environ, tmp_path, CHEN + ALWAYS + 'weekdays = ["monday", "tuesday"]\n')
    told = found(environ)
    assert "nobody from Wed 25 Nov 00:00 to Wed 25 Nov 08:00" in told
    assert "and " in told
    assert "docs/operate.md" in told


def test_a_contact_with_the_number_of_a_line_would_call_ourselves(
    environ: dict[str, str], tmp_path: Path
) -> None:
    practice(environ, tmp_path, CHEN.replace("550181", "550170") + ALWAYS)
    assert "FAIL contacts: 1 with the number of a line of the practice" in found(environ)


def test_a_contact_abroad_is_never_texted(environ: dict[str, str], tmp_path: Path) -> None:
    practice(environ, tmp_path, CHEN.replace("+16175550181", "+442079460958") + ALWAYS)
    assert "WARN contacts: 1 with a number outside +1".lower() in found(environ).lower()


def test_e_mail_wants_a_server(environ: dict[str, str], tmp_path: Path) -> None:
    by_mail = CHEN + 'email = "chen@example.org"\nchannels = ["email"]\n'
    practice(environ, tmp_path, by_mail + ALWAYS)
    assert "SMTP_URL is not set" in found(environ)
    environ["FIRSTRING_SMTP_URL"] = "smtps://desk:secret@mail.example.org"
    assert "SMTP_URL names no sender" in found(environ)
    assert "secret" not in found(environ)
    environ["FIRSTRING_SMTP_URL"] += "?from=desk@example.org"
    assert not found(environ)
    assert "e-mail" in of(examined(environ, check="pages"), "pages").detail
