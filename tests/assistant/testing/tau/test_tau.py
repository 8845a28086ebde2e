"""The retail tasks: importer, replay, the scripted customer, and the judge."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.chat_models import ToolChoice
from assistant.schema import Message, Proposal, ToolCall, ToolSpec
from assistant.settings import Settings, load_settings
from assistant.testing.tau import evaluate_tau, read_benchmark
from assistant.testing.tau.customer import ScriptedCustomer
from assistant.testing.tau.end_state import reference_state
from assistant.testing.tau.play import Run, passes
from assistant.testing.tau.tasks import TauError
from assistant.testing.tau.wants import Identity, identity_of, spoken, wants_of
from retrieval.encoders import HashingEncoder
from tests.assistant.testing.tau.makers import TASKS, task, write_benchmark, write_json

SHARED = Path(__file__).parents[5] / "shared" / "data" / "tau-retail"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(environ={}, store=tmp_path / "unused", chat_model="scripted")


class Clerk:
    """A model that identifies the customer and cancels what was asked for, and nothing else."""

    name = "clerk"
    tuned = False

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        said = " ".join(message.content for message in messages if message.role == "user")
        names = {spec.name for spec in tools}
        if "identify_customer" in names and "83702" not in said:
            yield "What is your full name, and your zip code?"
        elif "identify_customer" in names:
            yield ToolCall(id="1", name="identify_customer", arguments={"name": "Ann Berg", "postcode": "83702"})
        elif "no longer needed" not in said:
            yield "Why do you want to cancel it?"
        elif "cancel_pending_order" in names:
            arguments = {"order_id": "W0000001", "reason": "no longer needed"}
            yield ToolCall(id="2", name="cancel_pending_order", arguments=arguments)
        else:
            yield "Is there anything else?"


def test_our_tools_reach_the_end_states_of_the_references(tmp_path: Path, settings: Settings) -> None:
    benchmark = read_benchmark(write_benchmark(tmp_path / "tau"), "dev")
    report = evaluate_tau(benchmark, settings, HashingEncoder(), None, cache_folder=tmp_path)
    assert (report.tasks, report.reference_replay, report.expressible) == (len(TASKS), 1.0, 1.0)
    assert report.passes == {}


def test_a_model_is_judged_by_the_end_state_and_by_what_it_says(tmp_path: Path, settings: Settings) -> None:
    chosen = [TASKS[0], TASKS[2], TASKS[6]]
    benchmark = read_benchmark(write_benchmark(tmp_path / "tau", chosen), "dev")
    report = evaluate_tau(benchmark, settings, HashingEncoder(), Clerk(), cache_folder=tmp_path)
    verdicts = {run.task: (run.passed, run.state_right, run.said) for run in report.runs}
    # The clerk cancels for everybody, returns nothing, and knows no prices; its customers say no to what they don't want.
    assert verdicts == {"1": (True, True, True), "3": (False, False, True), "7": (False, True, False)}
    assert report.as_json()["pass^1"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_finished_run_is_not_played_again(tmp_path: Path, settings: Settings) -> None:
    benchmark = read_benchmark(write_benchmark(tmp_path / "tau", TASKS[:1]), "dev")
    first = evaluate_tau(benchmark, settings, HashingEncoder(), Clerk(), cache_folder=tmp_path)
    again = evaluate_tau(benchmark, settings, HashingEncoder(), Refusing(), cache_folder=tmp_path)
    assert again.runs == first.runs


class Refusing:
    """A model that must not be asked."""

    name = "refusing"
    tuned = False

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        raise AssertionError("A finished run was played again.")


def test_what_a_gift_card_does_not_cover_changes_nothing(tmp_path: Path) -> None:
    benchmark = read_benchmark(write_benchmark(tmp_path / "tau"), "dev")
    dear = benchmark.database["products"]["1"]["variants"]["12"]
    dear["price"] = 99.0
    (swap,) = benchmark.tasks[1].writes[:1]
    before = reference_state(benchmark, "ann_berg_1234", [])
    assert reference_state(benchmark, "ann_berg_1234", [swap]) == before


def test_the_customer_gives_what_is_asked_says_yes_to_its_own_and_leaves_after_two_noes(tmp_path: Path) -> None:
    benchmark = read_benchmark(write_benchmark(tmp_path / "tau"), "dev")
    wants = wants_of(benchmark, benchmark.tasks[0], {})
    customer = ScriptedCustomer(benchmark.tasks[0], wants, lambda action: ("Cancel order W0000001", "1 × Lamp"))
    assert customer.opening() == "I want to cancel order #W0000001."
    assert customer.answer("What is your zip code, please?", None) == "My zip code is 83702."
    assert customer.answer("And the reason?", None) == "Because it is no longer needed."
    assert customer.answer("I see.", None) == "Please cancel order #W0000001, reason: no longer needed."
    assert customer.answer("", proposal("Cancel order W0000003", "1 × Lamp")) == "no"
    assert customer.answer("", proposal("Cancel order W0000001", "1 × Lamp")) == "yes"
    assert customer.answer("It is cancelled.", None) is None
    impatient = ScriptedCustomer(benchmark.tasks[0], wants, lambda action: ())
    assert impatient.answer("", proposal("Something", "else")) == "no"
    assert impatient.answer("", proposal("Something", "else")) is None


def proposal(summary: str, *changes: str) -> Proposal:
    return Proposal(
        id="p",
        tool="cancel_pending_order",
        arguments={},
        summary=summary,
        changes=changes,
        record_id="W",
        record_version=1,
    )


@pytest.mark.parametrize(
    ("known", "identity"),
    [
        ("You are Ann Berg in zip code 83702.", Identity(name="Ann Berg", postcode="83702")),
        ("You are ann_berg_1234 living in Boise, 83702.", Identity(name="Ann Berg", postcode="83702")),
        (
            "Your name is Ann Berg and your email is ann@example.com.",
            Identity(name="Ann Berg", email="ann@example.com"),
        ),
        ("You'd rather not say.", Identity()),
    ],
)
def test_what_a_customer_can_prove_stands_in_the_task(tmp_path: Path, known: str, identity: Identity) -> None:
    entry = task(1, "You wait.")
    entry["user_scenario"]["instructions"]["known_info"] = known
    (found,) = read_benchmark(write_benchmark(tmp_path / "tau", [entry]), "dev").tasks
    assert identity_of(found) == identity
    assert identity_of(found).is_enough == (identity != Identity())


def test_a_task_is_told_in_the_customers_voice() -> None:
    assert spoken("You want your money back, and you'd like it sent to you.") == (
        "I want my money back, and I'd like it sent to me."
    )


@pytest.mark.parametrize(("passed", "expected"), [([4, 0], {1: 0.5, 4: 0.5}), ([2, 2], {1: 0.5, 2: 1 / 6, 4: 0.0})])
def test_pass_to_the_k(passed: list[int], expected: dict[int, float]) -> None:
    runs = [
        Run(task=str(number), passed=repeat < count, state_right=True, said=True, turns=1, seconds=1, transcript=())
        for number, count in enumerate(passed)
        for repeat in range(4)
    ]
    assert {k: passes(runs, 4, k) for k in expected} == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("tau2_db.json.gz", {"users": {}}, "needs 'products', 'users' and 'orders'"),
        ("tau2_tasks_dev.json.gz", {"a": 1}, "should hold a list"),
        ("tau2_tasks_dev.json.gz", [{"id": 1}], "task 0: .*instruction"),
    ],
)
def test_a_broken_folder_is_named(tmp_path: Path, file: str, content: object, words: str) -> None:
    folder = write_benchmark(tmp_path / "tau")
    write_json(folder / file, content)
    with pytest.raises(TauError, match=words):
        read_benchmark(folder, "dev")
    (folder / file).write_bytes(b"no gzip")
    with pytest.raises(TauError, match="cannot be read"):
        read_benchmark(folder, "dev")
    (folder / file).unlink()
    with pytest.raises(TauError, match=f"has no {file}"):
        read_benchmark(folder, "dev")


@pytest.mark.skipif(not SHARED.is_dir(), reason="The shared data sets are not beside the project.")
@pytest.mark.parametrize("tasks", ["dev", "train"])
def test_every_reference_of_the_benchmark_is_replayed(tmp_path: Path, settings: Settings, tasks: str) -> None:
    report = evaluate_tau(read_benchmark(SHARED, tasks), settings, HashingEncoder(), None, cache_folder=tmp_path)
    assert report.reference_replay == 1.0
    assert report.expressible >= 0.8
