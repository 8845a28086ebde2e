"""The widget's modules under Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

_NODE = shutil.which("node")
_TESTS = sorted((Path(__file__).parent / "js").glob("*.test.js"))


@pytest.mark.skipif(_NODE is None, reason="node is not installed: apt-get install nodejs")
@pytest.mark.parametrize("file", _TESTS, ids=lambda path: path.stem)
def test_modules(file: Path) -> None:
    run = subprocess.run([_NODE or "", "--test", file], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# pass 0\n" not in run.stdout
