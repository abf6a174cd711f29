"""Whether one more call can be answered as well as a call has to be. No I/O: times and figures are told.

Latency decides. Replies that come too late, or an event loop that is held up, close the door to new calls; it
opens again once both have been well below their limits for some seconds. So that calls on the line need not
suffer first, the door looks ahead, too: the processor time of a call, as measured here, tells how many this
process can lead, and the number at which latency broke is remembered as a ceiling that rises again slowly.
Each process judges itself alone. A call that was answered is never given up, whatever the figures are.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

WINDOW_S = 15.0  # of replies that count
MOST_REPLIES = 512  # kept at most
LATE_SHARE = 0.05  # of replies: the limit is one for the 95th percentile
LEAST_LATE = 3  # one late reply is an accident
LAGS = 8  # looks at the loop that count: two seconds
LAGS_HELD_UP = 4  # of these
CALM_SHARE = 0.8  # of a limit: below it all is well again
CALM_S = 5.0  # for so long, before the door opens
COST = 0.02  # of a core, what a call takes of the loop: until it has been measured
LEAST_MEASURED = 4  # calls on the line: with fewer, the rest of the process is most of it
COST_WEIGHT = 0.02  # of a look in the running mean: some twelve seconds
KEEP_OF_CEILING = 0.9  # of the calls at which latency broke
CEILING_RESTS_S = 60.0  # after that
CEILING_GROWS_EVERY_S = 15.0  # by one call
# After our answer. A stream that is not there by then does not come; and in so long no more calls are taken
# than fit at once, for each costs, however soon it ends.
LATELY_S = 10.0


class Refusal(StrEnum):
    """Why a call is not answered by us; the label of its metric."""

    MOST_CALLS = "most-calls"  # the operator's own limit
    LATENCY = "latency"
    CEILING = "ceiling"  # latency broke at so many calls, not long ago
    PROCESSOR = "processor"
    ARRIVALS = "arrivals"  # as many as this process can lead have come in the last seconds: a flood


@dataclass(frozen=True, slots=True)
class Limits:
    """``most_calls`` 0: as many as latency allows. ``turn_away`` False: all are answered, come what may."""

    reply_ms: float = 1_500.0  # for the 95th percentile, from the caller's last word to our first sound
    lag_ms: float = 100.0  # of the event loop: five frames
    busy_share: float = 0.55  # of a core, that the event loop takes or waits for: beyond it replies wait
    most_calls: int = 0
    turn_away: bool = True


@dataclass(slots=True)
class _Came:
    """A call that we answered."""

    at_s: float
    waits: bool = True  # its stream is not there yet


class Admission:
    """Told of replies and looks at the loop as they come, asked once for each arriving call."""

    def __init__(self, limits: Limits | None = None, now_s: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits or Limits()
        self._now_s = now_s
        self._replies: deque[tuple[float, float]] = deque(maxlen=MOST_REPLIES)
        self._lags_ms: deque[float] = deque(maxlen=LAGS)
        self._lately: dict[str, _Came] = {}
        self._cost = COST
        self._ceiling = math.inf  # learnt from latency
        self._closed = False
        self._calm_since_s: float | None = None
        self._broke_s = -math.inf  # when the door last closed
        self._grew_s = -math.inf

    @property
    def is_open(self) -> bool:
        return not self._closed

    @property
    def most(self) -> int:
        """How many calls may be on the line, as known now."""
        by_operator = self.limits.most_calls or math.inf
        return int(min(self._by_processor, self._ceiling, by_operator))

    @property
    def _by_processor(self) -> int:
        """Never fewer than it takes to measure them: what a bad spell has taught would else stay for ever."""
        return max(LEAST_MEASURED, int(self.limits.busy_share / self._cost))

    # ------------------------------------------------------------------ what it is asked

    def refusal(self, live: int) -> Refusal | None:
        """Why one more call beside ``live`` streams cannot be served well; None when it can."""
        lately = self._came_lately()
        calls = live + sum(each.waits for each in lately.values())
        if not self.limits.turn_away or calls == 0:  # nobody could serve them better for being refused
            return None
        if self.limits.most_calls and calls >= self.limits.most_calls:
            return Refusal.MOST_CALLS
        if self._closed:
            return Refusal.LATENCY
        if calls >= self._ceiling:
            return Refusal.CEILING
        if calls >= self.most:
            return Refusal.PROCESSOR
        return Refusal.ARRIVALS if len(lately) >= self._by_processor else None

    def _came_lately(self) -> dict[str, _Came]:
        since_s = self._now_s() - LATELY_S
        self._lately = {call_id: each for call_id, each in self._lately.items() if each.at_s >= since_s}
        return self._lately

    # ------------------------------------------------------------------ what it is told

    def answered(self, call_id: str) -> None:
        """A call was accepted: it counts from now on, and its load comes with its stream."""
        self._came_lately()[call_id] = _Came(self._now_s())

    def begun(self, call_id: str) -> None:
        """Its stream is there."""
        if came := self._lately.get(call_id):
            came.waits = False

    def replied(self, took_ms: float) -> None:
        """A caller got an answer, so long after their last word."""
        self._replies.append((self._now_s(), took_ms))

    def looked(self, live: int, lag_ms: float, busy_share: float) -> None:
        """Some four times a second: how late the loop is, and what it takes of a core (`load_watch`)
        with ``live`` calls."""
        self._lags_ms.append(lag_ms)
        if live >= LEAST_MEASURED:
            self._cost += COST_WEIGHT * (busy_share / live - self._cost)
        if self._closed:
            self._look_for_calm()
        elif self._is_late(1.0):
            self._close(live)
        else:
            self._grow()

    def _close(self, live: int) -> None:
        self._closed, self._calm_since_s = True, None
        self._broke_s = self._now_s()
        if live >= LEAST_MEASURED:  # fewer are not what held the process up: nothing is learnt of how many
            self._ceiling = math.floor(min(self._ceiling, live) * KEEP_OF_CEILING)

    def _look_for_calm(self) -> None:
        now_s = self._now_s()
        if self._is_late(CALM_SHARE):
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = now_s
        elif now_s - self._calm_since_s >= CALM_S:
            self._closed = False

    def _grow(self) -> None:
        now_s = self._now_s()
        rests = now_s - self._broke_s < CEILING_RESTS_S or now_s - self._grew_s < CEILING_GROWS_EVERY_S
        if self._ceiling < math.inf and not rests:
            self._ceiling, self._grew_s = self._ceiling + 1, now_s

    def _is_late(self, share: float) -> bool:
        """Whether latency is beyond this share of its limits."""
        held_up = sum(lag_ms > share * self.limits.lag_ms for lag_ms in self._lags_ms)
        return held_up >= LAGS_HELD_UP or self._replies_late(share * self.limits.reply_ms)

    def _replies_late(self, limit_ms: float) -> bool:
        since_s = self._now_s() - WINDOW_S
        lately = [took_ms for at_s, took_ms in self._replies if at_s >= since_s]
        late = sum(took_ms > limit_ms for took_ms in lately)
        return late >= LEAST_LATE and late > LATE_SHARE * len(lately)
