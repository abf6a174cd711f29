"""All backends on the practice's own database."""

from __future__ import annotations

from collections.abc import Sequence

from backends.chart import Chart
from backends.checkins import EmbeddedCheckins
from backends.desk import EmbeddedDesk
from backends.directory import EmbeddedDirectory
from backends.operations import SchedulingOperations
from backends.patient_file import PatientFiles
from backends.pharmacy import EmbeddedPharmacy
from backends.practice import Practice
from backends.questionnaires import SHIPPED, load_questionnaires
from backends.refill_decisions import RefillDecisions
from backends.refill_policy import load_policy
from backends.refill_queue import RefillQueue
from backends.scheduling import EmbeddedScheduling
from backends.staff_tasks import StaffTasks
from backends.store import ChartStore
from backends.waitlist import EmbeddedWaitlist
from backends.waitlist_offers import Offers
from models.domain import Clock, PracticeFacts, Questionnaire
from models.keyring import KeyRing
from models.storage import Storage
from words.formulary import drug_names


class EmbeddedBackends:
    """Chart, directory, scheduling, pharmacy and desk. ``system_url`` begins our identifier systems.

    ``questionnaires`` None: those that ship; they may change. ``store`` None: the chart in this database.
    """

    def __init__(
        self,
        storage: Storage,
        keyring: KeyRing,
        practice: Practice,
        clock: Clock,
        system_url: str,
        questionnaires: Sequence[Questionnaire] | None = None,
        store: ChartStore | None = None,
    ) -> None:
        system_url = system_url.rstrip("/")
        self.practice = practice
        self.clock = clock
        self.chart = Chart(storage, keyring, clock, store)
        known = load_questionnaires(SHIPPED) if questionnaires is None else questionnaires
        self.questionnaires = known
        self.checkins = EmbeddedCheckins(self.chart, practice, known, keyring.blind)
        self.scheduling = EmbeddedScheduling(self.chart, practice, system_url)
        self.waitlist = EmbeddedWaitlist(self.chart, practice, self.scheduling, system_url)
        self.operations = SchedulingOperations(self.chart, practice, self.scheduling)
        self.offers = Offers(self.chart, practice, self.scheduling, self.waitlist, system_url)
        places = self.waitlist.places
        self.directory = EmbeddedDirectory(self.chart, practice, system_url, places, self.checkins)
        self.pharmacy = EmbeddedPharmacy(self.chart, practice, system_url)
        tasks = StaffTasks(self.chart.store, practice, system_url)
        self.refill_decisions = RefillDecisions(self.chart, tasks, system_url)
        self.refill_queue = RefillQueue(self.chart, practice, load_policy())
        self.patient_files = PatientFiles(self.chart, practice, system_url)
        self.desk = EmbeddedDesk(self.chart, practice, system_url)

    async def facts(self) -> PracticeFacts:
        """The practice as every call may know it now, with the word lists to hear with."""
        roster = await self.directory.roster_names()
        return self.practice.facts(self.clock(), roster_names=roster, medicine_names=drug_names())
