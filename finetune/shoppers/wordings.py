"""Wordings borrowed from public data sets, read where they lie: other people's, so as wide as no grammar of ours.

A folder that holds `tau-retail` (of tau-bench's retail set the 500 tasks that may be trained on, put in words; MIT),
`shopping-goals` (WebShop's requests and the searches that people typed for them; MIT) and
`agent-security` (prompt injections of PurpleLlama, prompts of NotInject and PIGuard, tasks of BIPIA; MIT).
"""

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.testing.tau import read_benchmark
from assistant.testing.tau.tasks import Benchmark
from assistant.testing.tau.wants import customer_of, wants_of
from assistant.testing.tau.world import customer_from
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import load_grammar

_LANGUAGES = {"English": "en", "Chinese": "zh", "Spanish": "es", "German": "de", "French": "fr"}
_LONGEST = 280
_MOST_SEARCHES = 400
_MOST_ERRANDS = 200
"""All of one form, so that more of them teach nothing."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PRICED = re.compile(r"\d+(?:\.\d+)? dollars|\$|price|under|less than|cheap")
_QUERY = 60
"""Characters of a search, beyond which it only repeats the request."""


def borrowed(folder: Path, rng: random.Random) -> Iterator[Goal]:
    """Yield the goals of what lies in `folder`; what isn't there is passed over."""
    yield from _searches(folder / "shopping-goals" / "webshop_goal_to_human_queries.json.gz", rng)
    if (folder / "tau-retail").is_dir():
        errands = list(_errands(read_benchmark(folder / "tau-retail", "train")))
        yield from rng.sample(errands, min(_MOST_ERRANDS, len(errands)))
    security = folder / "agent-security"
    for prompt in _entries(security / "cyberseceval_prompt_injection_dev.json.gz"):
        language = _LANGUAGES.get(prompt["speaking_language"])
        if language and prompt["injection_type"] == "direct":
            yield from _refused(prompt["user_input"], "injection", language, rng)
    for name in ("notinject_dev", "piguard_valid_dev"):
        for prompt in _entries(security / f"{name}.json.gz"):
            yield from _refused(prompt["prompt"], "off_topic", "en", rng)
    tasks = _entries(security / "bipia_text_attacks_dev.json.gz")
    for task in (task for kind in tasks.values() for task in kind) if isinstance(tasks, dict) else ():
        yield from _refused(task, "off_topic", "en", rng)


def _searches(file: Path, rng: random.Random) -> Iterator[Goal]:
    found = _entries(file)
    asked = [(said, queries[0].strip()) for said, queries in found.items() if queries] if found else []
    plain = [(said, query) for said, query in asked if len(query) <= _QUERY and not _PRICED.search(said + query)]
    for said, query in rng.sample(plain, min(_MOST_SEARCHES, len(plain))):
        yield Goal(name="borrowed_search", language="en", text=said, tool="search_products", arguments={"query": query})


def _errands(benchmark: Benchmark) -> Iterator[Goal]:
    """Yield what the customers of the tasks want changed, each with the call in words that comes to the reference."""
    for task in benchmark.tasks:
        user = benchmark.database["users"][customer_of(benchmark, task)]
        methods = {method.id: method for method in customer_from(user).payment_methods}
        for want in wants_of(benchmark, task, methods):
            arguments = {name: value.lstrip("#") if isinstance(value, str) else value
                         for name, value in want.arguments.items()}  # fmt: skip
            yield Goal(
                name=f"borrowed_{want.tool}", language="en", text=want.sentence, tool=want.tool, arguments=arguments
            )


def _refused(text: str, kind: str, language: str, rng: random.Random) -> Iterator[Goal]:
    text = text.strip()
    language = "zh" if _CHINESE.search(text) else language
    replies = load_grammar(language).get("none", {}).get(kind) or load_grammar(language)["none"]["off_topic"]
    if 0 < len(text) <= _LONGEST:
        yield Goal(name=f"borrowed_{kind}", language=language, text=text, reply=rng.choice(replies["reply"]))


def _entries(file: Path) -> Any:
    """Return what a file holds, nothing where it isn't there."""
    return json.loads(gzip.decompress(file.read_bytes())) if file.is_file() else []
