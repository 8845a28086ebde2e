"""What is kept no longer is removed, by a command and at the start of the service."""

from assistant.settings import Settings
from assistant.shop.records import ShopRecords
from assistant.shop.retention import Kept


def tidied(records: ShopRecords, settings: Settings) -> dict[str, int]:
    """Remove what is older than the settings keep it; return how many of what."""
    kept = Kept(conversations=settings.conversation_days, events=settings.event_days, traces=settings.trace_days)
    return records.retention.tidy(kept)
