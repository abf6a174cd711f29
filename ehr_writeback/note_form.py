"""The note as data: the same lines as its text, each with the turns of the call that bear it out. Pure."""

from __future__ import annotations

import base64
import re
from typing import Any

from ehr_writeback.checker import CHECKS

Json = dict[str, Any]
_TURN = re.compile(r" ?\[t(\d+)\]")


def structured(text: str) -> Json:
    """Title, head and sections. A line without turns rests on the call's own record, or tells of nothing."""
    title, *rest = text.splitlines()
    form: Json = {"title": title, "head": [], "sections": []}
    for line in rest:
        if line in CHECKS:
            form["sections"].append({"title": line, "lines": []})
        elif line.strip() and form["sections"]:
            form["sections"][-1]["lines"].append(_line(line))
        elif line.strip():
            label, _, value = line.partition(": ")
            form["head"].append({"label": label, "value": value})
    return form


def _line(line: str) -> Json:
    """``detail``: it belongs to the line above, as a rule does to its refill."""
    words = line.strip().removeprefix("- ")
    turns = [int(number) for number in _TURN.findall(words)]
    detail = {"detail": True} if line.startswith("  ") else {}
    return {"text": _TURN.sub("", words), "turns": list(dict.fromkeys(turns)), **detail}


def text_in(document: Json) -> str:
    """The plain text of a DocumentReference that is a note."""
    return base64.b64decode(document["content"][0]["attachment"]["data"]).decode()
