"""Which telephones may be reached at all: what is typed into the on-call list becomes a number we dial."""

from __future__ import annotations

import re
from collections.abc import Collection

# North American Numbering Plan, https://www.nanpa.com/numbering: area codes of other countries, which are
# charged as calls abroad, and the codes for services that cost by the minute.
_ABROAD = frozenset(
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876".split()
)
_BY_THE_MINUTE = ("900", "976")
_NANP = re.compile(r"\+1([2-9]\d\d)([2-9]\d\d)\d{4}")
_SAME_COUNTRY = 3  # characters of "+44..." that must agree


def problem_of(number: str, practice_number: str, ours: Collection[str]) -> str:
    """Why a number may not be on the list, "" where it may. ``ours``: of the practice's lines, E.164."""
    if number in ours:
        return "This is a line of the practice: a call to it comes back to Firstring."
    if not practice_number.startswith("+1"):
        same = number[:_SAME_COUNTRY] == practice_number[:_SAME_COUNTRY]
        return "" if same else "A number of the practice's own country is needed."
    found = _NANP.fullmatch(number)
    if found is None:
        return "A number in the United States or Canada is needed, such as +16175550100."
    if found[1] in _ABROAD:
        return "This area code is charged as a call abroad: it is never dialled."
    if found[1] in _BY_THE_MINUTE or found[2] in _BY_THE_MINUTE:
        return "Numbers that cost by the minute are never dialled."
    return ""
