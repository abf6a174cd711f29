"""The danger catalogue RF01-RF26: reviewed data, in pages a clinician can read, English and Spanish."""

from __future__ import annotations

from dataclasses import replace

from dialog.safety import (
    catalogue_blood_and_collapse,
    catalogue_breath_and_allergy,
    catalogue_choking_and_injury,
    catalogue_confusion_and_skin,
    catalogue_fever_and_sight,
    catalogue_heart_and_stroke,
    catalogue_infants_and_belly,
    catalogue_mind_and_violence,
    catalogue_poison_and_pregnancy,
    catalogue_rhythm_and_distress,
    catalogue_sugar,
    catalogue_surgery_and_children,
    spanish,
)
from dialog.safety.redflag import RedFlag

_ENTRIES: tuple[RedFlag, ...] = (
    *catalogue_heart_and_stroke.ENTRIES,
    *catalogue_breath_and_allergy.ENTRIES,
    *catalogue_blood_and_collapse.ENTRIES,
    *catalogue_mind_and_violence.ENTRIES,
    *catalogue_poison_and_pregnancy.ENTRIES,
    *catalogue_infants_and_belly.ENTRIES,
    *catalogue_fever_and_sight.ENTRIES,
    *catalogue_sugar.ENTRIES,
    *catalogue_surgery_and_children.ENTRIES,
    *catalogue_choking_and_injury.ENTRIES,
    *catalogue_confusion_and_skin.ENTRIES,
    *catalogue_rhythm_and_distress.ENTRIES,
)
CATALOGUE: tuple[RedFlag, ...] = tuple(
    replace(flag, phrases=(*flag.phrases, *spanish.PHRASES[flag.id])) for flag in _ENTRIES
)
_BY_ID = {flag.id: flag for flag in CATALOGUE}


def by_id(flag_id: str) -> RedFlag:
    """The entry with this id. Raises KeyError for an id that is not in the catalogue."""
    return _BY_ID[flag_id]
