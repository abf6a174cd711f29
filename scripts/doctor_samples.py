"""Writes what `firstring doctor` says of one healthy and five broken set-ups into docs/operate.md.

Each set-up is really made, in a folder of its own, and the doctor really run on it. What differs from
machine to machine (paths, versions, free space, ports, seconds) is replaced by a fixed word.

    python scripts/doctor_samples.py          writes the document
    python scripts/doctor_samples.py --check  exits 1 when the document says something else
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.agent.doctor.samples import SAMPLES, sample

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "operate.md"


def main() -> int:
    text = DOCUMENT.read_text()
    written = text
    for name in SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            written = put(written, name, sample(name, Path(folder)))
    if "--check" in sys.argv:
        return 0 if written == text else 1
    DOCUMENT.write_text(written)
    return 0


def put(text: str, name: str, output: str) -> str:
    """The document with ``output`` in the block that follows the marker of this name."""
    pattern = re.compile(rf"(<!-- doctor: {name} -->\n```text\n).*?(```\n)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"{DOCUMENT.name} has no block for {name!r}")
    return pattern.sub(lambda match: match[1] + output + match[2], text)


if __name__ == "__main__":
    sys.exit(main())
