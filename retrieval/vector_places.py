"""Where the vectors of an index live: in the store's folder, or on a Chroma server that several processes ask."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from retrieval.dense import COLLECTION_FILE, DenseIndex, build_dense, open_dense, patch_dense
from retrieval.errors import IndexDamaged
from retrieval.schema import Product

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorPlace(Protocol):
    """Keeps the vectors of one generation; `folder` is the generation's part for them, in the store."""

    def check(self) -> None:
        """Raise `IndexServerError` where nothing could be written now: before a shop is encoded for nothing."""

    def keeps(self, folder: Path) -> bool:
        """Tell whether the folder's vectors were written to this place."""

    def open(self, folder: Path) -> DenseIndex:
        """Open the vectors. Raises `IndexDamaged` (a reason, without the command) where they aren't in this place."""

    def write(self, folder: Path, products: Sequence[Product], vectors: "NDArray[np.float32]") -> None:
        """Write products and their vectors, of shape (len(products), dimension), for a new folder."""

    def patch(
        self,
        source: Path,
        folder: Path,
        ids: Sequence[str],
        touched: Sequence[Product],
        vectors: "NDArray[np.float32]",
        gone: Sequence[str],
    ) -> bool:
        """Copy what belongs to `source` for a new folder and change it; afterwards it holds exactly `ids`.

        False, with nothing done, where this place can only be written whole. `touched` are added or replaced with
        `vectors`, of shape (len(touched), dimension); `gone` are taken out.
        """

    def remove(self, folder: Path) -> None:
        """Delete what is kept of a folder outside of it, before the folder itself goes."""


class StoreFolder:
    """Keeps vectors in the generation's own folder, which whoever opens the shop reads."""

    def check(self) -> None:
        """Do nothing: a folder is there."""

    def keeps(self, folder: Path) -> bool:
        """Tell whether the vectors are in the folder itself."""
        return not (folder / COLLECTION_FILE).is_file()

    def open(self, folder: Path) -> DenseIndex:
        """Open the vectors in the folder."""
        if not self.keeps(folder):
            raise IndexDamaged(
                "its vectors are on a Chroma server, and SHELFTALK_CHROMA_URL, which says on which, isn't set"
            )
        return open_dense(folder)

    def write(self, folder: Path, products: Sequence[Product], vectors: "NDArray[np.float32]") -> None:
        """Write products and their vectors to a new folder."""
        build_dense(folder, products, vectors)

    def patch(
        self,
        source: Path,
        folder: Path,
        ids: Sequence[str],
        touched: Sequence[Product],
        vectors: "NDArray[np.float32]",
        gone: Sequence[str],
    ) -> bool:
        """Copy the index in `source` to a new folder and change it there."""
        patch_dense(source, folder, ids, touched, vectors, gone)
        return True

    def remove(self, folder: Path) -> None:
        """Do nothing: all of it is in the folder."""


STORE_FOLDER = StoreFolder()
