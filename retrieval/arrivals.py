"""When products came into the shop: what is new may be called so, and nothing else."""

import time
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from retrieval.product_tables import arrivals


def note_arrivals(connection: Connection, held: set[str], wanted: Iterable[str]) -> None:
    """Keep the time at which products came that weren't held; in a shop that held none, nothing is new."""
    if not held:
        return
    # An id that was here before and comes again is as new as it was.
    known = held | set(connection.scalars(select(arrivals.c.product_id)))
    fresh = [{"product_id": product_id, "at": time.time()} for product_id in wanted if product_id not in known]
    if fresh:
        connection.execute(insert(arrivals), fresh)
