"""pocketsphinx as a recogniser of one utterance at a time, streamed.

Each utterance is heard by one or two decoders: the general one, and where a closed list of answers is
expected a grammar beside it. The grammar always finds something, so its answer counts only while
it explains the sound clearly better than free speech does.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import replace
from typing import Any, Final

from models.domain import Expectation, ExpectationKind, Transcript
from voice import completeness, grammars, language_model
from voice.endpointing import SoFar
from voice.fold import Folder
from voice.language_model import ModelFiles
from voice.sphinx_search import BYTES_PER_FRAME, Hearing, Levels, Search, decoder

ENGINE: Final = "pocketsphinx"
_LEVEL_BYTES: Final = 120 * BYTES_PER_FRAME  # 1.2 s tell the level of the line; 0.6 s do not
_DATE_FROM: Final = 0.35  # per frame, natural log: how much better than free speech a date must fit
_LIST_FROM: Final = 0.6
_UNSURE: Final = 0.5
_CLOSED_CONFIDENCE: Final = 0.5
_AGREED_CONFIDENCE: Final = 0.9
_GRAMMARS: Final = 16
_END_SILENCE: Final = bytes(1_600)  # 100 ms, lets the last word end


class SphinxEar:
    """Recogniser of one utterance after another; not for two at once."""

    def __init__(self, files: ModelFiles, levels: Levels, drugs: tuple[str, ...] = ()) -> None:
        """``drugs``: the formulary, against which the likely medicines are told apart."""
        self._files, self._levels, self._drugs = files, levels, drugs
        self._decoder = decoder(files, general=True)
        self._stock_level: str = self._decoder.get_cmn(False)
        self._general = Search(self._decoder, general=True)
        self._grammar = GrammarSearch(files)
        self._searches: list[Search] = []
        self._expectation, self._caller = Expectation(), ""
        self._folder = Folder()
        self._waiting = b""
        self._running = False

    def begin(self, expectation: Expectation, caller: str = "") -> None:
        for search in self._searches:
            search.stop()
        self._expectation, self._caller = expectation, caller
        self._folder, self._waiting, self._running = Folder(), b"", False
        grammar = grammars.for_answer(expectation, self._drugs)
        closed = self._grammar.use(grammar) if grammar else None
        alone = expectation.closed and closed is not None
        self._searches = [*([] if alone else [self._general]), *([closed] if closed else [])]

    def feed(self, pcm: bytes) -> None:
        wide = self._folder.push(pcm)
        if self._running:
            for search in self._searches:
                search.feed(wide)
            return
        self._waiting += wide
        if len(self._waiting) >= _LEVEL_BYTES:
            self._run()

    def _run(self) -> None:
        first = self._waiting[:_LEVEL_BYTES]  # however the audio was cut
        level = self._levels.learn(self._decoder, self._stock_level, first, self._caller)
        for search in self._searches:
            search.begin(level)
            search.feed(self._waiting)
        self._waiting, self._running = b"", True

    def partial(self) -> str:
        return self._general.partial() if self._running else ""

    def finish(self) -> Transcript:
        self.feed(_END_SILENCE)
        if not self._running:
            self._run()
        self._running = False
        heard = [search.finish() for search in self._searches]
        return choose(heard[0], heard[1], self._expectation) if len(heard) > 1 else _transcript(heard[0])


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


def choose(general: Hearing, closed: Hearing, expectation: Expectation) -> Transcript:
    """The closed answer where it explains the sound, with free speech as alternative; or the reverse."""
    heard = _transcript(general)
    if not closed.text:
        return heard
    if closed.text == general.text:
        return replace(heard, confidence=max(heard.confidence, _AGREED_CONFIDENCE))
    if not _fits(general, closed, expectation):
        is_date = expectation.kind is ExpectationKind.DOB  # then it is the second opinion, see intents
        others = (closed.text, *heard.alternatives) if is_date else (*heard.alternatives, closed.text)
        return replace(heard, alternatives=_distinct(others, heard.text))
    others = _distinct((general.text, *general.alternatives), closed.text)
    words = tuple(replace(word, confidence=_CLOSED_CONFIDENCE) for word in closed.words)
    return Transcript(closed.text, _CLOSED_CONFIDENCE, others, words, ENGINE)


def _fits(general: Hearing, closed: Hearing, expectation: Expectation) -> bool:
    """Whether the closed answer is to be believed.

    A date that free speech found by itself stays: on recordings of people it was right more often
    (18 against 15 of 30). A listed answer must also meet free speech that is unsure of itself.
    """
    gain = (closed.score - general.score) / closed.frames
    if not general.text:
        return True
    if expectation.kind is ExpectationKind.DOB:
        found = completeness.so_far(general.text, expectation) is SoFar.COMPLETE
        return gain >= _DATE_FROM and not found
    return gain >= _LIST_FROM and general.confidence < _UNSURE


def _distinct(texts: tuple[str, ...], but: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text and text != but))


def _transcript(hearing: Hearing) -> Transcript:
    return Transcript(hearing.text, hearing.confidence, hearing.alternatives, hearing.words, ENGINE)
