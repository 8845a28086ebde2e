"""`shelftalk backup` and `shelftalk restore`: a store as one file, taken while the shop is open."""

import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.shop.rules import POLICY_FILE
from retrieval.database import DATABASE_FILE
from retrieval.merchandising import MERCHANDISING_FILE

# The index is left out: it is made anew from the products. So are the leases and locks of open processes.
_PARTS = ("policies", "pictures", POLICY_FILE, MERCHANDISING_FILE)


def back_up(settings: Settings, file: Path) -> int:
    """Write the store's products, people, orders, talks, policies and rules to a .tar.gz; return its size in bytes.

    The database is copied in one state, also while it is written to. Raises AssistantError where there is no store, or
    where people and orders are in a database of their own, which has its own backups.
    """
    store = settings.store
    if not (store / DATABASE_FILE).is_file():
        raise AssistantError(f"There is no shop in {store}. Name one with --store DIR.")
    if settings.records_url is not None:
        raise AssistantError(
            "People and orders are in SHELFTALK_RECORDS_URL. Back that database up with its own tools."
        )
    with tempfile.TemporaryDirectory(prefix="shelftalk-backup-", dir=file.absolute().parent) as scratch:
        database, packed = Path(scratch) / DATABASE_FILE, Path(scratch) / "backup.tar.gz"
        with (
            closing(sqlite3.connect(f"{(store / DATABASE_FILE).absolute().as_uri()}?mode=ro", uri=True)) as open_one,
            closing(sqlite3.connect(database)) as copy,
        ):
            open_one.backup(copy)
        with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
            archive.add(database, DATABASE_FILE)
            for part in _PARTS:
                if (store / part).exists():
                    archive.add(store / part, part)
        # It holds people, where they live and what they bought.
        packed.chmod(0o600)
        packed.replace(file)
    return file.stat().st_size


def restore(file: Path, store: Path) -> None:
    """Unpack a backup into a store that isn't there yet; the index has still to be built.

    Raises AssistantError for a file that is no backup or is damaged, and where something is in the way; then nothing is
    left behind.
    """
    if store.exists() and any(store.iterdir()):
        raise AssistantError(f"{store} is not empty. Name another place with --store DIR, or move it away.")
    store.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=store.parent) as scratch:
        fresh = Path(scratch) / "store"
        try:
            with tarfile.open(file, "r:gz") as archive:
                # The filter refuses what would be written outside of the folder.
                archive.extractall(fresh, filter="data")
        except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
            raise AssistantError(f"{file.name} cannot be unpacked ({error}). Take another backup.") from error
        if not (fresh / DATABASE_FILE).is_file():
            raise AssistantError(f"{file.name} is no backup of a shop: it holds no {DATABASE_FILE}.")
        if store.exists():
            shutil.rmtree(store)
        fresh.replace(store)
