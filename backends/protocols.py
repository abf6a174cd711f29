"""The check-ins of a practice as they stand: its files, over them what staff took, and who signed which.

A signature covers the document that was read and no other: it holds the document's hash. Fixed content that
the practice's medical director has authorised: FDA's policy on functions for patients, domain rules 5.1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from backends.questionnaire_file import OWN, Json
from backends.questionnaires import checked, runnable
from models.domain import Questionnaire
from models.practice import Body, newest_versions, setting

DOCUMENT, SIGNATURE = "protocol/", "signature/"  # keys of settings, each with the protocol's name
SHIPPED, OWN_FILE, CONSOLE = "shipped", "file", "console"


@dataclass(frozen=True, slots=True)
class Protocol:
    """``source``: where its words come from. ``withdrawn``: somebody has taken the signature back."""

    questionnaire: Questionnaire
    document: Json
    digest: str
    source: str
    withdrawn: bool = False


def digest_of(document: Json) -> str:
    """Of what is asked and decided; the signature within a file is not part of what is signed."""
    text = json.dumps(unsigned(document), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def unsigned(document: Json) -> Json:
    """Without the signature that a file may carry."""
    kept = [one for one in document.get("extension", []) if one.get("url") != f"{OWN}sign-off"]
    return {**document, "extension": kept}


class ProtocolBook:
    """Shared by all of a process. ``live``: with real patients, only signed ones run."""

    def __init__(self, shipped: Mapping[str, Json], own: Mapping[str, Json], *, live: bool) -> None:
        """Raises `SettingsError` where a file is wrong."""
        files = {name: (document, SHIPPED) for name, document in shipped.items()}
        files |= {name: (document, OWN_FILE) for name, document in own.items()}
        self.live = live
        self.unreadable: tuple[str, ...] = ()  # names of those that were taken or signed, and cannot be read
        self._files = files
        self._versions: dict[str, int] = {}
        self._read: dict[str, Questionnaire] = {}  # by source, hash and signature: compared by identity
        self.protocols = {name: self._protocol(name, {}) for name in sorted(files)}
        self._running = self._that_run()

    @property
    def running(self) -> Sequence[Questionnaire]:
        """Those that may be asked, always as they are now."""
        return _Running(self)

    def now(self) -> tuple[Questionnaire, ...]:
        return self._running

    def read_again(self) -> None:
        """``live`` was changed."""
        self._running = self._that_run()

    def take_up(self, session: Session, newest: Mapping[str, int] | None = None) -> bool:
        """Read what was taken or signed since it was last asked; whether anything was.

        ``newest``: of every setting the version, where it is known already.
        """
        newest = newest_versions(session) if newest is None else newest
        versions = {key: number for key, number in newest.items() if key.startswith((DOCUMENT, SIGNATURE))}
        if versions == self._versions:
            return False
        added = {key.removeprefix(DOCUMENT) for key in versions if key.startswith(DOCUMENT)}
        found = {name: self._or_none(session, name) for name in sorted({*self._files, *added})}
        self.protocols = {name: protocol for name, protocol in found.items() if protocol}
        self.unreadable = tuple(name for name, protocol in found.items() if protocol is None)
        self._versions, self._running = versions, self._that_run()
        return True

    def _that_run(self) -> tuple[Questionnaire, ...]:
        standing = [each.questionnaire for each in self.protocols.values() if not each.withdrawn]
        return runnable(standing, live=self.live)

    def _or_none(self, session: Session, name: str) -> Protocol | None:
        """None: this version of the program cannot read what was taken or signed, so nobody is asked by it.

        Whatever is wrong with one: callers go on being answered. A database that fails is another matter.
        """
        try:
            rows = {key: setting(session, key) for key in (DOCUMENT + name, SIGNATURE + name)}
            return self._protocol(name, {key: row.body for key, row in rows.items() if row})
        except SQLAlchemyError:
            raise
        except Exception:  # of another shape, or sealed with another key
            return None

    def _protocol(self, name: str, bodies: Mapping[str, Body]) -> Protocol:
        document, source = self._files.get(name, ({}, CONSOLE))
        if taken := bodies.get(DOCUMENT + name):
            document, source = unsigned(taken["document"]), CONSOLE
        digest = digest_of(document)
        signature = bodies.get(SIGNATURE + name, {})
        signature = signature if signature.get("digest") == digest else {}
        one = self._questionnaire(
            document, f"{source}/{digest}/{json.dumps(dict(signature), sort_keys=True)}", signature
        )
        return Protocol(one, document, digest, source, withdrawn=signature.get("signed") is False)

    def _questionnaire(self, document: Json, key: str, signature: Body) -> Questionnaire:
        if key not in self._read:
            one = checked(document, str(document.get("id", "questionnaire")))
            self._read[key] = _signed(one, signature) if signature else one
        return self._read[key]


def _signed(one: Questionnaire, signature: Body) -> Questionnaire:
    if not signature.get("signed"):
        return replace(one, signed_by="", signed_on="")
    return replace(
        one, signed_by=f"{signature['who']}, {signature['role']}", signed_on=signature["on"], demo_only=False
    )


class _Running(Sequence[Questionnaire]):
    """The questionnaires that run, asked anew each time."""

    def __init__(self, book: ProtocolBook) -> None:
        self._book = book

    @overload
    def __getitem__(self, at: int) -> Questionnaire: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Questionnaire]: ...
    def __getitem__(self, at: int | slice) -> Questionnaire | Sequence[Questionnaire]:
        return self._book.now()[at]

    def __len__(self) -> int:
        return len(self._book.now())

    def __iter__(self) -> Iterator[Questionnaire]:
        return iter(self._book.now())
