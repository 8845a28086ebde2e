"""A year of order lines as a log: RECOMMEND_BASKETS names the folder.

It holds transactions_dev.parquet (InvoiceNo, StockCode, InvoiceDate, CustomerID) and products.parquet (StockCode,
description).
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.evaluation.item_tables import encoded
from retrieval.recommending.events import PURCHASE, EventLog
from retrieval.recommending.items import Items, make_items


def read_order_lines(settings: Settings) -> tuple[Items, EventLog]:
    """Return the products and the purchases by customer and time. Raises SystemExit without the folder."""
    products = _products()
    ids, texts = [str(code) for code in products["id"]], list(products["name"])
    vectors = encoded(load_configured_encoder(settings), texts, lambda done: None)
    items = make_items(ids, [None] * len(ids), [None] * len(ids), vectors)
    lines = pd.read_parquet(_folder() / "transactions_dev.parquet")
    lines = lines[lines["StockCode"].astype(str).isin(items.rows)]
    lines = lines.drop_duplicates(["CustomerID", "InvoiceNo", "StockCode"]).sort_values(["CustomerID", "InvoiceDate"])
    people, _ = pd.factorize(lines["CustomerID"], sort=True)
    days = pd.to_datetime(lines["InvoiceDate"]).to_numpy().astype("datetime64[s]").astype(float) / 86400
    return items, EventLog(
        persons=people.astype(np.int32),
        rows=np.array([items.rows[str(code)] for code in lines["StockCode"]], dtype=np.int32),
        kinds=np.full(len(lines), PURCHASE, dtype=np.int8),
        days=days,
        people=int(people.max()) + 1,
        now=float(days.max()),
    )


def names_of(items: Items) -> list[str]:
    """Return the products' names, by row."""
    products = _products()
    names = dict(zip(products["id"].astype(str), products["name"], strict=True))
    return [names[identifier] for identifier in items.ids]


def until(log: EventLog, day: float) -> EventLog:
    """Return the log as it was at the beginning of a day."""
    kept = log.days < day
    return EventLog(log.persons[kept], log.rows[kept], log.kinds[kept], log.days[kept], log.people, day)


def _folder() -> Path:
    folder = Path(os.environ.get("RECOMMEND_BASKETS", ""))
    if not (folder / "transactions_dev.parquet").is_file():
        raise SystemExit("Set RECOMMEND_BASKETS to the folder with transactions_dev.parquet and products.parquet.")
    return folder


def _products() -> pd.DataFrame:
    table = pd.read_parquet(_folder() / "products.parquet")
    name = next(column for column in table if str(column).lower() == "description")
    return pd.DataFrame({"id": table["StockCode"], "name": table[name].astype(str).str.strip()})
