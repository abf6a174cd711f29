"""What a worker process runs: hearing, understanding or speaking, made from settings."""

from __future__ import annotations

from collections.abc import Sequence

from agent import ear_sentences
from agent.formulary_build import use_site_table
from agent.learned import RELEARN, weights_of
from agent.lexicon import Lexicon, read_lexicon
from agent.logs import log
from agent.preparing import ensure_demo, keyring_of, practice_book
from agent.settings import Settings
from agent.workers import Service
from backends.practice import Practice
from intents import corpus
from intents.understand import MindService
from models.errors import SettingsError
from models.storage import Storage
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.mouth import MouthConfig, MouthService


def worker_service(kind: str, chosen: Settings) -> Service:
    """The service that a worker process of this name runs. Raises SettingsError for an unknown name."""
    if kind.startswith("ear-"):
        return ear_service(chosen)
    if kind == "mind":
        if problem := weights_of(chosen).problem:
            log.warning("mind.learned_weights_not_used", reason=problem, fix=RELEARN)
        return mind_service(chosen)
    if kind == "mouth":
        return mouth_service(chosen)
    raise SettingsError(f"there is no worker called {kind!r}")


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


def mind_service(chosen: Settings) -> MindService:
    use_site_table(chosen)
    return MindService(weights_of(chosen).folder)


def mouth_service(chosen: Settings) -> MouthService:
    return MouthService(MouthConfig(voice=mouth_voice(chosen)))


def mouth_voice(chosen: Settings) -> str:
    return MouthConfig().voice if chosen.voice == "espeak" else chosen.voice


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
