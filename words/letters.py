"""Letters as people spell them: "m i l l e r", "b as in boy", "double l", "november", "em eye ell"."""

from __future__ import annotations

from collections.abc import Sequence

_NATO_WORDS = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)
NATO = {word: word[0] for word in _NATO_WORDS.split()} | {"alfa": "a", "juliett": "j", "whisky": "w"}

# Names of the letters as a recogniser or a typist writes them.
_LETTER_NAMES = {
    "ay": "a", "bee": "b", "be": "b", "cee": "c", "see": "c", "sea": "c", "dee": "d", "ee": "e", "ef": "f",
    "eff": "f", "gee": "g", "aitch": "h", "haitch": "h", "eye": "i", "jay": "j", "kay": "k", "okay": "k",
    "el": "l", "ell": "l", "em": "m", "en": "n", "oh": "o", "owe": "o", "pee": "p", "pea": "p", "cue": "q",
    "queue": "q", "are": "r", "ar": "r", "es": "s", "ess": "s", "tee": "t", "tea": "t", "you": "u",
    "yew": "u", "vee": "v", "ex": "x", "why": "y", "wye": "y", "zee": "z", "zed": "z",
}  # fmt: skip
_MARKS = {"hyphen": "-", "dash": "-", "apostrophe": "'", "space": " "}
_AS_IN = (("as", "in"), ("like", "in"), ("for",), ("like",), ("as",))
_ALIKE = ("bcdegptvz", "mn", "fsx", "ajk", "qu", "iy", "lo", "ar")  # taken for one another on a telephone
_SKIPPED = frozenset({"capital", "then", "and", "comma", "letter", "the"})

Found = tuple[str, int]


def parse_letter(words: Sequence[str], at: int) -> Found | None:
    """One letter or mark, with the word that explains it: "b as in boy", "double u", "hyphen"."""
    if _word(words, at) == "double":
        return _double(words, at)
    plain = _plain_letter(_word(words, at))
    if plain:
        return _explained(words, at + 1, plain)
    mark = _MARKS.get(_word(words, at))
    return (mark, at + 1) if mark else None


def parse_spelling(words: Sequence[str], at: int) -> Found | None:
    """Letters said one after another, upper case: "s m i t h" is "SMITH". None for fewer than one."""
    letters, place = "", at
    while place < len(words):
        if words[place] in _SKIPPED and letters:
            place += 1
        elif found := parse_letter(words, place):
            letters, place = letters + found[0], found[1]
        else:
            break
    return (letters.upper().strip(" -"), place) if letters.strip(" -'") else None


def spelled(name: str) -> str:
    """The letters of a name said one by one: "Lee-Ann" is "l e e hyphen a n n"."""
    marks = {mark: word for word, mark in _MARKS.items() if word != "dash"}
    return " ".join(
        marks.get(letter, letter) for letter in name.lower() if letter.isalpha() or letter in marks
    )


def _plain_letter(word: str) -> str:
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word
    return _LETTER_NAMES.get(word) or NATO.get(word, "")


def _double(words: Sequence[str], at: int) -> Found | None:
    following = _word(words, at + 1)
    if following in ("u", "you", "yew"):
        return _explained(words, at + 2, "w")
    letter = _plain_letter(following)
    return (letter * 2, at + 2) if letter else None


def _explained(words: Sequence[str], at: int, letter: str) -> Found:
    """The letter and the place after "as in boy".

    An example that begins with a letter of the same sound is believed before the letter: "m as in nancy" is
    N. One that begins with quite another is no example ("s for my last name").
    """
    for joint in _AS_IN:
        example = _word(words, at + len(joint))
        if tuple(words[at : at + len(joint)]) != joint or len(example) < 2 or not example.isalpha():
            continue
        if example[0] == letter or (len(joint) > 1 and _sound_alike(example[0], letter)):
            return example[0], at + len(joint) + 1
    return letter, at


def _sound_alike(one: str, other: str) -> bool:
    return any(one in letters and other in letters for letters in _ALIKE)


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""
