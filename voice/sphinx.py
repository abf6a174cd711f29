"""pocketsphinx as a recogniser of one utterance at a time, streamed.

Each utterance is heard by one or two decoders: the general one, and where a closed list of answers is
expected a grammar beside it; what of it counts, ``opinions`` decides.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any, Final

import numpy as np

from models.domain import Expectation, Transcript
from voice import grammars, language_model, opinions
from voice.acoustic_model import Numbers
from voice.cepstra import Spectra, lifted
from voice.language_model import ModelFiles
from voice.levels import Level, Levels
from voice.sphinx_search import Search, decoder

_LEVEL_FRAMES: Final = 120  # 1.2 s tell the level of the line; 0.6 s do not
_GRAMMARS: Final = 16
_END_SILENCE: Final = bytes(1_600)  # 100 ms, lets the last word end


class SphinxEar:
    """Recogniser of one utterance after another; not for two at once."""

    def __init__(self, files: ModelFiles, levels: Levels, drugs: tuple[str, ...] = ()) -> None:
        """``drugs``: the formulary, against which the likely medicines are told apart."""
        self._files, self._levels, self._drugs = files, levels, drugs
        self._decoder = decoder(files, general=True)
        self._general = Search(self._decoder, general=True)
        self._grammar = GrammarSearch(files)
        self._searches: list[Search] = []
        self._expectation, self._caller = Expectation(), ""
        self._spectra, self._waiting = Spectra(), list[Numbers]()
        self._level: Level | None = None

    def begin(self, expectation: Expectation, caller: str = "") -> None:
        for search in self._searches:
            search.stop()
        self._expectation, self._caller = expectation, caller
        self._spectra, self._waiting, self._level = Spectra(), [], None
        grammar = grammars.for_answer(expectation, self._drugs)
        closed = self._grammar.use(grammar) if grammar else None
        alone = expectation.closed and closed is not None
        self._searches = [*([] if alone else [self._general]), *([closed] if closed else [])]

    def feed(self, pcm: bytes) -> None:
        fresh = self._spectra.push(pcm)
        if self._level is not None:
            self._search(self._level, fresh)
            return
        self._waiting.append(fresh)
        if sum(map(len, self._waiting)) >= _LEVEL_FRAMES:
            self._start()

    def _start(self) -> None:
        waiting = np.concatenate(self._waiting)
        self._level = self._levels.learn(waiting[:_LEVEL_FRAMES], self._caller)  # however the audio was cut
        for search in self._searches:
            search.begin()
        self._search(self._level, waiting)
        self._waiting = []

    def _search(self, level: Level, spectra: Numbers) -> None:
        if len(spectra):
            frames = lifted(level.cepstra(spectra))
            for search in self._searches:
                search.feed(frames)

    def partial(self) -> str:
        return self._general.partial() if self._level is not None else ""

    def finish(self) -> Transcript:
        self.feed(_END_SILENCE)
        if self._level is None:
            self._start()
        self._level = None
        heard = [search.finish() for search in self._searches]
        if len(heard) > 1:
            return opinions.choose(heard[0], heard[1], self._expectation)
        return opinions.doubted(opinions.transcript(heard[0]), self._expectation)


class GrammarSearch:
    """The decoder for closed answers; keeps the latest grammars."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._decoder: Any = None
        self._search: Search | None = None
        self._known: set[str] = set()
        self._names: OrderedDict[str, None] = OrderedDict()

    def use(self, grammar: str) -> Search | None:
        """A search with this grammar; None when a word of it cannot be pronounced."""
        search = self._search or self._start()
        name = hashlib.sha256(grammar.encode()).hexdigest()[:12]
        if name not in self._names and not self._add(name, grammar):
            return None
        self._names.move_to_end(name)
        self._decoder.activate_search(name)
        return search

    def _start(self) -> Search:
        self._decoder = decoder(self._files, general=False)
        self._known = {line.split()[0] for line in self._files.dictionary.read_text().splitlines()}
        self._search = Search(self._decoder, general=False)
        return self._search

    def _add(self, name: str, grammar: str) -> bool:
        for word, said in language_model.pronounced(grammars.words(grammar) - self._known).items():
            self._decoder.add_word(word, said[0], True)
            self._known.add(word)
        try:
            self._decoder.add_jsgf_string(name, grammar)
        except ValueError:
            return False
        self._names[name] = None
        if len(self._names) > _GRAMMARS:
            oldest, _ = self._names.popitem(last=False)
            self._decoder.remove_search(oldest)
        return True
