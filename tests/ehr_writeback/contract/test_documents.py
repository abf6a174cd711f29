"""docs/ehr.md shows the very table that the sender and the stubs use."""

from __future__ import annotations

from pathlib import Path

from ehr_writeback.vendor_table import WHAT, lines, sources
from ehr_writeback.vendors import CELLS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ehr.md"


def test_the_page_has_the_table_as_it_is() -> None:
    """When this fails: `python -m ehr_writeback.vendor_table`, and paste what it prints."""
    assert "\n".join(lines()) in PAGE.read_text()
    assert "\n".join(sources()) in PAGE.read_text()


def test_every_cell_is_in_the_table() -> None:
    assert {cell.resource_type for cell in CELLS} == set(WHAT)


def test_the_page_says_that_no_vendor_was_tried() -> None:
    assert "**Not tried against the vendor.**" in PAGE.read_text()
