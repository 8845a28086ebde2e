"""Make the training set of the chat model: python -m finetune.synthesize OUT --store DIR.

Two kinds of talk. Single requests end with the first call, so they need no result and can be many. Played ones go
through the real agent and the real tools, on a copy of a store, and are followed up. Every line is checked: what is
close to a conversation that tests the model, or to another line, is left out, and so is a talk of which a sentence was
held back.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from assistant.app import App
from assistant.chat_models.scripted import SilentModel
from assistant.schema import Conversation, Message, PageContext, ToolCall, ToolCallFinished, TurnFinished, Value
from assistant.settings import load_settings
from assistant.testing.requests import read_requests
from assistant.testing.stage import ShopCopy, copy_shop
from assistant.tools import ALL_TOOLS, specs_of
from finetune.files import whole
from finetune.shoppers.all_goals import some_goal
from finetune.shoppers.follow_ups import follow_up
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import Grammar, load_grammar
from finetune.shoppers.moods import dressed
from finetune.shoppers.shop_goals import aside, page_product
from finetune.shoppers.similar import Seen
from finetune.shoppers.teacher import Step, Teacher
from finetune.shoppers.wordings import borrowed
from retrieval.schema import Product, Query

SHARES = {"en": 0.49, "zh": 0.42, "es": 0.03, "de": 0.03, "fr": 0.03}
_TOOLS = {None, *(tool.name for tool in ALL_TOOLS)}
_GUESTS = {None, *(spec.name for spec in specs_of(ALL_TOOLS, False))}
_GUEST_SHARE = 0.15
"""Of the requests that a guest may make, too."""
_OF_A_KIND = 4
_NOT_LEARNED = ("already", "has no sizes", "没有尺码")
"""What a tool refuses with where the shopper wanted the impossible."""
_AT_ONCE = ["policies", "policies", "order_all", "things", "things", "recommend", "cart_show", "delivery"]
_WITH_A_SECOND = 0.1
"""Of what is said about products shown, how much comes with a second wish in the same message."""
_WITH_AN_END = 0.35
"""Of the talks about products, how many turn to something else at last."""
_ENDS = ("person", "person", "person", "complaints", "policies", "policies", "things", "none")
_ASIDES = 0.05
"""Of the requests that have nothing to do with it, how many are made with a product's page open."""


@dataclass
class Report:
    """What the set holds, and what was left out of it."""

    kept: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the counts, the most frequent first."""
        return {
            name: dict(counter.most_common())
            for name, counter in (("kept", self.kept), ("languages", self.languages), ("left_out", self.left_out))
        }


class Source(Value):
    """What a set is made of: single requests, talks played through a store, and a folder of borrowed wordings."""

    requests: int
    played: int
    tested: tuple[str, ...] = ()
    wordings: Path | None = None
    seed: int = 20261130


def synthesize(shop: ShopCopy, source: Source, report: Report) -> Iterator[dict[str, Any]]:
    """Yield the lines of the set: `messages` behind the system prompt, and the positions of those to be learned."""
    rng = random.Random(source.seed)
    seen = Seen(source.tested)
    with shop.stage(SilentModel()) as stage:
        products = _products(stage.app)
    grammars = {language: load_grammar(language).having(products=_named(products, language)) for language in SHARES}
    lent = list(borrowed(source.wordings, rng)) if source.wordings else []
    made = (some_goal(grammars[_language(rng)], rng) for _ in range(source.requests))
    for goal in (goal for goal in [*made, *lent] if goal.tool in _TOOLS):
        if reason := seen.refuses(goal.text):
            report.left_out[reason] += 1
            continue
        report.kept[goal.name] += 1
        report.languages[goal.language] += 1
        if goal.aside is None and rng.random() < _ASIDES:
            goal = goal.model_copy(update={"aside": aside(*page_product(grammars[goal.language], rng), rng)})
        is_guest = goal.tool in _GUESTS and rng.random() < _GUEST_SHARE
        yield _request_line(goal, not is_guest)
    for _ in range(source.played):
        yield from _played_lines(shop, grammars, rng, seen, report)


def _products(app: App) -> list[Product]:
    """Return products of every kind that the store has."""
    kinds = app.catalogue.categories()
    return [hit.product for kind in kinds for hit in app.catalogue.search(Query(text=kind, k=_OF_A_KIND))]


def _named(products: Sequence[Product], language: str) -> list[tuple[str, str]]:
    return [(product.id, product.text(language).short_name) for product in products]


def spoken_in_tests(folder: Path) -> list[str]:
    """Return what the customers say in a folder of scripted conversations."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.yaml"))]
    return [str(turn["user"]) for file in files for turn in file["turns"] if "user" in turn]


def asked_in_measures(files: Iterable[Path]) -> list[str]:
    """Return what is asked in files of measured requests. Raises ConversationFileError for one that can't be read."""
    return [request.request for file in files for request in read_requests(file)]


def as_lines(steps: Sequence[Step], goal: Goal) -> Iterator[dict[str, Any]]:
    """Yield the steps of a talk as few lines as can be: a step that goes on from another shares its line."""
    messages: list[Message] = []
    learned: list[int] = []
    for position, step in enumerate(steps):
        read = list(step.read)
        if messages and read[: len(messages)] == messages:
            messages = [*read, step.answer]
        else:
            if learned:
                yield _line(steps[position - 1].known, messages, learned, goal)
            messages, learned = [*read, step.answer], []
        learned.append(len(messages) - 1)
    if learned:
        yield _line(steps[-1].known, messages, learned, goal)


def _language(rng: random.Random) -> str:
    return rng.choices(list(SHARES), weights=list(SHARES.values()))[0]


def _request_line(goal: Goal, known: bool) -> dict[str, Any]:
    calls = (ToolCall(id="1", name=goal.tool, arguments=goal.arguments),) if goal.tool else ()
    answer = Message(role="assistant", content=goal.reply or "", tool_calls=calls)
    text = f"{goal.aside}\n{goal.text}" if goal.aside else goal.text
    return _line(known, [Message(role="user", content=text), answer], [1], goal)


def _line(known: bool, messages: Sequence[Message], learned: Sequence[int], goal: Goal) -> dict[str, Any]:
    return {
        "goal": goal.name,
        "language": goal.language,
        "known": known,
        "messages": [message.model_dump(exclude_defaults=True, exclude={"brief"}) for message in messages],
        "learned": list(learned),
    }


# -- played talks ------------------------------------------------------------------------------------------------------


def _played_lines(
    shop: ShopCopy, grammars: Mapping[str, Grammar], rng: random.Random, seen: Seen, report: Report
) -> Iterator[dict[str, Any]]:
    grammar = grammars["en" if rng.random() < 0.55 else "zh"]
    teacher = Teacher(rng)
    with shop.stage(teacher) as stage:
        goals = _play(stage.app, grammar, teacher, rng, seen, report)
    if goals and teacher.steps:
        report.kept[f"played_{goals[0].name}"] += 1
        report.languages[grammar.language] += 1
        yield from as_lines(teacher.steps, goals[0])


def _play(
    app: App, grammar: Grammar, teacher: Teacher, rng: random.Random, seen: Seen, report: Report
) -> list[Goal] | None:
    """Play one talk; return its goals, or None for a talk that nothing should be learned from."""
    customer = rng.choice(app.records.customers.list()).id if rng.random() < 0.85 else None
    conversation = app.start_conversation(customer)
    goals: list[Goal] = []
    for said in _talk(app, grammar, conversation, rng):
        if seen.refuses(said.text, repeated=True):
            report.left_out["close to a test"] += 1
            return None
        if any(part.tool not in _TOOLS for part in said.parts):
            return None
        teacher.expect(conversation, *said.parts)
        events = list(app.agent.reply(conversation, said.text, said.page))
        if any(isinstance(event, TurnFinished) and event.held_back for event in events):
            report.left_out["a sentence without evidence"] += 1
            return None
        refusals = [event.content for event in events if isinstance(event, ToolCallFinished) and not event.ok]
        if any(refused in content for content in refusals for refused in _NOT_LEARNED):
            return None
        # The teacher goes on to the second wish, where code still waits for what the first one lacks.
        if refusals and len(said.parts) > 1:
            return None
        goals.append(said.parts[0])
    return goals


@dataclass(frozen=True)
class Said:
    """A message, and the goals that it holds."""

    text: str
    parts: tuple[Goal, ...]
    page: PageContext | None = None


def _talk(app: App, grammar: Grammar, conversation: Conversation, rng: random.Random) -> Iterator[Said]:
    """Yield what a shopper says, message by message, each seeing what the last one brought."""
    kind = rng.random()
    if kind < 0.08:
        goal = _goal_of(grammar.having(made_up=False), rng, {"page"})
        yield Said(goal.text, (goal,), PageContext(product_id=goal.arguments["product_id"]))
        return
    if kind < 0.66:
        goal = _goal_of(grammar, rng, {"things"})
        yield Said(goal.text, (goal,))
        yield from _follow_ups(grammar, conversation, goal, rng)
        if rng.random() < _WITH_AN_END:
            yield _at_the_end(grammar, rng)
        return
    if kind < 0.69:
        goal = _goal_of(grammar.having(made_up=False), rng, {"named_ask"})
        yield Said(goal.text, (goal,))
        yield from _follow_ups(grammar, conversation, goal, rng)
        return
    if kind < 0.75:
        goal = _goal_of(grammar, rng, {"policies"})
        yield Said(goal.text, (goal,))
        return
    if kind < 0.83 and "both_joints" in grammar:
        yield _two_at_once(grammar, rng)
        return
    if conversation.customer_id is None:
        goal = _goal_of(grammar, rng, {"order_one", "order_all", "none"})
        yield Said(goal.text, (goal,))
        return
    orders = app.records.orders.list(conversation.customer_id)
    names = {"order_all", "account", "history", "none", "sums", "cart_show", "recommend"}
    names |= {"order_one", "half_said"} if orders else set()
    goal = _goal_of(grammar, rng, names)
    if goal.name == "order_one" and rng.random() < 0.85:
        goal = _with_number(goal, rng.choice(orders).id)
    yield Said(goal.text, (goal,))
    if goal.name in {"order_one", "order_all"} and orders and rng.random() < 0.5:
        order = goal.arguments.get("order_id") or orders[0].id
        yield _on_it(grammar, str(order), rng)
    elif rng.random() < 0.5:
        goal = _goal_of(grammar, rng, {"things", "policies", "none"})
        yield Said(goal.text, (goal,))


def _follow_ups(grammar: Grammar, conversation: Conversation, goal: Goal, rng: random.Random) -> Iterator[Said]:
    """Yield what is said about the products that a search brought, and about one of them then."""
    listed: list[Product] = []
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        if not conversation.shown:
            return
        listed = list(conversation.shown) if len(conversation.shown) > 1 else listed
        said = follow_up(grammar, conversation.shown, goal, rng, listed)
        if said.tool and rng.random() < _WITH_A_SECOND:
            second = _goal_of(grammar, rng, {"policies", "order_all", "cart_show"})
            yield Said(_joined(said, second, grammar, rng), (said, second))
        else:
            yield Said(said.text, (said,))
        if said.tool not in {None, "search_policies"}:
            goal = said


def _at_the_end(grammar: Grammar, rng: random.Random) -> Said:
    """Return what has nothing to do with the products talked about so far."""
    goal = _goal_of(grammar, rng, {rng.choice(_ENDS)})
    return Said(goal.text, (goal,))


def _two_at_once(grammar: Grammar, rng: random.Random) -> Said:
    """Return a message that wants two things, each looked up."""
    wants = [_goal_of(grammar, rng, {name}) for name in rng.sample(_AT_ONCE, 2)]
    return Said(_joined(wants[0], wants[1], grammar, rng), tuple(wants))


def _joined(first: Goal, second: Goal, grammar: Grammar, rng: random.Random) -> str:
    return f"{first.text.rstrip('.?!。？！~ ')}{grammar.pick('both_joints', rng)}{second.text}"


def _goal_of(grammar: Grammar, rng: random.Random, names: Iterable[str]) -> Goal:
    while True:
        goal = some_goal(grammar, rng, names)
        if goal.name != "none_injection":
            return goal


def _with_number(goal: Goal, order_id: str) -> Goal:
    """Return the goal about an order that there is."""
    said = str(goal.arguments["order_id"])
    return goal.model_copy(update={"text": goal.text.replace(said, order_id), "arguments": {"order_id": order_id}})


def _on_it(grammar: Grammar, order_id: str, rng: random.Random) -> Said:
    """Return a message about 'it': the order that the talk is about."""
    said, tool, arguments = rng.choice(grammar["on_it"])
    given: dict[str, Any] = {name: grammar.fill(value, {"order": order_id}) for name, value in arguments.items()}
    if "items" in given:
        given["items"] = [given["items"]]
    goal = Goal(name="on_it", language=grammar.language, text=dressed(said, grammar, rng), tool=tool, arguments=given)
    return Said(goal.text, (goal,))


def write_set(out: Path, shop: ShopCopy, source: Source) -> Report:
    """Write a training set, and beside it a report of what it holds. A half-made set keeps another name."""
    report = Report()
    with whole(out) as partial, partial.open("w", encoding="utf-8") as file:
        for line in synthesize(shop, source, report):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    told = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    out.with_suffix(".report.json").write_text(f"{told}\n", encoding="utf-8")
    return report


def main(
    out: Annotated[Path, typer.Argument(help="The JSON lines to write.")],
    requests: Annotated[int, typer.Option(help="Single requests.")] = 6500,
    played: Annotated[int, typer.Option(help="Talks played through the agent.")] = 420,
    conversations: Annotated[Path, typer.Option(help="Scripted conversations to keep clear of.")] = Path(
        "tests/conversations"
    ),
    measured: Annotated[Path, typer.Option(help="A folder of measured requests*.tsv to keep clear of.")] = Path(
        "benchmarks"
    ),
    store: Annotated[Path | None, typer.Option(help="The store to play in; default: the demo shop.")] = None,
    wordings: Annotated[Path | None, typer.Option(help="Public data sets to borrow wordings from.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another set.")] = 20261130,
) -> None:
    """Write the training set."""
    tested = (*spoken_in_tests(conversations), *asked_in_measures(sorted(measured.glob("requests*.tsv"))))
    source = Source(requests=requests, played=played, tested=tested, wordings=wordings, seed=seed)
    # The teacher tells of two requests at once, after the results of both.
    settings = load_settings(store=store).model_copy(update={"max_results": 3})
    with copy_shop(settings, SilentModel()) as shop:
        report = write_set(out, shop, source)
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False))


if __name__ == "__main__":
    typer.run(main)
