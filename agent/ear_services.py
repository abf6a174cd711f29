"""What an ear is made of: the practice's words, so that its names and medicines are heard."""

from __future__ import annotations

from collections.abc import Sequence

from agent import ear_sentences
from agent.formulary_build import use_site_table
from agent.lexicon import Lexicon, read_lexicon
from agent.preparing import ensure_demo, keyring_of, practice_book
from agent.settings import Settings
from backends.practice import Practice
from intents import corpus
from models.storage import Storage
from voice.ear_config import EarConfig
from voice.ear_service import EarService


def ear_service(chosen: Settings, *, more_sentences: Sequence[str] = ()) -> EarService:
    lexicon, practice = words_of(chosen)
    sentences = corpus.sentences(
        names=lexicon.roster_names,
        drugs=lexicon.likely_medicines,
        providers=[clinician.provider.name for clinician in practice.clinicians],
        pharmacies=[store.name for store in practice.drug_stores],
    )
    return EarService(
        EarConfig(
            engine=chosen.stt,
            whisper_model=chosen.whisper_model,
            precision=chosen.whisper_precision,
            model_dir=str(chosen.data_dir / "speech"),
            sentences=(*ear_sentences.of_callers(sentences), *more_sentences),
            names=lexicon.roster_names,
            drugs=lexicon.likely_medicines,
            dangers=ear_sentences.of_danger(sentences),
            clips=str(chosen.stand_in_clips or ""),
        )
    )


def words_of(chosen: Settings) -> tuple[Lexicon, Practice]:
    """The practice's word lists, and the practice as of now; the demo practice is seeded first, so that its
    names are heard.
    """
    use_site_table(chosen)
    if chosen.demo_practice:
        ensure_demo(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        return read_lexicon(storage), practice_book(chosen, storage).practice
    finally:
        storage.close()
