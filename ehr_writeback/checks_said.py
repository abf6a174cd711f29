"""What a note may say of the caller's and of our words: verbatim, of the right turn, speaker and person."""

from __future__ import annotations

import re

from ehr_writeback import assertions
from ehr_writeback.checks_checkin import EARLIER, answered_earlier, answers_it
from ehr_writeback.checks_header import is_stamp_of
from ehr_writeback.evidence import UNKEPT, Evidence, facts_of
from ehr_writeback.plain_words import flat, uncut
from models.domain import (
    PRESSED_FOR_SPANISH,
    TYPES,
    FileCheckin,
    PageStaff,
    RedFlagRaised,
    RequestRefill,
    StaffPaged,
)

_QUOTE = re.compile(r'"([^"]*)" \[t(\d+)\]')
_ASKED = re.compile(r'(?:(.+): )?asked(?:: "([^"]*)")? \[t(\d+)\], caller: "([^"]*)" \[t(\d+)\]')
_FINDING = re.compile(r'(.+): "([^"]*)" \[t(\d+)\]')
_ABOUT_OTHER = "about another person: "
_FLAG = re.compile(r"([\w-]+), (emergency|urgent), (.+?), (?:caller: |asked: )(.+)")
_DELIVERED = re.compile(r'Wording delivered: "([^"]*)" \[t(\d+)\]')
_REPLY = re.compile(r'Caller\'s reply: "([^"]*)" \[t(\d+)\]')
_UNKEPT = re.compile(rf"(?:([\w-]+), (emergency|urgent), (.+), )?{UNKEPT} \[t(\d+)\]")
_NOT_UNDERSTOOD = re.compile(r"\bdidn't (?:catch|get) (?:that|it)\b")
_PAGED = re.compile(r"Staff paged: (.+) \[t(\d+)\]")


def reason(line: str, seen: Evidence) -> bool:
    """The caller's own words for what they want, from the turn that is named."""
    words = flat(seen.record.reason)
    if seen.record.reason in (PRESSED_FOR_SPANISH, TYPES):
        return flat(line) == words and _was_done(seen)
    if found := _QUOTE.fullmatch(line):
        said = seen.caller_said(found[1], int(found[2])) and _whole(seen, found[1], int(found[2]))
        return said and _same_or_cut(found[1], words)
    found = _ASKED.fullmatch(line)
    return found is not None and _answered(found, seen) and flat(f"{found[2]} {found[4]}") == words


def _was_done(seen: Evidence) -> bool:
    """Whether a reason that has no words is borne out: by a key, or by what was done for who types."""
    if seen.record.reason == PRESSED_FOR_SPANISH:
        return any("2" in turn.keys for turn in seen.record.turns)
    return any(TYPES in facts_of(done.action) for done in seen.record.done)


def present(line: str, seen: Evidence) -> bool:
    """A symptom that the caller reported: of the patient, as a fact, without a "no"."""
    if found := _UNKEPT.fullmatch(line):
        return not found[1] and any(_was_unkept(flag, found, seen) for flag in seen.record.red_flags)
    if line.startswith(_ABOUT_OTHER):
        found = _QUOTE.fullmatch(line.removeprefix(_ABOUT_OTHER))
        return found is not None and seen.caller_said(found[1], int(found[2]))
    if found := _QUOTE.fullmatch(line):
        words, number = flat(found[1]), int(found[2])
        told = assertions.asserted(seen.utterance(number), uncut(words), others_too=seen.for_another)
        return seen.caller_said(words, number) and told and words in _flat_all(seen.record.symptoms_present)
    if found := _ASKED.fullmatch(line):
        return _answered(found, seen) and _was_taken(found, seen) and not assertions.denies(found[4])
    if quotes := _in_a_row(line, seen):
        told = not assertions.denies(quotes[-1])
        return told and flat(" / ".join(quotes)) in _flat_all(seen.record.symptoms_present)
    return _finding(line, seen, present=True)


def denied(line: str, seen: Evidence) -> bool:
    """A symptom that the caller denied, in words of theirs or with a no to our question."""
    if found := _QUOTE.fullmatch(line):
        words, number = flat(found[1]), int(found[2])
        told = assertions.negated(seen.utterance(number), uncut(words)) and assertions.negated(words, words)
        return seen.caller_said(words, number) and told and _part_of(words, seen.record.symptoms_denied)
    if found := _ASKED.fullmatch(line):
        told = (found[1] or f"{found[2]} {found[4]}").casefold() in _flat_all(seen.record.symptoms_denied)
        return told and _answered(found, seen) and assertions.denies(found[4])
    return _finding(line, seen, present=False)


def not_asked(line: str, seen: Evidence) -> bool:
    filed = [done.action for done in seen.record.done if isinstance(done.action, FileCheckin)]
    names = {name for one in filed for name in one.not_asked}
    return line == "every symptom not listed above" or line in names


def _finding(line: str, seen: Evidence, *, present: bool) -> bool:
    """A finding of a check-in by its name, with the caller's answer to that very question."""
    if line.endswith(f": {EARLIER}"):
        every = (done.action for done in seen.record.done if isinstance(done.action, FileCheckin))
        answers = [one for each in every for one in each.answers if one.present is present]
        return any(answered_earlier(line, one, seen) for one in answers)
    found = _FINDING.fullmatch(line)
    if not found:
        return False
    name, words, number = found[1], found[2], int(found[3])
    for filed in (done.action for done in seen.record.done if isinstance(done.action, FileCheckin)):
        for answer in filed.answers:
            if answer.finding == name and answer.present is present and flat(answer.quote) == flat(words):
                said = seen.caller_said(words, number) and answers_it(answer, filed, seen, number)
                return said and _fits(answer.value, words)
    return False


def _fits(value: str, words: str) -> bool:
    """Whether "yes" or "no" was understood from words that can mean it."""
    return assertions.denies(words) if value == "no" else not assertions.denies(words)


def medicine(line: str, seen: Evidence) -> bool:
    """A medicine by the caller's name for it, or by ours that they agreed to."""
    asked_for = [done for done in seen.record.done if isinstance(done.action, RequestRefill)]
    if found := _UNKEPT.fullmatch(line):
        number = int(found[4])
        return not seen.keeps_words(number) and number in {done.turn_number for done in asked_for}
    wishes = {flat(done.action.said) for done in asked_for if isinstance(done.action, RequestRefill)}
    if found := _QUOTE.fullmatch(line):
        return flat(found[1]) in wishes and seen.caller_said(found[1], int(found[2]))
    found = _ASKED.fullmatch(line)
    agreed = found is not None and _answered(found, seen) and not assertions.denies(found[4])
    return agreed and found is not None and flat(found[2] or "") in wishes


def told(line: str, seen: Evidence) -> bool:
    found = _QUOTE.fullmatch(line)
    return found is not None and seen.agent_said(found[1], int(found[2])) and _is_whole_reply(seen, found)


def red_flag(line: str, seen: Evidence) -> bool:
    """The sign, its instant and words; the wording delivered; the reply; who was paged."""
    if found := _UNKEPT.fullmatch(line):
        return _unkept_flag(found, seen)
    if found := _FLAG.fullmatch(line):
        return _flag(found, seen)
    if found := _DELIVERED.fullmatch(line):
        return seen.agent_said(found[1], int(found[2])) and _is_whole_reply(seen, found)
    if found := _REPLY.fullmatch(line):
        return flat(found[1]) == seen.utterance(int(found[2]))
    found = _PAGED.fullmatch(line)
    return found is not None and any(
        _page_of(done.action, done.result) == found[1] for done in seen.done_in(int(found[2]))
    )


def _flag(found: re.Match[str], seen: Evidence) -> bool:
    turns = [seen.turn(int(number)) for number in re.findall(r"\[t(\d+)\]", found[4])]
    last = turns[-1] if turns else None
    if last is None or not is_stamp_of(found[3], last.at, seen.record):
        return False
    same = [f for f in seen.record.red_flags if (f.red_flag_id, f.disposition) == (found[1], found[2])]
    return any(_words_of_flag(flag, found[4], seen) for flag in same)


def _unkept_flag(found: re.Match[str], seen: Evidence) -> bool:
    """A sign told off the record: its turn is that in which staff were paged for it."""
    turn = seen.turn(int(found[4]))
    same = [f for f in seen.record.red_flags if (f.red_flag_id, f.disposition) == (found[1], found[2])]
    told = turn is not None and bool(found[3]) and is_stamp_of(found[3], turn.at, seen.record)
    return told and any(_was_unkept(flag, found, seen) for flag in same)


def _was_unkept(flag: RedFlagRaised, found: re.Match[str], seen: Evidence) -> bool:
    number = int(found[4])
    pages = [done.action for done in seen.done_in(number) if isinstance(done.action, PageStaff)]
    return not seen.keeps_words(number) and any(page.red_flag_id == flag.red_flag_id for page in pages)


def _words_of_flag(flag: RedFlagRaised, words: str, seen: Evidence) -> bool:
    if found := _QUOTE.fullmatch(words):
        said = seen.caller_said(found[1], int(found[2]))
        return said and flat(found[1]) == flat(flag.quote)
    if quotes := _in_a_row(words, seen):
        return flat(" / ".join(quotes)) == flat(flag.quote)
    pairs = [_ASKED.fullmatch(f"asked: {part}") for part in words.split(" / ")]
    whole = " / ".join(f"{pair[2]} {pair[4]}" for pair in pairs if pair)
    told = all(pair and _answered(pair, seen) for pair in pairs)
    return told and flat(whole) == flat(flag.quote)


def _in_a_row(words: str, seen: Evidence) -> list[str]:
    """Quotes from one turn and a later one: a sign that was doubtful, and the answer that settled it."""
    found = [_QUOTE.fullmatch(part) for part in words.split(" / ")]
    quotes = [(one[1], int(one[2])) for one in found if one and seen.caller_said(one[1], int(one[2]))]
    numbers = [number for _, number in quotes]
    in_order = numbers == sorted(set(numbers)) and len(numbers) == len(found) > 1
    return [quote for quote, _ in quotes] if in_order else []


def _page_of(action: object, result: object) -> str:
    if not isinstance(action, PageStaff):
        return ""
    return result.page_ref if isinstance(result, StaffPaged) else "not delivered"


def _answered(found: re.Match[str], seen: Evidence) -> bool:
    """Our question in one turn, the caller's whole answer in the next that has words."""
    name, question, asked_in = found[1], found[2], int(found[3])
    answer, answered_in = found[4], int(found[5])
    after = (turn for turn in seen.record.turns if turn.number > asked_in and turn.caller_text)
    answering = next(after, None)
    if answering is None or answering.number != answered_in:
        return False
    asked = seen.agent_said(question or name or "", asked_in)
    return asked and _same_or_cut(answer, answering.caller_text)


def _was_taken(found: re.Match[str], seen: Evidence) -> bool:
    """Whether we did not say ourselves that we had not understood the answer, and ask once more."""
    turn = seen.turn(int(found[5]))
    return turn is not None and not _NOT_UNDERSTOOD.search(turn.agent_text)


def _same_or_cut(quote: str, said: str) -> bool:
    words, whole = flat(quote), flat(said)
    return words == whole or (words.endswith("...") and whole.startswith(uncut(words)))


def _is_whole_reply(seen: Evidence, found: re.Match[str]) -> bool:
    turn = seen.turn(int(found[2]))
    return turn is not None and _same_or_cut(found[1], turn.heard_to or turn.agent_text)


def _whole(seen: Evidence, words: str, number: int) -> bool:
    """Whether nothing before a quote in its own clause turns its meaning."""
    utterance, quote = seen.utterance(number), uncut(words)
    return quote == utterance or utterance.startswith(quote) or not assertions.turned(utterance, quote)


def _part_of(words: str, whole: tuple[str, ...]) -> bool:
    return any(uncut(words) in flat(one) or flat(one) in words for one in whole)


def _flat_all(words: tuple[str, ...]) -> set[str]:
    return {flat(one) for one in words}
