"""Streams that do not come about: a call must not be sent in circles, in silence, by documents alone."""

from __future__ import annotations

from collections import OrderedDict

MOST = 2  # further tries for a stream that did not begin; then the practice's telephone takes the call
REMEMBERED = 2_000  # calls, the oldest forgotten first


class Tries:
    """Counts, by call, how often the carrier asked how to go on without a stream having begun."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, int] = OrderedDict()

    def asked(self, call_id: str) -> bool:
        """Once more; True while it is worth another stream."""
        self._asked[call_id] = self._asked.pop(call_id, 0) + 1
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return self._asked[call_id] <= MOST

    def begun(self, call_id: str) -> None:
        self._asked.pop(call_id, None)
