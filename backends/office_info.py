"""What a practice tells anybody who asks: the ``[[office_info]]`` of a ``practice.toml``."""

from __future__ import annotations

from backends.practice_file import Table
from models.domain import OfficeTopic

ANSWER_LIMIT = 240  # characters: two sentences for an ear


def read_office_info(file: Table) -> tuple[OfficeTopic, ...]:
    """The topics in their order. Raises `SettingsError` for one without words, or with a long answer."""
    topics = tuple(_topic(table) for table in file.tables("office_info"))
    names = [topic.topic for topic in topics]
    if len(set(names)) < len(names):
        raise file.wrong("office_info", "each topic is needed once")
    return topics


def _topic(table: Table) -> OfficeTopic:
    table.only(("topic", "answer", "spoken"))
    name, answer, spoken = table.text("topic"), table.text("answer"), table.texts("spoken")
    if " " in name:
        raise table.wrong("topic", "one word is needed, or several joined by hyphens")
    if len(answer) > ANSWER_LIMIT or not answer.endswith("."):
        raise table.wrong("answer", f"a sentence or two of {ANSWER_LIMIT} characters at most is needed")
    if not spoken or not all(words.split() for words in spoken):
        raise table.wrong("spoken", "at least one way to ask for it is needed")
    return OfficeTopic(name, answer, spoken)
