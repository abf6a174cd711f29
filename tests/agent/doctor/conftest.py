"""A set-up in which nothing is wrong, to be spoiled by the tests, and the doctor's findings on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agent.doctor import CHECKS, examine
from agent.doctor.findings import Finding, Outcome
from agent.local_server import free_port
from agent.preparing import ensure_demo
from agent.settings import Settings

HEALTHY_SID, HEALTHY_TOKEN = "AC" + "0123456789abcdef" * 2, "fedcba9876543210" * 2
Examined = Callable[..., list[Finding]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "FIRSTRING_CONFIG": str(tmp_path / "firstring.toml"),
        "FIRSTRING_DATA_DIR": str(tmp_path / "data"),
        "FIRSTRING_PUBLIC_URL": "https://phone.invalid",
        "FIRSTRING_TWILIO_ACCOUNT_SID": HEALTHY_SID,
        "FIRSTRING_TWILIO_AUTH_TOKEN": HEALTHY_TOKEN,
        "FIRSTRING_STAFF_NUMBER": "+16175550100",
        "FIRSTRING_HOST": "127.0.0.1",
        "FIRSTRING_PORT": str(free_port()),
        "FIRSTRING_PRIVATE_PORT": str(free_port()),
    }


def examined(environ: Mapping[str, str], setting: str = "", check: str = "") -> list[Finding]:
    """Findings of the checks that cover ``setting``, or are called ``check``."""
    chosen = tuple(each for each in CHECKS if setting in each.covers or each.name == check)
    return list(examine(None, environ, chosen))


def of(findings: list[Finding], check: str) -> Finding:
    (found,) = [finding for finding in findings if finding.check == check]
    return found


def troubles(findings: list[Finding]) -> str:
    """What is not in order, with its fix, as one text."""
    bad = (Outcome.WARN, Outcome.FAIL)
    return "\n".join(
        f"{each.outcome.value} {each.check}: {each.detail} | {each.fix}"
        for each in findings
        if each.outcome in bad
    )


def made(environ: Mapping[str, str]) -> Path:
    """The data folder of a server that has been started once."""
    folder = Path(environ["FIRSTRING_DATA_DIR"])
    ensure_demo(Settings(data_dir=folder))
    return folder
