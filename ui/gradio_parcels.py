"""Where an order's parcels have been, as HTML: what the carrier saw, newest first."""

from collections.abc import Sequence
from datetime import date

from assistant.schema import Scan, Shipment
from ui.gradio_markup import literal
from ui.texts import text


def parcels_html(shipments: Sequence[Shipment], language: str) -> str:
    """Return each parcel that a carrier has seen, folded up behind what was seen last."""
    return "".join(_parcel(shipment, language) for shipment in shipments if shipment.scans)


def day_text(day: date, language: str) -> str:
    """Return a day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%b %Y}"


def _parcel(shipment: Shipment, language: str) -> str:
    number = literal(shipment.tracking_number or shipment.id)
    state = text(f"scan_{shipment.state}", language)
    last = shipment.scans[-1].place
    where = f" · {literal(last)}" if last and shipment.state != "delivered" else ""
    scans = "".join(_scan(scan, language) for scan in reversed(shipment.scans))
    return (
        f'<details class="st-parcel"><summary>{text("parcel", language, number=number)}'
        f" <strong>{state}{where}</strong></summary><ol>{scans}</ol></details>"
    )


def _scan(scan: Scan, language: str) -> str:
    place = f" <span>{literal(scan.place)}</span>" if scan.place else ""
    when = f'<time datetime="{scan.at.isoformat()}">{day_text(scan.at.date(), language)}</time>'
    return f"<li>{when} {text(f'scan_{scan.state}', language)}{place}</li>"
