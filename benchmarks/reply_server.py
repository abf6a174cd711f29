"""The whole server with one recogniser or another, its memory and the processor time it spends."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.local_server import LocalServer, demo_settings, running_server
from benchmarks.forced_whisper import write_clips
from benchmarks.spent import Watch
from benchmarks.turn_calls import ROOT, SCRIPTS, Figures, Script, Webhook, measured
from benchmarks.turns import memory_bytes
from benchmarks.whisper import SIZES
from tests.voice.whisper_checkpoints import checkpoint

POCKETSPHINX = "pocketsphinx"
ENGINES = (POCKETSPHINX, *SIZES)
QUIET_SHARE = 0.1
_SAMPLE_S = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One load on one server."""

    at_once: int
    figures: Figures
    cpu_s: float  # of all the server's processes
    memory_bytes: int  # more than before, at the most
    others_share: float  # of the whole machine, taken by other programs meanwhile

    @property
    def disturbed(self) -> str:
        """What a reader must know of a machine that was not quiet; "" on a quiet one."""
        busy = self.others_share > QUIET_SHARE
        return f"NOT QUIET: other programs took {self.others_share:.0%} of the machine" if busy else ""

    @property
    def cpu_share(self) -> float:
        """Of one core, for each call while it lasts."""
        return self.cpu_s / self.figures.length_s


class Served:
    """A running server, and what a load does to it."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        chosen = server.settings
        self.door = Webhook(
            server.base_url, chosen.public_url, chosen.twilio_account_sid, chosen.twilio_auth_token
        )

    def under(self, at_once: int, scripts: Sequence[Script] = SCRIPTS, rounds: int = 1) -> Measured:
        memory = _Memory(self._server)
        watch = Watch([self._server.process.pid])
        figures = measured(self.door, scripts, at_once=at_once, rounds=rounds)
        spent = watch.spent(also_s=figures.client_cpu_s)
        return Measured(at_once, figures, spent.by_us_s, memory.growth(), spent.others_share)


class _Memory:
    """Watches the proportional memory of all the server's processes."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self._before = self._most = memory_bytes(server)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            self._most = max(self._most, memory_bytes(self._server))

    def growth(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most - self._before


@contextlib.contextmanager
def serving(engine: str) -> Iterator[Served]:
    """The demo's practice with this recogniser: pocketsphinx, or random weights of a Whisper size."""
    with tempfile.TemporaryDirectory(prefix="firstring-bench-") as folder:
        data = Path(folder)
        if engine == POCKETSPHINX:
            with running_server(demo_settings(data)) as server:
                yield Served(server)
            return
        clips = write_clips(ROOT / "audio_fixtures", data / "clips.jsonl")
        weights = checkpoint(data / f"{engine}.pt", SIZES[engine])
        chosen = demo_settings(data, stt="stand-in", stand_in_clips=clips, whisper_model=str(weights))
        with running_server(chosen, program="benchmarks.forced_whisper") as server:
            yield Served(server)
