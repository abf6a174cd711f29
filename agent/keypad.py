"""When key presses are an answer. Pure."""

from __future__ import annotations


def is_complete(keys: str, wanted: int) -> bool:
    """Whether what was pressed need not wait for more keys. ``wanted``: digits the question asks for.

    ``#`` ends any number, and a number as long as the question wants is whole. Where more digits are
    wanted, a first 0 may begin a birth date: it asks for a person only when nothing follows it.
    """
    return keys.endswith("#") or len(keys) >= max(1, wanted)
