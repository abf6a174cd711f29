"""Tables of the documents, for tests that compare them with the code."""

from __future__ import annotations

from pathlib import Path

from telephony.config import TelephonyConfig

DOCS = Path(__file__).resolve().parents[2] / "docs"
CONFIG = TelephonyConfig("https://phone.example.org", "AC1", "+16175550100", "token")


def seconds(value: float) -> str:
    return f"{value:g} s"


def table(document: str, section: str) -> dict[str, str]:
    """The first two columns of a section's table of three, without its head."""
    found = (DOCS / document).read_text().split(f"## {section}")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in found.splitlines() if line.startswith("| ")]
    return {what: value for what, value, _ in rows[2:]}
