"""What the write-back must know of the practice and of the chart it writes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WritebackConfig:
    """``system_url`` names this installation in every identifier that we write: choose once, never change.

    ``same_server``: the backend that acts during calls writes to the same server as the write-back, so what
    it made is referred to, not made again. References are "Type/id" on that server, "" when there is none.
    ``visits_there``: visits at least are booked on that server by the acting backend, whatever else is not.
    ``orders_there``: the medicines of calls are that server's own orders.
    ``provider_refs``: our provider's id -> "Practitioner/id" or "PractitionerRole/id" there.
    ``medicine_names`` widens what the note's checker knows to be a drug.
    """

    system_url: str = "urn:firstring:install"
    practice_name: str = "Medical practice"
    organization_ref: str = ""
    location_ref: str = ""
    task_owner_ref: str = ""
    page_recipient_ref: str = ""
    same_server: bool = True
    visits_there: bool = False
    orders_there: bool = False
    medicine_names: tuple[str, ...] = ()
    provider_refs: Mapping[str, str] = field(default_factory=dict)

    @property
    def call_system(self) -> str:
        return f"{self.system_url}/call"

    @property
    def device_system(self) -> str:
        return f"{self.system_url}/device"

    @property
    def order_system(self) -> str:
        return f"{self.system_url}/order"

    @property
    def appointment_system(self) -> str:
        return f"{self.system_url}/appointment"

    @property
    def task_system(self) -> str:
        return f"{self.system_url}/cs/call-task"
