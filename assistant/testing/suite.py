"""Many conversations, in the three ways: scripted, live, and always with a model that does nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.chat_models import ChatModel
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.settings import Settings
from assistant.testing.files import ConversationFile, load_conversations
from assistant.testing.report import FileResult, Report
from assistant.testing.runner import RunResult, run_conversation
from assistant.testing.script import Script
from assistant.testing.stage import ShopCopy, copy_shop
from retrieval.schema import Encoder

Progress = Callable[[str, int, int], None]
"""Called with the conversation that begins, how many runs are done, and how many there are."""


def _no_progress(stage: str, done: int, total: int) -> None:
    pass


def run_tests(
    paths: Path | Sequence[Path],
    settings: Settings,
    live: bool = False,
    repeat: int = 1,
    progress: Progress = _no_progress,
    chat_model: ChatModel | None = None,
    encoder: Encoder | None = None,
) -> Report:
    """Run the conversations in `paths` on a copy of the settings' store: by script, or live, `repeat` times each.

    `chat_model` (for live) and `encoder` take the place of the configured ones. Raises ConversationFileError for a file
    that cannot be read, before anything runs, and what `build_app` raises.
    """
    files = load_conversations(paths)
    with copy_shop(settings, chat_model if live else SilentModel(), encoder) as shop:
        return run_live(files, shop, repeat, progress) if live else run_scripted(files, shop, progress)


def run_scripted(files: Sequence[ConversationFile], shop: ShopCopy, progress: Progress = _no_progress) -> Report:
    """Run each file once with the scripted model; a file without a script is skipped, but still tried in silence."""
    results = []
    for done, file in enumerate(files):
        progress(file.about, done, len(files))
        runs = (_run_script(file, shop),) if file.scripted else ()
        results.append(FileResult(name=file.name, about=file.about, runs=runs, silent=_run_silent(file, shop)))
    progress("", len(files), len(files))
    return Report(mode="scripted", chat_model="scripted", repeat=1, results=tuple(results))


def run_live(
    files: Sequence[ConversationFile], shop: ShopCopy, repeat: int = 1, progress: Progress = _no_progress
) -> Report:
    """Run each file `repeat` times with the shop's own chat model, each run on fresh records."""
    results = []
    for done, file in enumerate(files):
        runs = []
        for number in range(repeat):
            progress(file.about, done * repeat + number, len(files) * repeat)
            with shop.stage(shop.chat_model) as stage:
                runs.append(run_conversation(file, stage))
        results.append(FileResult(name=file.name, about=file.about, runs=tuple(runs), silent=_run_silent(file, shop)))
    progress("", len(files) * repeat, len(files) * repeat)
    return Report(mode="live", chat_model=shop.chat_model.name, repeat=repeat, results=tuple(results))


def _run_script(file: ConversationFile, shop: ShopCopy) -> RunResult:
    script = Script()
    with shop.stage(ScriptedModel(script, file.tuned)) as stage:
        return run_conversation(file, stage, script)


def _run_silent(file: ConversationFile, shop: ShopCopy) -> RunResult:
    with shop.stage(SilentModel()) as stage:
        return run_conversation(file, stage)
