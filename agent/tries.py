"""Streams that do not come about: a call must not be sent in circles, in silence, by documents alone."""

from __future__ import annotations

from collections import OrderedDict

MOST = 2  # further tries for a stream that was not opened; then the practice's telephone takes the call
REMEMBERED = 2_000  # calls, the oldest forgotten first


class Tries:
    """Counts, by call, how often the carrier asked how to go on without a stream having been opened.

    A stream may be opened by another process than the one that was asked: the call's epoch in the database,
    which counts who took it over, tells that it was.
    """

    def __init__(self) -> None:
        self._asked: OrderedDict[str, tuple[int, int]] = OrderedDict()  # epoch, how often

    def asked(self, call_id: str, epoch: int) -> bool:
        """Once more; True while it is worth another stream."""
        before_epoch, before = self._asked.pop(call_id, (epoch, 0))
        count = before + 1 if before_epoch == epoch else 1
        self._asked[call_id] = epoch, count
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return count <= MOST
