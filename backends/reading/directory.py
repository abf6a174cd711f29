"""Who is calling, against a chart of another system: `directory` judges, on a copy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from backends.embedded import EmbeddedBackends
from backends.identity import Likeness, name_matches, names_of, spoken_name
from backends.reading.patients import Patients
from backends.refusals import Json
from models.domain import (
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    PatientView,
    PermissionRecorded,
    RecordPermission,
    SendCode,
    VerifyIdentity,
)
from models.errors import BackendError

On = Callable[[Iterable[Json]], EmbeddedBackends]  # our own rules, on a copy of these documents
_REACHED = ("resourceType", "id", "telecom")
HINT_S = 0.25  # a greeting does not wait for a hint


class FhirDirectory:
    """`models.domain.Directory` on a FHIR server. Raises the errors of `problems`."""

    def __init__(self, patients: Patients, on: On) -> None:
        self._patients = patients
        self._on = on
        self._hints: dict[str, asyncio.Task[list[Json]]] = {}

    async def names_at(self, caller_number: str) -> tuple[str, ...]:
        """As far as it is known at once; asked again a moment later, there may be more."""
        if not caller_number:
            return ()
        looking, limit_s = self._hints.get(caller_number), 0.0  # who asks again does not wait again
        if looking is None:
            looking, limit_s = asyncio.ensure_future(self._patients.with_number(caller_number)), HINT_S
            self._hints[caller_number] = looking
            looking.add_done_callback(lambda task: self._hinted(caller_number, task))
        done, _ = await asyncio.wait({looking}, timeout=limit_s)
        return tuple(spoken_name(one) for one in looking.result()) if done and _worked(looking) else ()

    async def verify(
        self, claim: VerifyIdentity, *, caller_number: str, call_id: str
    ) -> IdentityVerified | IdentityRefused:
        """As `EmbeddedDirectory.verify`. A number that is locked asks the server nothing."""
        locked = await self.locked(caller_number)
        found = [] if locked else [*await self._at(caller_number), *await self._known(claim)]
        answer = await self._on(found).directory.verify(claim, caller_number=caller_number, call_id=call_id)
        if isinstance(answer, IdentityVerified):
            await self._have_ready(answer.patient_id)
        return answer

    async def locked(self, caller_number: str) -> bool:
        return await self._on(()).directory.locked(caller_number)

    async def view(self, patient_id: str, level: IdentityLevel, *, by_proxy: bool = False) -> PatientView:
        part = [] if level is IdentityLevel.L0 else await self._patients.part(patient_id)
        return await self._on(part).directory.view(patient_id, level, by_proxy=by_proxy)

    async def send_code(self, wish: SendCode, *, call_id: str) -> CodeSent | CodeNotSent:
        part = await self._patients.part(wish.patient_id)
        people = await self._patients.speakers(wish.patient_id) if wish.basis else []
        return await self._on([*part, *people]).directory.send_code(wish, call_id=call_id)

    async def check_code(
        self, wish: CheckCode, *, caller_number: str, call_id: str
    ) -> IdentityVerified | CodeRefused:
        answer = await self._on(()).directory.check_code(wish, caller_number=caller_number, call_id=call_id)
        if isinstance(answer, IdentityVerified):
            await self._have_ready(answer.patient_id)
        return answer

    async def record_permission(self, wish: RecordPermission, *, call_id: str) -> PermissionRecorded:
        """The Consent is kept here; the call's note tells of it."""
        return await self._on(()).directory.record_permission(wish, call_id=call_id)

    def _hinted(self, caller_number: str, task: asyncio.Task[list[Json]]) -> None:
        """A hint that cannot be had is no problem of anybody's."""
        self._hints.pop(caller_number, None)
        _worked(task)

    async def _at(self, caller_number: str) -> list[Json]:
        """That this number is on file, and no more: a hint of some seconds ago proves nobody's name."""
        found = await self._patients.with_number(caller_number) if caller_number else []
        return [{name: one[name] for name in _REACHED if name in one} for one in found]

    async def _known(self, claim: VerifyIdentity) -> list[Json]:
        found = await self._patients.candidates(claim.dob, claim.names)
        if not claim.caller_names:
            return found
        named = [one for one in found if name_matches(claim.names, names_of(one), Likeness.SOUNDS)]
        people = [await self._patients.speakers(str(one["id"])) for one in named]
        return [*found, *(document for each in people for document in each)]

    async def _have_ready(self, patient_id: str) -> None:
        """Read now, while the caller is told to wait, what the very next decision looks at."""
        with contextlib.suppress(BackendError):
            await self._patients.part(patient_id)


def _worked(task: asyncio.Task[list[Json]]) -> bool:
    return not task.cancelled() and task.exception() is None
