"""Whisper's share of a reply: random weights of tiny.en's and base.en's size. Speed only, nothing is heard.

Tokens are forced to 3 a second of voice and 3, gates and retry off (`benchmarks.forced_whisper`); what a
retry would add is a row of its own: the same utterance over 30 s of context.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks.forced_whisper import TOKENS_EXTRA, TOKENS_PER_S, forced, never_ending
from benchmarks.reply_latency import reply_row
from benchmarks.reply_load import QUICK, SHORT, load_rows
from benchmarks.reply_server import serving
from benchmarks.voice_rows import Options, Row
from benchmarks.whisper import SIZES, Speed, noise
from tests.voice.whisper_checkpoints import checkpoint
from voice.whisper_decoding import decode
from voice.whisper_encoding import WHOLE_CONTEXT_S

MOST = {"tiny.en": (550.0, 900.0), "base.en": (750.0, 1_200.0)}
LEVELS = {"tiny.en": (5, 10), "base.en": (5,)}
SPEECH_S = 3.0
FORCED = (
    f"random weights, speed only: {TOKENS_PER_S} tokens a second of voice + {TOKENS_EXTRA}, gates, retry off"
)


def rows(options: Options) -> Iterator[Row]:
    for size in SIZES:
        with serving(size) as served:
            found = served.under(1, QUICK if options.quick else SHORT, rounds=1 if options.quick else 2)
            note = "; ".join(filter(None, (FORCED, found.disturbed)))
            yield reply_row(f"one call, {size}", found.figures, MOST[size], note)
            yield from load_rows(served, size, (2,) if options.quick else LEVELS[size], options)
        yield retry_row(size, 1 if options.quick else 5)


def retry_row(size: str, repeats: int) -> Row:
    """One thread, nothing beside it: a second decode of 3 s of speech, over the whole 30 s."""
    with tempfile.TemporaryDirectory() as folder:
        model = never_ending(checkpoint(Path(folder) / f"{size}.pt", SIZES[size]))
    audio, speed = noise(SPEECH_S), Speed(1, repeats, perf_counter)
    first = speed.median_ms(partial(decode, model, forced(audio, SPEECH_S)))
    retry = speed.median_ms(partial(decode, model, forced(audio, SPEECH_S, WHOLE_CONTEXT_S)))
    note = f"{SPEECH_S:.0f} s of speech, one thread; the first decode takes {first:.0f} ms"
    return Row(f"what a retry adds, {size}", f"{retry:.0f} ms", "", note)
