"""The messages of the inbox as JSON."""

from typing import Any

from chalicelib.messages.sms_segments import count
from infra.local.providers.inbox import File, Message
from infra.local.providers.mime import CALENDAR, calendar_summary
from infra.local.providers.simulator import Simulator


def message_json(simulator: Simulator, message: Message) -> dict[str, Any]:
    """One message with everything that the page shows and tests ask for."""
    taken = message.captured
    shown: dict[str, Any] = {
        "id": message.number,
        "kind": taken.kind,
        "provider": taken.provider,
        "provider_id": taken.provider_id,
        "at": taken.at.isoformat(),
        "to": taken.to,
        "from": taken.sender,
        "subject": taken.subject,
        "text": taken.text,
        "html": taken.html,
        "headers": [list(header) for header in taken.headers],
        "variables": dict(taken.variables),
        "callback_url": taken.callback_url,
        "received": dict(taken.received),
        "attachments": [_file_json(message, index, file) for index, file in enumerate(taken.files)],
        "reports": [
            {"event": report.event, "status": report.status, "answer": report.answer, "at": report.at.isoformat()}
            for report in message.reports
        ],
        "events": list(simulator.events_for(message)),
    }
    if taken.kind == "sms":
        segments = count(taken.text)
        shown["segments"] = {"encoding": segments.encoding, "units": segments.units, "segments": segments.segments}
    return shown


def _file_json(message: Message, index: int, file: File) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "filename": file.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "url": f"/inbox/{message.number}/files/{index}",
    }
    if file.content_type == CALENDAR:
        shown["calendar"] = calendar_summary(file.content)
    return shown
