"""The parcels of the shop's orders, and what their carriers saw of them."""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.schema import Scan, Shipment
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import OrderRow, ShipmentRow, ShipmentScanRow
from assistant.shop.versioned import row_of


class Shipments:
    """The shipments in the shop's records, each seen by the customer of its order only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, *shipments: Shipment) -> None:
        """Write shipments over those of the same id, and keep their scans; an unknown order is a RecordsError."""
        with writing(self._engine) as session:
            for shipment in shipments:
                put_shipment(session, shipment)

    def of_order(self, order_id: str, customer_id: str) -> tuple[Shipment, ...]:
        """Return the shipments of the customer's order by id. Raises ToolError for an order that isn't theirs."""
        of_order = select(ShipmentRow).where(ShipmentRow.order_id == order_id).order_by(ShipmentRow.id)
        with transaction(self._engine) as session:
            row_of(session, order_id, customer_id)
            return tuple(_from_row(row) for row in session.scalars(of_order))

    def of_customer(self, customer_id: str, order_ids: Sequence[str]) -> dict[str, tuple[Shipment, ...]]:
        """Return the shipments of those of the orders that are the customer's, by the order's id."""
        theirs = (
            select(ShipmentRow)
            .join(OrderRow, OrderRow.id == ShipmentRow.order_id)
            .where(OrderRow.customer_id == customer_id, ShipmentRow.order_id.in_(order_ids))
            .order_by(ShipmentRow.id)
        )
        found: dict[str, tuple[Shipment, ...]] = {}
        with transaction(self._engine) as session:
            for row in session.scalars(theirs):
                found[row.order_id] = (*found.get(row.order_id, ()), _from_row(row))
        return found


def put_shipment(session: Session, shipment: Shipment) -> None:
    """Write one shipment; a scan of a moment that is there already is written over."""
    plain = ("id", "order_id", "carrier", "tracking_number", "state", "expected_on")
    row = session.get(ShipmentRow, shipment.id)
    scans = {scan.at: scan for scan in (*(_scan(each) for each in (row.scans if row else ())), *shipment.scans)}
    session.merge(
        ShipmentRow(
            **{name: getattr(shipment, name) for name in plain},
            positions=list(shipment.positions),
            scans=[ShipmentScanRow(shipment_id=shipment.id, **scan.model_dump()) for scan in scans.values()],
        )
    )


def _from_row(row: ShipmentRow) -> Shipment:
    plain = ("id", "order_id", "carrier", "tracking_number", "state", "expected_on", "positions")
    values = {name: getattr(row, name) for name in plain}
    return Shipment.model_validate(values | {"scans": tuple(map(_scan, row.scans))})


def _scan(row: ShipmentScanRow) -> Scan:
    return Scan.model_validate({"at": row.at, "state": row.state, "place": row.place})
