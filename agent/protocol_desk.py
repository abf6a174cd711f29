"""The check-ins for the console: as they stand, in words, and every check before a new version is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.services import Services
from backends.protocols import CONSOLE, OWN_FILE, SHIPPED, Protocol, unsigned
from backends.questionnaires import checked
from backends.refill_policy import load_policy
from backends.spanish_prompts import read_own
from console.protocol_port import Asked, CheckinProtocol, Document, Rule
from dialog.wording_rules import faults as wording_faults
from models.domain import CheckinRule, Question, Questionnaire, Term
from models.errors import SettingsError

_SOURCES = {SHIPPED: "comes with Firstring", OWN_FILE: "a file of the practice", CONSOLE: "taken here"}
_MARKS = {
    "high_risk": "high risk: never by automation",
    "run_out_matters": "missing doses is dangerous",
    "expedite": "seen to at once",
}


class ProtocolDesk:
    """`console.protocol_port.Protocols` on the practice's own book."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def known(self) -> Sequence[CheckinProtocol]:
        running = {one.name for one in self._services.questionnaires()}
        return [self._shown(each, running) for each in self._services.protocols.protocols.values()]

    def read(self, text: str) -> tuple[Document, Sequence[str]]:
        try:
            document = json.loads(text)
        except ValueError as problem:
            return {}, [f"This is not JSON: {problem}."]
        if not isinstance(document, dict):
            return {}, ["One Questionnaire is needed."]
        document = dict(unsigned(document))
        try:
            one = checked(document, "The questionnaire")
        except SettingsError as problem:
            return document, [f"{problem}."]
        return document, list(self._objections(one))

    def sentences(self, document: Document) -> Mapping[str, str]:
        one = checked(document, "The questionnaire")
        found = {"Version": one.version, "Title": one.title, "Opening": " ".join(one.opening)}
        for question in one.questions:
            found[f"Question {question.link_id}"] = " / ".join((question.text, *question.reasks))
            found[f"Asked when ({question.link_id})"] = _terms(question.ask_when, question.ask_when_any)
            found[f"Answers ({question.link_id})"] = _answers(question)
        for rule in one.rules:
            found[f"Rule {rule.rule_id}"] = f"{rule.code} when {_when(rule)}: {rule.reason}"
        return found

    def refill_rules(self) -> Sequence[tuple[str, str]]:
        policy = load_policy()
        return [
            ("Every medicine", f"a visit within {policy.visit_months} months"),
            ("Too soon", f"less than {policy.early_percent} % of the supply can be used up"),
            ("Visit overdue", f"{policy.bridge_days} days are proposed, and a visit is offered"),
            ("Asked for again", f"within {policy.dedupe_days} days it is the same request"),
            ("Order", f"not older than {policy.order_valid_days} days"),
            *((name.replace("_", " "), _asked_of(rule)) for name, rule in policy.classes.items()),
        ]

    def languages(self) -> str:
        if self._services.spanish:
            own = read_own(self._services.settings.data_dir)
            by = f", signed by {own.signature.by} on {own.signature.on}" if own and own.signature else ""
            return f"Spanish wordings are spoken{by}."
        return "Spanish wordings are not spoken: no signed copy stands in DATA_DIR (docs/operate.md)."

    async def changed(self) -> None:
        await self._services.refresh_practice()

    def _objections(self, one: Questionnaire) -> Iterator[str]:
        """What the wording rules object to; published instruments stay word for word."""
        practice = self._services.practice.facts(self._services.clock())
        scored = {link_id for score in one.scores for link_id in score.link_ids}
        texts = [
            text for question in one.questions if question.link_id not in scored for text in _said(question)
        ]
        for text in (*one.opening, *texts):
            if found := wording_faults(text, practice):
                yield f"The wording rules object to “{text}”: {'; '.join(found)}."

    def _shown(self, each: Protocol, running: set[str]) -> CheckinProtocol:
        one = each.questionnaire
        return CheckinProtocol(
            one.name,
            one.title,
            one.version,
            each.digest,
            _SOURCES[each.source],
            "" if one.demo_only else one.signed_by,
            "" if one.demo_only else one.signed_on,
            one.name in running,
            self._state(each, one.name in running),
            one.opening,
            tuple(map(_asked, one.questions)),
            tuple(Rule(_when(rule), rule.code, rule.reason) for rule in one.rules),
            each.document,
        )

    def _state(self, each: Protocol, runs: bool) -> str:
        one = each.questionnaire
        if each.withdrawn:
            return "the signature was taken back: nobody is asked"
        if one.signed and not one.demo_only:
            return "signed, and asked"
        if runs:
            return "asked without a signature: no patient here is real"
        return "waits for a signature: nobody is asked"


def _asked_of(rule: Mapping[str, Any]) -> str:
    """What one class of medicines asks beyond the rest."""
    months = [f"a visit within {rule['visit_months']} months"] if "visit_months" in rule else []
    labs = [f"{lab.replace('_', ' ')} within {age} months" for lab, age in rule.get("needs", {}).items()]
    always = [f"a person always looks: {rule['review']}"] if "review" in rule else []
    marks = [said for key, said in _MARKS.items() if rule.get(key)]
    gone = [f"withdrawn: {rule['withdrawn']}"] if "withdrawn" in rule else []
    return "; ".join((*months, *labs, *always, *marks, *gone)) or "nothing more"


def _said(question: Question) -> tuple[str, ...]:
    return (question.text, *question.reasks)


def _asked(question: Question) -> Asked:
    when = _terms(question.ask_when, question.ask_when_any)
    return Asked(question.link_id, question.text, question.reasks, _answers(question), when)


def _answers(question: Question) -> str:
    if question.options:
        return ", ".join(option.display for option in question.options)
    if question.least < question.most:
        return f"{question.least:g} to {question.most:g} {question.unit}".strip()
    return question.kind.value.replace("_", " ")


def _when(rule: CheckinRule) -> str:
    every = _terms(rule.all_of, False)
    some = _terms(rule.any_of, True)
    counted = f"{rule.count} of: {some}" if rule.count > 1 else some
    return " and ".join(part for part in (every, counted) if part)


def _terms(terms: Sequence[Term], any_one: bool) -> str:
    return (" or " if any_one else " and ").join(
        f"{each.name} {each.operator} {each.value}" for each in terms
    )
