"""What was said, as plain words: one spelling per word, with its place in the caller's own text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from operator import add

_PIECE = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[^\W\d_]+(?:['’`´][^\W\d_]+)*)"
    r"|(?P<pause>\.{2,}|…|[,:()\u2013\u2014]|--)"
    r"|(?P<ask>\?)"
    r"|(?P<stop>[.!;¡¿\n])"
)
_HESITATIONS = frozenset("uh uhh um umm uhm er erm ah ahh oh ooh hm hmm mm mhm eh".split())
_DIGITS = frozenset(
    "one two three four five six seven eight nine".split()
)  # "one oh two": here "oh" is a zero
# Said twice on purpose ("not not there", "no no"), unlike a stammered "my my chest".
_MAY_REPEAT = frozenset(
    "no not help hurry yes very so really god one two three four five six seven eight nine".split()
)
_IS = frozenset(
    "he she it that this there here what where who how when "
    "everybody everyone someone somebody nobody".split()
)
_ENDINGS = {"n't": "not", "'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}
_WITHOUT_APOSTROPHE = {
    "cannot": "can not",
    "cant": "can not",
    "dont": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "wont": "will not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "werent": "were not",
    "havent": "have not",
    "hasnt": "has not",
    "hadnt": "had not",
    "couldnt": "could not",
    "wouldnt": "would not",
    "shouldnt": "should not",
    "aint": "is not",
    "im": "i am",
    "ive": "i have",
    "hes": "he is",
    "shes": "she is",
    "thats": "that is",
    "theres": "there is",
    "gonna": "going to",
    "wanna": "want to",
    "cuz": "because",
    "coz": "because",
    "tummy": "stomach",
    "mom": "mother",
    "momma": "mother",
    "mama": "mother",
    "mum": "mother",
    "dad": "father",
    "daddy": "father",
    "papa": "father",
    "diarrhoea": "diarrhea",
    "haemorrhaging": "hemorrhaging",
    "nappy": "diaper",
    "nappies": "diapers",
}
_LEADS = {"": " ", ",": " ", ".": " . ", "?": " . "}
_IRREGULAR = {
    "can't": "can not",
    "won't": "will not",
    "shan't": "will not",
    "ain't": "is not",
    "let's": "let us",
}


_WHOSE_SELF = frozenset("my him her your them our".split())

_WINDOW = 300  # words that are screened together: two minutes of speech
_OVERLAP = 60


def windows(text: str) -> list[str]:
    """A text in overlapping pieces of two minutes of speech: the work grows with its length only."""
    pieces = text.split()
    if len(pieces) <= _WINDOW:
        return [text]
    starts = range(0, len(pieces) - _OVERLAP, _WINDOW - _OVERLAP)
    return [" ".join(pieces[start : start + _WINDOW]) for start in starts]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One alternative as words. ``marks[i]`` is the mark before word i: "", ",", "." or "?".

    ``joined`` is the words with one space between and " . " where a sentence ends; ``starts[i]`` is
    where word i begins in it. ``spans[i]`` is [start, end) of word i in ``original``.
    """

    original: str
    words: tuple[str, ...]
    marks: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    joined: str
    starts: tuple[int, ...]

    def word_at(self, position: int) -> int:
        """Index of the word that covers (or ends before) this character of ``joined``."""
        return max(0, bisect_right(self.starts, position) - 1)


def spoken(text: str) -> Spoken:
    """Read a text into plain words. Any text is accepted; one without words gives an empty result."""
    original = unicodedata.normalize("NFC", text)
    words: list[str] = []
    marks: list[str] = []
    spans: list[tuple[int, int]] = []
    mark, hesitated = "", False
    for piece in _PIECE.finditer(original):
        if piece.lastgroup in ("pause", "ask", "stop"):
            mark = _stronger(mark, piece.lastgroup)
            continue
        for word in _plain(piece.group()):
            if word in _HESITATIONS and not (word == "oh" and words and words[-1] in _DIGITS):
                hesitated = True
                continue
            again = bool(words) and not mark and word == words[-1]
            if again and (hesitated or word not in _MAY_REPEAT):
                continue
            if word in ("self", "selves") and not mark and words and words[-1] in _WHOSE_SELF:
                words[-1], spans[-1] = words[-1] + word, (spans[-1][0], piece.end())
                continue  # "my self": one word that was heard as two
            words.append(word)
            marks.append(mark if len(words) > 1 else "")
            spans.append(piece.span())
            mark, hesitated = "", False
    joined, starts = _join(words, marks)
    return Spoken(original, tuple(words), tuple(marks), tuple(spans), joined, starts)


def _stronger(mark: str, kind: str) -> str:
    """The strongest of several marks in a row: a question mark, then a full stop, then a comma."""
    found = {"pause": ",", "ask": "?", "stop": "."}[kind]
    return max(mark, found, key=["", ",", ".", "?"].index)


def _join(words: list[str], marks: list[str]) -> tuple[str, tuple[int, ...]]:
    leads = [_LEADS[mark] for mark in marks]
    starts: list[int] = []
    length = 0
    for word, lead in zip(words, leads, strict=True):
        starts.append(length + len(lead))
        length += len(lead) + len(word)
    return "".join(map(add, leads, words)) + " ", tuple(starts)


@lru_cache(maxsize=4_096)
def _plain(piece: str) -> tuple[str, ...]:
    """One word in lower case, without accents, contractions written out; may become several words."""
    word = piece.lower().replace("`", "'")
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        word = re.sub("[’´]", "'", word)
    if "'" not in word:
        return tuple(_WITHOUT_APOSTROPHE.get(word, word).split())
    return tuple(_uncontracted(word).split())


def _uncontracted(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, written in _ENDINGS.items():
        if word.endswith(ending):
            return f"{word.removesuffix(ending)} {written}"
    stem, _, rest = word.partition("'")
    if rest == "s":  # "she's" is "she is", but "husband's chest" is his chest
        stem = _WITHOUT_APOSTROPHE.get(stem, stem)
        return f"{stem} is" if stem in _IS else stem
    return word.replace("'", "")
