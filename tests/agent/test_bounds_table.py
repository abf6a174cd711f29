"""The table of queues in docs/scale.md says what the code does."""

from __future__ import annotations

from agent import admission, call, listening, listening_in, recording, supervisor, tries, workers
from console import happenings
from models import engines, writer
from telephony import codec, replays
from tests.agent.documents import CONFIG, seconds, table
from voice import mouth
from voice.ear_config import EarConfig
from voice.ears import Ears
from voice.endpointing import MAX_UTTERANCE_MS


def mebibytes(value: int) -> str:
    return f"{value // 2**20} MiB"


BOUNDS = {
    "connections of a listener, calls included": str(listening.CONNECTION_LIMIT),
    "connections before they are accepted": str(supervisor.BACKLOG),
    "audio of a stream that came too fast": seconds(CONFIG.burst_s),
    "events of a call": str(call.MOST_EVENTS),
    "one utterance, in the web process and at its recogniser": seconds(MAX_UTTERANCE_MS / 1_000),
    "an utterance nobody asks about any more, at its recogniser": seconds(
        EarConfig("pocketsphinx").session_limit_s
    ),
    "an answer from a recogniser": seconds(Ears([])._time_limit_s),
    "a message between processes": mebibytes(workers.MAX_MESSAGE_BYTES),
    "writes to the database": str(writer.QUEUE_LENGTH),
    "writes in one transaction": str(writer.GROUP_SIZE),
    "reads of the database at once": str(engines.READERS),
    "sound of a call's recording that a slow disk has not taken": seconds(recording.MOST_HELD_MS / 1_000),
    "one call's recording": mebibytes(recording.MOST_BYTES),
    "rendered sentences kept": mebibytes(mouth._KEPT_BYTES),
    "sound for one who listens in": seconds(listening_in.STORE_FRAMES / 50),
    "who listens in on one call": str(listening_in.MOST_LISTENERS),
    "happenings for one open page": str(happenings.MOST_UNREAD),
    "answers kept for repeated webhooks": str(replays.REMEMBERED),
    "calls whose stream did not come": str(tries.REMEMBERED),
    "replies that admission looks at": str(admission.MOST_REPLIES),
    "pieces of audio remembered of a stream, to know a repeated one": str(codec.REMEMBERED),
}


def test_the_documented_bounds_are_the_real_ones() -> None:
    assert table("scale.md", "Queues and memory") == BOUNDS
