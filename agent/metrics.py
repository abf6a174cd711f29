"""Figures for Prometheus. Labels hold codes and names of stages, never anything personal."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from models.contact_tables import TransferState

# When each series began would be as many lines again, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

REPLY_SECONDS = Histogram(
    "firstring_reply_seconds",
    "From the end of the caller's utterance, as detected, to the first audio of the reply.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2.0, 3.0, 5.0),
)
STAGE_SECONDS = Histogram(
    "firstring_stage_seconds",
    "A turn's stages: recognise, understand, decide, store, act, speak.",
    ["stage"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 4.0, 8.0, 12.0),
)
ANSWER_SECONDS = Histogram(
    "firstring_answer_seconds",
    "From the carrier's question who answers a call to the first audio of the greeting.",
    buckets=(0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
)
TURNS = Counter("firstring_turns_total", "Turns, by the event that began them.", ["began"])
ACTIONS = Counter(
    "firstring_actions_total", "Orders to the backends, by how they ended.", ["action", "ended"]
)
RED_FLAGS = Counter(
    "firstring_red_flags_total", "Danger signs raised, by the catalogue's id.", ["flag", "disposition"]
)
LOOP_LAG_SECONDS = Histogram(
    "firstring_loop_lag_seconds",
    "How much later than asked the event loop wakes a sleeper: what every call then waits too.",
    buckets=(0.001, 0.003, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5.0),
)
LOOP_LAG_WORST = Gauge(
    "firstring_loop_lag_worst_seconds", "The longest such delay of the last fifteen seconds."
)
CALLS = Counter("firstring_calls_total", "Media streams served, by how they ended.", ["ended"])
LIVE_CALLS = Gauge("firstring_live_calls", "Media streams being served now.")
CALLS_REFUSED = Counter("firstring_calls_refused_total", "Calls there was no room for, by why.", ["reason"])
REFUSED_ENDED = Counter(
    "firstring_calls_refused_ended_total", "What became of these, and of calls passed on.", ["ended"]
)
CALLS_CEILING = Gauge("firstring_calls_ceiling", "How many calls this process takes on, as known now.")
LOOP_TASKS = Gauge("firstring_loop_tasks", "Tasks of the event loop: some ten for each call.")
LOOP_BUSY = Gauge(
    "firstring_loop_busy_share", "Of one core, spent by the event loop, or waited for, in the last look."
)
WRITES = Counter("firstring_writes_total", "Pieces of work that the database's writer has tried.")
TRANSACTIONS = Counter("firstring_write_transactions_total", "Transactions that these shared.")
LOOPS_FAILED = Counter(
    "firstring_loops_failed_total",
    "Failures of work beside the calls that nobody foresaw; it was begun again.",
    ["loop"],
)
TEXTS = Counter("firstring_texts_total", "Text messages received, by kind.", ["kind"])
RECORDINGS_FAILED = Counter("firstring_recordings_failed_total", "Recordings that could not be gone on with.")
TURNS_NOT_STORED = Counter("firstring_turns_not_stored_total", "Turns that the database refused.")
TRANSFERS = Counter("firstring_transfers_total", "Searches for a person, by how they ended.", ["ended"])
for ended in TransferState:  # a rise from nothing at all would be seen by no alarm
    TRANSFERS.labels(ended.value)
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
