"""What `shelftalk outbox` does: show what the shop's own system was told, and tell it again."""

import json
from collections.abc import Sequence

from rich.table import Table

from assistant.app import open_shop_records
from assistant.settings import Settings
from ui.progress import console


def show_outbox(settings: Settings, states: Sequence[str], limit: int, as_json: bool) -> None:
    """Print the newest messages. Raises AssistantError."""
    messages = open_shop_records(settings).outbox.list(states, limit)
    if as_json:
        print(json.dumps([message.model_dump(mode="json") for message in messages], ensure_ascii=False))
        return
    table = Table("id", "type", "of", "state", "attempts", "next", "error")
    for message in messages:
        due = f"{message.next_at:%Y-%m-%d %H:%M:%S}" if message.state == "waiting" else ""
        table.add_row(
            message.id, message.type, message.record_id, message.state, str(message.attempts), due, message.error or ""
        )
    console.print(table if messages else "The outbox is empty.")


def resend(settings: Settings, message_ids: Sequence[str]) -> None:
    """Let these messages, or without any all dead ones, be sent again. Raises AssistantError."""
    count = open_shop_records(settings).outbox.resend(*message_ids)
    console.print(f"{count} messages will be sent again by the next process that serves.", highlight=False)
