"""Builds what pocketsphinx listens with: a domain trigram mixed with its stock model, and a dictionary.

The stock model alone is useless on the telephone; the domain's own sentences alone hear nothing else.
Their mixture, with pronunciations for the medicines and names it must know, is built once per content
and kept in a folder by hash.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voice import carriers, g2p, ngrams, stock_pairs
from voice.spoken_text import words_of

_VERSION: Final = 3  # of everything that shapes the result besides the lists
_DOMAIN_WEIGHT: Final = 0.7
_GENERAL_WORDS: Final = 1_200  # pairs are asked for after these only: most of the build's time
# shares of the domain's mass, next to the practice's own sentences at 1
_VALUES_SHARE: Final = 0.5
_DRUGS_SHARE: Final = 0.45
_NAMES_SHARE: Final = 0.3
_DANGERS_SHARE: Final = 0.08  # more of it, and noise sounds like danger
_COMPARED: Final = 2_000  # pairs that are asked for to see whether the file was read rightly
_NEVER: Final = -500_000_000  # the stock model's answer for a word that it does not know


@dataclass(frozen=True)
class ModelFiles:
    """Where one build lies."""

    language_model: Path
    dictionary: Path


def build(
    sentences: Iterable[str],
    names: Iterable[str],
    drugs: Iterable[str],
    out_dir: Path,
    dangers: Iterable[str] = (),
) -> ModelFiles:
    """Language model and dictionary for these callers' sentences, patients' names and medicines.

    ``dangers``: sentences that are said seldom and must be heard.
    The first build takes some seconds; the same content again is only found. Words that neither the
    stock dictionary nor espeak-ng can pronounce are left out.
    """
    content = (sorted(set(sentences)), sorted(set(names)), sorted(set(drugs)), sorted(set(dangers)))
    folder = out_dir / _digest(content)
    files = ModelFiles(folder / "domain.lm.bin", folder / "domain.dict")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together: one builds, the others wait for it
        if not (files.dictionary.exists() and files.language_model.exists()):
            _build(*content, folder, files)
    return files


def _digest(content: object) -> str:
    made_with = [_VERSION, _DOMAIN_WEIGHT, _GENERAL_WORDS, _VALUES_SHARE, _DRUGS_SHARE, _NAMES_SHARE]
    made_with.append(_DANGERS_SHARE)
    return hashlib.sha256(json.dumps([made_with, content]).encode()).hexdigest()[:20]


def _build(
    sentences: Sequence[str],
    names: Sequence[str],
    drugs: Sequence[str],
    dangers: Sequence[str],
    folder: Path,
    files: ModelFiles,
) -> None:
    corpus = _corpus(sentences, names, drugs, dangers)
    stock = StockModel()
    domain = {word for words, _ in corpus for word in words} - {ngrams.START, ngrams.END}
    general = stock.commonest(_GENERAL_WORDS)
    spoken = pronounced({*domain, *general})
    corpus = [(words, weight) for words, weight in corpus if all(w in spoken for w in words[1:-1])]
    vocabulary = [ngrams.START, ngrams.END, *sorted(spoken)]
    pairs = stock.pairs(vocabulary, {ngrams.START, *general})
    model = ngrams.Mixture(ngrams.count(corpus), vocabulary, stock.probability, pairs, _DOMAIN_WEIGHT)
    arpa = folder / f"{os.getpid()}.arpa"
    model.write(arpa)
    _compile(arpa, files.language_model)
    write_dictionary(spoken, files.dictionary)


def _corpus(
    sentences: Sequence[str], names: Sequence[str], drugs: Sequence[str], dangers: Sequence[str]
) -> list[ngrams.Sentence]:
    """Everything to be counted, each group with its share of the mass."""
    own = float(max(len(sentences), 200))
    families = sorted({name.split()[-1] for name in names if name.split()})
    groups = (
        (sentences, own),
        (carriers.values(names), own * _VALUES_SHARE),
        (carriers.about(drugs, carriers.DRUG_CARRIERS), own * _DRUGS_SHARE),
        (carriers.about([*names, *families], carriers.NAME_CARRIERS), own * _NAMES_SHARE),
        (dangers, own * _DANGERS_SHARE),
    )
    return [sentence for group, mass in groups for sentence in _weighted(group, mass)]


def _weighted(sentences: Sequence[str], mass: float) -> list[ngrams.Sentence]:
    told = [words for words in map(words_of, sentences) if words]
    return [((ngrams.START, *words, ngrams.END), mass / len(told)) for words in told]


class StockModel:
    """pocketsphinx's own English model. It can be asked but not exported."""

    def __init__(self) -> None:
        import pocketsphinx

        path = pocketsphinx.get_model_path("en-us/en-us.lm.bin")
        self._path = Path(path)
        self._base = pocketsphinx.LogMath()
        self._model: Any = pocketsphinx.NGramModel(pocketsphinx.Config(lm=path), self._base, path)
        self._log_base = np.log(1.0001)

    def probability(self, words: Sequence[str]) -> float:
        """Of the first word after the others, nearest first; 0.0 when it is not known."""
        logged = self._model.prob(words)
        return float(np.exp(logged * self._log_base)) if logged > _NEVER else 0.0

    def commonest(self, number: int) -> list[str]:
        probability = {word: self._model.prob([word]) for word in stock_dictionary() if word.isascii()}
        return sorted(probability, key=lambda word: -probability[word])[:number]

    def pairs(self, vocabulary: Sequence[str], common: Collection[str]) -> NDArray[np.float64]:
        """p(word | previous) over the vocabulary, [previous, word]; p(word) where the previous one is not
        ``common``.
        """
        known = [at for at, word in enumerate(vocabulary) if self._model.prob([word]) > _NEVER]
        asked = [vocabulary[at] for at in known]
        found = np.zeros((len(vocabulary), len(vocabulary)))
        found[:, known] = [self.probability([word]) for word in asked]
        rows = [at for at in known if vocabulary[at] in common]
        if rows:
            logs = self._logs([vocabulary[at] for at in rows], asked)
            found[np.ix_(rows, known)] = np.exp(logs * self._log_base)
        return found

    def _logs(self, previous: Sequence[str], words: Sequence[str]) -> NDArray[np.float64]:
        """log p(word | previous), read from the file where that says what the model says."""
        told = stock_pairs.read(self._path)
        if told and {*previous, *words} <= told.ids.keys():
            logs = told.rows(previous, words)
            if all(
                abs(logs[at] - self._model.prob([words[at[1]], previous[at[0]]])) <= 1 for at in _some(logs)
            ):
                return logs
        ask = self._model.prob
        return np.array([[ask([word, before]) for word in words] for before in previous], np.float64)


def _some(logs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Places all over a table."""
    step = max(1, logs.size // _COMPARED)
    return [divmod(at, logs.shape[1]) for at in range(0, logs.size, step)]


@lru_cache(maxsize=1)
def stock_dictionary() -> dict[str, tuple[str, ...]]:
    """pocketsphinx's copy of CMUdict: word -> pronunciations."""
    import pocketsphinx

    found: dict[str, tuple[str, ...]] = {}
    for line in Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).read_text().splitlines():
        word, _, phones = line.partition(" ")
        word = re.sub(r"\(\d+\)$", "", word)
        found[word] = (*found.get(word, ()), phones)
    return found


def pronounced(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Pronunciations of those words that have any."""
    stock = stock_dictionary()
    found = {word: _all_pronunciations(word, stock) for word in words}
    return {word: said for word, said in found.items() if said}


def _all_pronunciations(word: str, stock: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    known = stock.get(word, ())
    listed = g2p.listed(word)
    extra = listed if known else g2p.pronunciations(word)
    return tuple(dict.fromkeys((*known, *extra)))


def write_dictionary(spoken: dict[str, tuple[str, ...]], path: Path) -> None:
    """In CMUdict's form: further pronunciations of a word are numbered from (2)."""
    lines = []
    for word, said in sorted(spoken.items()):
        lines += [f"{word}{f'({n})' if n > 1 else ''} {phones}" for n, phones in enumerate(said, 1)]
    _put(path, "\n".join(lines) + "\n")


def _put(path: Path, text: str) -> None:
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(text)
    scratch.replace(path)


def _compile(arpa: Path, binary: Path) -> None:
    """ARPA to pocketsphinx's binary form, in place at once."""
    import pocketsphinx

    model = pocketsphinx.NGramModel(pocketsphinx.Config(lm=str(arpa)), pocketsphinx.LogMath(), str(arpa))
    scratch = binary.with_suffix(f".{os.getpid()}.bin")
    model.write(str(scratch), model.str_to_type("bin"))
    scratch.replace(binary)
    arpa.unlink()
