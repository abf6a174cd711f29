"""Figures for Prometheus. Labels hold codes and names of stages, never anything personal."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REPLY_SECONDS = Histogram(
    "firstring_reply_seconds",
    "From the end of the caller's utterance, as detected, to the first audio of the reply.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2.0, 3.0, 5.0),
)
CALLS = Counter("firstring_calls_total", "Media streams served, by how they ended.", ["ended"])
LIVE_CALLS = Gauge("firstring_live_calls", "Media streams being served now.")
CALLS_REFUSED = Counter("firstring_calls_refused_total", "Calls there was no room for, by why.", ["reason"])
REFUSED_ENDED = Counter("firstring_calls_refused_ended_total", "What became of these.", ["ended"])
CALLS_CEILING = Gauge("firstring_calls_ceiling", "How many calls this process takes on, as known now.")
LOOP_BUSY = Gauge("firstring_loop_busy_share", "Of one core, spent by the event loop in the last look.")
TEXTS = Counter("firstring_texts_total", "Text messages received, by kind.", ["kind"])
RECORDINGS_FAILED = Counter("firstring_recordings_failed_total", "Recordings that could not be gone on with.")
TURNS_NOT_STORED = Counter("firstring_turns_not_stored_total", "Turns that the database refused.")
TRANSFERS = Counter("firstring_transfers_total", "Searches for a person, by how they ended.", ["ended"])
TEXTS_SENT = Counter("firstring_texts_sent_total", "Text messages the carrier has taken.", ["purpose"])
PAGE_STEPS = Counter(
    "firstring_page_steps_total", "Attempts to reach somebody for a page.", ["channel", "state"]
)
PAGES_UNANSWERED = Gauge("firstring_pages_unanswered", "Pages that nobody has answered for five minutes.")
TASKS_UNOWNED = Gauge("firstring_tasks_unowned", "Danger and nurse tasks nobody has taken for five minutes.")
NOTE_SECONDS = Histogram(
    "firstring_note_seconds",
    "From the end of a call to the chart's confirmation that it holds the note.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400),
)
WRITEBACK = Gauge("firstring_writeback_resources", "Resources not in the chart yet, by state.", ["state"])
WRITEBACK_OLDEST = Gauge(
    "firstring_writeback_oldest_seconds",
    "Since the end of the call that has waited longest for the chart; 0: none.",
)
DEAD_UNOWNED = Gauge(
    "firstring_dead_letters_unowned",
    "Open tasks of calls that did not reach the chart and that nobody has taken.",
)
