"""The danger catalogue RF01-RF26: reviewed data, in pages a clinician can read, English and Spanish."""

from __future__ import annotations

from dataclasses import replace

from dialog.safety import catalogue_blood_and_collapse as blood
from dialog.safety import catalogue_body_and_injury as body
from dialog.safety import catalogue_heart_and_breath as heart
from dialog.safety import catalogue_mind_and_poison as mind
from dialog.safety import catalogue_sudden as sudden
from dialog.safety import spanish
from dialog.safety.redflag import RedFlag

_ENTRIES: tuple[RedFlag, ...] = (
    *heart.ENTRIES,
    *blood.ENTRIES,
    *mind.ENTRIES,
    *body.ENTRIES,
    *sudden.ENTRIES,
)
CATALOGUE: tuple[RedFlag, ...] = tuple(
    replace(flag, phrases=(*flag.phrases, *spanish.PHRASES[flag.id])) for flag in _ENTRIES
)
_BY_ID = {flag.id: flag for flag in CATALOGUE}


def by_id(flag_id: str) -> RedFlag:
    """The entry with this id. Raises KeyError for an id that is not in the catalogue."""
    return _BY_ID[flag_id]
