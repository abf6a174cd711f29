"""What Whisper is told to expect: the question's kind and its likely answers, as if said just before.

Whisper takes no orders; it goes on in the style and with the spellings of the text before. Nothing here
is ever spoken, and a text that merely repeats it is not believed (`whisper_gates`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from models.domain import Choice, Expectation, ExpectationKind

MOST_TOKENS: Final = 90

_HINTS: Final = {
    ExpectationKind.DOB: "My date of birth: month, day and year.",
    ExpectationKind.PHONE: "My phone number, digit by digit.",
    ExpectationKind.ZIP: "My zip code, five digits.",
    ExpectationKind.NUMBER: "The number.",
    ExpectationKind.SPELLING: "I'll spell it, letter by letter.",
    ExpectationKind.NAME: "My first and last name.",
    ExpectationKind.YES_NO: "Yes or no.",
    ExpectationKind.CHOICE: "One of these:",
    ExpectationKind.DRUG: "My medicine:",
    ExpectationKind.OPEN: "",
}


def prompt_for(expectation: Expectation, tokens_in: Callable[[str], int]) -> str:
    """Hint and likely answers, the first ones first, cut between two answers where it gets too long."""
    text = _HINTS[expectation.kind]
    length = tokens_in(text)
    kept: list[str] = []
    for words in _spoken(expectation.choices):
        length += tokens_in(f" {words},")
        if length > MOST_TOKENS:
            break
        kept.append(words)
    return f"{text} {', '.join(kept)}.".strip() if kept else text


def _spoken(choices: tuple[Choice, ...]) -> Iterator[str]:
    """Every answer's first form, then the other forms."""
    forms = [choice.spoken for choice in choices if choice.spoken]
    yield from dict.fromkeys(
        form[place] for place in range(max(map(len, forms), default=0)) for form in forms if place < len(form)
    )
