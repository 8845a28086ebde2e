"""Where an order is, in plain sentences: its state, its parcels, what comes back, what waits for the shop."""

from assistant.schema import Order, OrderDetails
from assistant.telling.phrases import joined, phrase, spaced


def order_status(order: Order, language: str) -> str:
    """Return a sentence or two on where an order is."""
    values = {
        "order": order.id,
        "carrier": order.carrier,
        "tracking": order.tracking_number,
        "date": order.delivered_on,
    }
    text = phrase(f"order_status_{order.status}", language, **values)
    if order.expected_on and order.status in {"pending", "processing", "shipped"}:
        text = spaced([text, phrase("order_expected", language, date=order.expected_on)], language)
    return text


def parcels(result: OrderDetails, language: str) -> list[str]:
    """Return where each parcel was seen last; nothing for a single one that only repeats the order's own state."""
    sentences = []
    for shipment in result.shipments:
        if not shipment.scans or (len(result.shipments) == 1 and shipment.state == "delivered"):
            continue
        scan = shipment.scans[-1]
        place = phrase("scan_place", language, place=scan.place) if scan.place else ""
        state = phrase(f"scan_{scan.state}", language, date=scan.at.date(), place=place).strip()
        number, carrier = shipment.tracking_number or shipment.id, shipment.carrier or ""
        sentences.append(phrase("parcel", language, number=number, carrier=carrier, state=state))
    return sentences


def not_confirmed(result: OrderDetails, language: str) -> list[str]:
    """Return a sentence for each change that the shop's own system hasn't confirmed."""
    names = {"order.cancelled": "cancel", "return.requested": "return", "exchange.requested": "exchange"}
    kinds = dict.fromkeys(names.get(kind, "change") for kind in result.requested)
    return [phrase(f"requested_{kind}", language, order=result.order.id) for kind in kinds]


def on_the_way_back(result: OrderDetails, language: str) -> list[str]:
    """Return a sentence for each return and exchange of the order."""
    sentences = []
    for request in result.returns:
        items = joined([line.title for line in request.lines], language)
        values = {"amount": request.refund, "method": request.refund_to.label}
        sentences.append(phrase("coming_back", language, items=items, **values))
    for exchange in result.exchanges:
        items = joined([line.title for line in exchange.lines], language)
        sentences.append(phrase("swapped", language, items=items))
    return sentences
