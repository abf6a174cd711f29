"""A rule: a pattern, and what is said for what it finds. A rule may leave what it found as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def apply(rules: Iterable[Rule], text: str) -> str:
    """The text with each rule carried out on all of it, one after the other."""
    for pattern, said in rules:
        text = pattern.sub(partial(_apart, said), text)
    return text


def _apart(said: Callable[[re.Match[str]], str], found: re.Match[str]) -> str:
    """What is said, kept apart from letters and digits that stand right beside what was found."""
    words = said(found)
    if words == found[0] or not words:
        return words
    before, after = (
        found.string[found.start() - 1 : found.start()],
        found.string[found.end() : found.end() + 1],
    )
    lead = " " if before.isalnum() and words[0].isalnum() else ""
    return f"{lead}{words} " if after.isalnum() and words[-1].isalnum() else f"{lead}{words}"


def alternatives(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
