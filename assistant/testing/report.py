"""What came of scripted conversations, for people and for programs."""

import json
from typing import Literal

from assistant.schema import Value
from assistant.testing.runner import RunResult


class FileResult(Value):
    """The runs of one file. `silent` is the run with a model that does nothing, which must fail."""

    name: str
    about: str
    runs: tuple[RunResult, ...]
    silent: RunResult

    @property
    def tests_nothing(self) -> bool:
        """Whether a model that does nothing meets all that the file expects."""
        return self.silent.passed

    @property
    def skipped(self) -> bool:
        """Whether the file wasn't run, for want of a script."""
        return not self.runs

    @property
    def passed(self) -> bool:
        """Whether all that was run passed, and the file tests something."""
        return all(run.passed for run in self.runs) and not self.tests_nothing

    @property
    def rate(self) -> float:
        """The share of runs that passed; none of a file that tests nothing."""
        return 0.0 if self.tests_nothing or not self.runs else sum(run.passed for run in self.runs) / len(self.runs)


class Report(Value):
    """The results of all files."""

    mode: Literal["scripted", "live"]
    chat_model: str
    repeat: int
    results: tuple[FileResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every file passed every run. A report in which nothing was run hasn't passed."""
        return all(result.passed for result in self.results) and any(not result.skipped for result in self.results)

    @property
    def pass_1(self) -> float:
        """pass^1: the mean, over the files that were run, of the share of their runs that passed."""
        run = [result for result in self.results if not result.skipped]
        return sum(result.rate for result in run) / len(run) if run else 0.0

    @property
    def pass_k(self) -> float:
        """pass^k: the share of the files that were run of which all `repeat` runs passed."""
        run = [result for result in self.results if not result.skipped]
        return sum(result.passed for result in run) / len(run) if run else 0.0

    def as_text(self) -> str:
        """Return a line for each file, what was wrong below it, and a summary."""
        width = max((len(result.name) for result in self.results), default=0)
        lines = [line for result in self.results for line in self._lines(result, width)]
        return "\n".join([*lines, "", self._summary()])

    def as_json(self) -> str:
        """Return everything as one JSON document; with `repeat` k, 'pass^1' and 'pass^k' are shares from 0 to 1."""
        document = {
            "passed": self.passed,
            "mode": self.mode,
            "chat_model": self.chat_model,
            "repeat": self.repeat,
            "pass^1": round(self.pass_1, 4),
            f"pass^{self.repeat}": round(self.pass_k, 4),
            "conversations": [_as_dict(result) for result in self.results],
        }
        return json.dumps(document, ensure_ascii=False, indent=1)

    def _lines(self, result: FileResult, width: int) -> list[str]:
        mark = "FAIL" if not result.passed else "skip" if result.skipped else "ok  "
        passed = f"{sum(run.passed for run in result.runs)}/{self.repeat}  " if self.repeat > 1 else ""
        lines = [f"{mark}  {passed}{result.name:{width}}  {result.about}"]
        if result.tests_nothing:
            lines.append("      A model that does nothing meets all that it expects: expect what only help brings.")
        if result.skipped:
            lines.append("      It has no script. Run it with a real model: --live")
        for number, run in enumerate(result.runs, 1):
            prefix = f"run {number}, " if self.repeat > 1 else ""
            lines += [f"      {prefix}{failure}" for failure in run.failures]
        return lines

    def _summary(self) -> str:
        run = [result for result in self.results if not result.skipped]
        passed = sum(result.passed for result in run)
        parts = [f"{passed} of {len(run)} conversations passed ({self.mode}, {self.chat_model})."]
        if skipped := len(self.results) - len(run):
            parts.append(f"{skipped} skipped.")
        if self.mode == "live":
            shares = {1: self.pass_1, self.repeat: self.pass_k}
            parts.append("  ".join(f"pass^{k} {share:.2f}" for k, share in shares.items()))
        return " ".join(parts)


def _as_dict(result: FileResult) -> dict[str, object]:
    return {
        "name": result.name,
        "about": result.about,
        "passed": result.passed,
        "skipped": result.skipped,
        "tests_nothing": result.tests_nothing,
        "runs": [_run_as_dict(run) for run in result.runs],
    }


def _run_as_dict(run: RunResult) -> dict[str, object]:
    return {"passed": run.passed, "failures": run.failures, **run.model_dump(mode="json")}
