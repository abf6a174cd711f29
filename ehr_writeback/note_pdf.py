"""The note of a call on one page, for paper and for fax: the same bytes for the same text.

What does not fit is not shrunk away: the page ends with a line that says how many lines are left out, and
where they stand.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from datetime import datetime

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

MARGIN_PT = 45.0
FONT, BOLD, FONT_PT, LEADING_PT = "Courier", "Courier-Bold", 8.0, 9.5
COURIER_EM = 0.6  # every character of Courier is this wide
_WIDTH_CHARS = int((LETTER[0] - 2 * MARGIN_PT) / (FONT_PT * COURIER_EM))
MAX_LINES = int((LETTER[1] - 2 * MARGIN_PT) / LEADING_PT)
LEFT_OUT = "... {count} more lines: see the note of call {call_id} in the chart."


def note_pdf(text: str, call_id: str, made: datetime) -> bytes:
    """One US Letter page. ``made`` is the instant of the note, for the document's own date."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=LETTER, invariant=1, pageCompression=0)
    canvas.setTitle(f"Telephone encounter {call_id}")
    canvas.setAuthor("AI phone assistant")
    canvas.setSubject(f"Note of {made:%Y-%m-%d %H:%M} UTC")
    for at, line in enumerate(shown(text, call_id)):
        canvas.setFont(BOLD if line.isupper() else FONT, FONT_PT)
        canvas.drawString(MARGIN_PT, LETTER[1] - MARGIN_PT - FONT_PT - at * LEADING_PT, line)
    canvas.showPage()
    canvas.save()
    return page.getvalue()


def shown(text: str, call_id: str) -> list[str]:
    """The lines on the page: those of the note, wrapped, as many as there is room for."""
    lines = [part for line in text.rstrip("\n").splitlines() for part in _wrapped(line)]
    if len(lines) <= MAX_LINES:
        return lines
    kept = lines[: MAX_LINES - 1]
    return [*kept, LEFT_OUT.format(count=len(lines) - len(kept), call_id=call_id)]


def _wrapped(line: str) -> Iterator[str]:
    if not line.strip():
        yield ""
        return
    indent = "  " if line.lstrip().startswith("- ") else ""
    yield from textwrap.wrap(_printable(line), _WIDTH_CHARS, subsequent_indent=indent)


def _printable(line: str) -> str:
    """In the letters that the page's own font has; what it lacks is a question mark, not a gap."""
    plain = line.translate(_PLAIN)
    return plain.encode("cp1252", errors="replace").decode("cp1252")


_PLAIN = str.maketrans({"\t": " ", "\u00a0": " "})
