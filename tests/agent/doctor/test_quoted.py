"""docs/operate.md quotes what the doctor really says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.agent.doctor.samples import SAMPLES, sample

pytestmark = pytest.mark.busy(about_s=40)

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "operate.md"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_manual_quotes_the_doctor(name: str, tmp_path: Path) -> None:
    block = re.search(rf"<!-- doctor: {name} -->\n```text\n(.*?)```\n", DOCUMENT.read_text(), re.DOTALL)
    assert block, f"no quotation of {name!r}"
    assert sample(name, tmp_path) == block[1], "run scripts/doctor_samples.py"
