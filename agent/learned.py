"""Which weights a site uses: those that `firstring learn` made, where they fit this version."""

from __future__ import annotations

from pathlib import Path

from agent.settings import Settings
from intents import site_weights

RELEARN = "Run `firstring learn` again with the same corrections, or `firstring learn --undo`."


def site_folder(chosen: Settings) -> Path:
    """Where a site's own weights are kept."""
    return chosen.data_dir / "learned"


def weights_of(chosen: Settings) -> site_weights.Chosen:
    """The weights in use here. Learned ones that do not fit are passed over, and the result says why."""
    return site_weights.choose(site_folder(chosen))
