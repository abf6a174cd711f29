"""Signs that are words: "&", "@", "#" and their like. Runs last, when no digits are left."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.rules import Rule

_WORDS: Final = {
    "&": "and", "@": "at", "=": "equals", "<": "less than", ">": "more than", "\u00b1": "plus or minus",
    "\u2264": "at most", "\u2265": "at least", "~": "about", "#": "pound", "*": "star", "%": "percent",
    "$": "dollars", "\u00d7": "times", "+": "plus",
    "\u00f7": "divided by", "\u00b0": "degrees", "\u00a2": "cents",
}  # fmt: skip
_SILENT: Final = '[]{}|\\^_`"\u2044'

RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"[" + re.escape("".join(_WORDS)) + "]"), lambda found: f" {_WORDS[found[0]]} "),
    (re.compile(r"[" + re.escape(_SILENT) + "]"), lambda _: " "),
    (re.compile(r"/(?:\s*/)+"), lambda _: "/"),
    (re.compile(r"\s-{1,}\s|--+|\s/\s*|/\s+"), lambda _: ", "),
    (re.compile(r"\.{2,}"), lambda _: ". "),
)
