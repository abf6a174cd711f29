"""What the recogniser's language model is made of."""

from __future__ import annotations

from collections import Counter

from agent import ear_sentences


def test_what_is_said_in_danger_can_be_heard_in_the_words_that_callers_use() -> None:
    known = ("i need a refill", "my arm hurts")
    ordinary, dangers = ear_sentences.of_callers(known), ear_sentences.of_danger(known)
    assert ordinary[:2] == known
    assert len(ordinary) > 10_000
    assert len(dangers) > 1_000
    assert any("kill myself" in text for text in dangers)
    said = Counter(word for text in (*ordinary, *dangers) for word in text.split())
    assert sum(times == 1 for times in said.values()) < 0.1 * len(said)  # each word costs all others
