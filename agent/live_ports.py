"""Live calls for the console: what their dialogs know, where they may be taken over, how they are heard."""

from __future__ import annotations

import console
import dialog
from agent.services import Services
from agent.whom_to_reach import phones


def live_ports(services: Services) -> console.LivePorts:
    return console.LivePorts(
        glance=lambda state: dialog.glance(dialog.from_json(state)),
        phones=lambda came_in_on: phones_to_ring(services, came_in_on),
        order_given=services.live.given,
        listen=services.live.listeners,
    )


def phones_to_ring(services: Services, came_in_on: frozenset[str]) -> list[console.Phone]:
    """Where a member of staff may take a call over: no number that leads back to us. Without orders to the
    carrier it is the front desk, which the carrier dials by itself."""
    found = [console.Phone(*each) for each in phones(services.settings, services.practice)]
    if services.carrier is None:
        return found[:1]
    return [phone for phone in found if phone.number not in came_in_on]
