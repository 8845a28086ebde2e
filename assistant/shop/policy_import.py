"""A folder of policies, in whatever form they are kept, becomes the shop's: Markdown by language, all at once."""

import re
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import RecordsError
from assistant.schema import Value
from assistant.shop.policies import before_folder, split_policy
from assistant.shop.policy_files import ENDINGS, UnreadablePolicy, read_policy
from assistant.shop.policy_languages import language_of_policy

_FRESH = ".policies-new-"
_LANGUAGE = re.compile(r"[a-z]{2}")
_SUFFIX = re.compile(r"[._-]([a-z]{2})$", re.IGNORECASE)
_KNOWN_SUFFIXES = {"en", "zh", "es", "fr", "de", "it", "nl", "pt", "ja", "ko"}


class PolicyFile(Value):
    """A policy that was taken over: its file, and what became of it."""

    file: str
    language: str
    name: str
    passages: int


class PolicyProblem(Value):
    """A file that was left out, and why."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


class PolicyReport(Value):
    """What an import of policies did. `removed` names the policies (language/name) that the folder lacks."""

    files: tuple[PolicyFile, ...]
    problems: tuple[PolicyProblem, ...]
    removed: tuple[str, ...]


def import_policies(folder: Path, store: Path, partial: bool = False, strict: bool = False) -> PolicyReport:
    """Make the policies in a folder (Markdown, text, HTML, PDF) the shop's, in the place of the earlier ones.

    The language is that of the folder (en, zh…) or of the end of the file's name (returns.zh.md), else told from the
    text. With `partial`, policies that the folder lacks stay. They change all at once: a crash leaves the old ones or
    the new ones. Raises `RecordsError` when the folder holds no policy that can be read, or, with `strict`, one that
    can't.
    """
    if not folder.is_dir():
        raise RecordsError(f"There is no folder {folder}.")
    read, problems = _read_all(folder)
    if strict and problems:
        raise RecordsError(f"{problems[0]} Nothing was changed (--strict).")
    if not read:
        why = "".join(f"\n{problem}" for problem in problems)
        raise RecordsError(f"{folder} holds no policy that can be read ({', '.join(ENDINGS)}).{why}")
    store.mkdir(parents=True, exist_ok=True)
    lock = FileLock(store / ".policies.lock", timeout=0)
    try:
        with lock:
            return _take_over(read, problems, store / "policies", partial)
    except Timeout:
        raise RecordsError(f"Another import of policies into {store} is at work; wait until it has ended.") from None


def _take_over(
    read: list[tuple[PolicyFile, str]], problems: list[PolicyProblem], target: Path, partial: bool
) -> PolicyReport:
    current = target if target.is_dir() else before_folder(target)
    held = {f"{path.parent.name}/{path.stem}" for path in current.glob("*/*.md")}
    files = tuple(file for file, _ in read)
    removed = () if partial else tuple(sorted(held - {f"{file.language}/{file.name}" for file in files}))
    _replace(target, {f"{file.language}/{file.name}.md": text for file, text in read}, current if partial else None)
    return PolicyReport(files=files, problems=tuple(problems), removed=removed)


def _read_all(folder: Path) -> tuple[list[tuple[PolicyFile, str]], list[PolicyProblem]]:
    read: list[tuple[PolicyFile, str]] = []
    problems: list[PolicyProblem] = []
    taken: dict[tuple[str, str], str] = {}
    for path in sorted(path for path in folder.rglob("*") if _is_policy(path, folder)):
        file = path.relative_to(folder).as_posix()
        try:
            found, text = _read(path, folder)
            if (found.language, found.name) in taken:
                other = taken[found.language, found.name]
                raise UnreadablePolicy(f"{other} is already the policy {found.language}/{found.name}. Rename one.")
        except UnreadablePolicy as error:
            problems.append(PolicyProblem(file=file, message=str(error)))
            continue
        taken[found.language, found.name] = file
        read.append((found, text))
    return read, problems


def _is_policy(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and not hidden and path.suffix.lower() in ENDINGS


def _read(path: Path, folder: Path) -> tuple[PolicyFile, str]:
    text, declared = read_policy(path)
    stem, suffix = path.stem, _SUFFIX.search(path.stem)
    named = suffix[1].lower() if suffix and suffix[1].lower() in _KNOWN_SUFFIXES else None
    if named and suffix:
        stem = stem[: suffix.start()]
    above = path.relative_to(folder).parts[:-1]
    of_folder = next((part for part in reversed(above) if _LANGUAGE.fullmatch(part)), None)
    language = of_folder or named or declared or language_of_policy(text)
    name = re.sub(r"[^\w-]+", "-", stem.strip().lower()).strip("-_") or "policy"
    passages = split_policy(name, text)
    if not passages:
        raise UnreadablePolicy("it holds a title and nothing else.")
    file = path.relative_to(folder).as_posix()
    return PolicyFile(file=file, language=language, name=name, passages=len(passages)), text


def _replace(target: Path, texts: dict[str, str], kept: Path | None) -> None:
    """Put a folder with these texts into the target's place; readers see `before_folder` while there is none."""
    for left in target.parent.glob(f"{_FRESH}*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=target.parent))
    try:
        if kept and kept.is_dir():
            shutil.copytree(kept, fresh, dirs_exist_ok=True)
        for name, text in texts.items():
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        before = before_folder(target)
        if target.is_dir():
            # What lies there is from an import that ended between the renaming and this line.
            shutil.rmtree(before, ignore_errors=True)
            target.rename(before)
        fresh.rename(target)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
