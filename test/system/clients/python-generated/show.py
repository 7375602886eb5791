"""Runs a show through the API by the client that was generated of its document."""

import json
import sys
import time

from showcaller_client import AuthenticatedClient
from showcaller_client.api.events import create_event, get_event, list_events, stop
from showcaller_client.api.schedules import create_schedule, delete_schedule
from showcaller_client.models import ListEventsRunning, Schedule, ShowcallerPlan, StopBody

given = json.load(sys.stdin)
client = AuthenticatedClient(base_url=given["url"], token=given["token"], raise_on_unexpected_status=True)
event_id = given["plan"]["eventId"]


def status_when(*phases: str):
    while True:
        answer = get_event.sync_detailed(event_id, client=client)
        if answer.status_code == 200 and answer.parsed.phase in phases:
            return answer.parsed
        time.sleep(0.1)


made = create_event.sync(client=client, body=ShowcallerPlan.from_dict(given["plan"]))
status_when("waiting-for-encoder")
running = [one.event_id for one in list_events.sync(client=client, running=ListEventsRunning.TRUE).events]
stopped = stop.sync(event_id, client=client, body=StopBody(reason="enough"))
report = status_when("completed", "failed", "cancelled")

schedule = Schedule.from_dict(given["schedule"])
recurring = create_schedule.sync(client=client, body=schedule)
deleted = delete_schedule.sync_detailed(schedule.schedule_id, client=client)
wrong = create_event.sync(client=client, body=ShowcallerPlan(event_id="no vendor", duration="1h"))

json.dump(
    {
        "started": made.started,
        "listed": event_id in running,
        "accepted": stopped.accepted,
        "audit": [f"{one.action} by {one.by}: {one.reason}" for one in report.audit],
        "dates": len(recurring.shows),
        "deleted": int(deleted.status_code),
        "problems": sorted(one.path for one in wrong.problems),
    },
    sys.stdout,
)
