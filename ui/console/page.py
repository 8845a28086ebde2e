"""The shop's own view: what is on the page, and what shows when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import gradio as gr

from assistant.app import App
from assistant.errors import RecordsError
from assistant.shop.insights import Step
from retrieval.errors import CatalogueError
from retrieval.merchandising import add_synonyms
from ui.console import charts, overview
from ui.console.answers import feedback_html, held_back_html
from ui.console.desk import lines_of, ticket_html, tickets_html
from ui.console.house import house_html
from ui.console.searches import searches_html
from ui.console.talks import talk_html, talks_html
from ui.gradio_markup import literal
from ui.gradio_theme import SWITCH_THEME_JS
from ui.texts import text

Updates = dict[Any, Any]

TABS = ("overview", "desk", "talks", "searches", "answers", "house")
_LIVE = ("talks", "overview", "desk")
_PERIODS: dict[str, Step] = {"1": "hour", "7": "day", "30": "day"}
_SECONDS = 4
_TALKS, _SEARCHES, _ENTRIES = 60, 60, 60

_TAP_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (button) trigger('select', { ...button.dataset });
});
"""
_SIGN_JS = """
const speak = () => {
  const sign = element.querySelector('[data-language]');
  if (sign) document.documentElement.lang = sign.dataset.language;
};
speak();
watch('value', speak);
"""


@dataclass
class Look:
    """What one browser looks at, and what it was sent last: the same again would only lose its place."""

    language: str = "en"
    tab: str = "overview"
    days: str = "1"
    talk: str | None = None
    ticket: str | None = None
    sent: dict[str, str] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """The beginning of the time that is looked at."""
        return datetime.now(UTC) - timedelta(days=int(self.days))


class ConsolePage:
    """The page of one shop. What a browser looks at lives in its Look; nothing here changes after `build`."""

    def __init__(self, app: App, shop: str) -> None:
        self._app = app
        self._shop = shop
        self._shows: dict[str, Callable[[Look], Updates]] = {
            "overview": self._overview,
            "desk": self._desk,
            "talks": self._talks,
            "searches": self._searches,
            "answers": self._answers,
            "house": self._house,
        }
        self._labels: dict[Any, str] = {}

    def build(self) -> gr.Blocks:
        """Lay the page out and wire it."""
        title = text("console_title", "en", shop=self._shop)
        with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
            # Each browser gets a copy.
            self._state = gr.State(Look())
            self._lay_out_head()
            with gr.Tabs(elem_id="sc-tabs", selected="overview", overflow_behavior="wrap") as self._tabs:
                self._tab = {name: self._lay_out_tab(name) for name in TABS}
            self._wire(blocks)
        return blocks

    # -- layout --------------------------------------------------------------------------------------------------------

    def _lay_out_head(self) -> None:
        with gr.Row(elem_id="st-header"):
            self._sign = self._html("st-sign", _SIGN_JS)
            self._days = gr.Radio(self._periods("en"), value="1", show_label=False, elem_id="sc-days", container=False)
            self._theme = gr.Button(text("switch_theme", "en"), elem_id="st-theme", size="sm")
        self._labels[self._theme] = "switch_theme"

    def _lay_out_tab(self, name: str) -> gr.Tab:
        with gr.Tab(text(f"tab_{name}", "en"), id=name, elem_id=f"sc-tab-{name}") as tab:
            getattr(self, f"_lay_out_{name}")()
        self._labels[tab] = f"tab_{name}"
        return tab

    def _lay_out_overview(self) -> None:
        self._tiles = self._html("sc-overview")
        self._charts: dict[str, tuple[gr.HTML, gr.Plot]] = {}
        with gr.Row(elem_id="sc-charts"):
            for name in ("busy", "waits", "funnel", "thumbs"):
                with gr.Column(elem_classes="sc-chart", min_width=320):
                    heading = self._html(f"sc-{name}-title")
                    self._charts[name] = (heading, gr.Plot(show_label=False, container=False, elem_id=f"sc-{name}"))

    def _lay_out_desk(self) -> None:
        with gr.Row(elem_id="sc-desk"):
            self._ticket_list = self._html("sc-desk-list", _TAP_JS)
            with gr.Column(elem_id="sc-desk-talk", min_width=280, visible=False) as self._desk_column:
                self._ticket = self._html("sc-desk-ticket")
                self._desk_talk = self._html("sc-desk-lines")
                with gr.Row(elem_id="sc-desk-form"):
                    self._my_name = gr.Textbox(label=text("desk_who", "en"), max_length=60, elem_id="sc-desk-who")
                    self._take = gr.Button(text("desk_take", "en"), elem_id="sc-take")
                    self._close = gr.Button(text("desk_close", "en"), elem_id="sc-close")
                self._answer = gr.Textbox(
                    label=text("desk_answer", "en"), lines=3, max_length=4000, elem_id="sc-answer"
                )
                self._send = gr.Button(text("desk_send", "en"), variant="primary", elem_id="sc-send")
                self._desk_told = self._html("sc-desk-told")
        self._labels |= {
            self._my_name: "desk_who", self._take: "desk_take", self._close: "desk_close",
            self._answer: "desk_answer", self._send: "desk_send",
        }  # fmt: skip

    def _lay_out_talks(self) -> None:
        with gr.Row(elem_id="sc-talks"):
            self._talk_list = self._html("sc-talk-list", _TAP_JS)
            self._talk = self._html("sc-talk", _TAP_JS)

    def _lay_out_searches(self) -> None:
        with gr.Row(elem_id="sc-searches"):
            self._search_table = self._html("sc-search-table", _TAP_JS)
            with gr.Column(elem_id="sc-synonyms", min_width=280):
                self._synonyms = gr.Textbox(
                    label=text("synonyms", "en"), info=text("synonyms_hint", "en"), max_length=400
                )
                self._add = gr.Button(text("add_synonym", "en"), variant="primary", elem_id="sc-add")
                self._told = self._html("sc-told")
        self._labels |= {self._synonyms: "synonyms", self._add: "add_synonym"}

    def _lay_out_answers(self) -> None:
        with gr.Row(elem_id="sc-answers"):
            self._held = self._html("sc-held-list", _TAP_JS)
            self._thoughts = self._html("sc-feedback", _TAP_JS)

    def _lay_out_house(self) -> None:
        self._in_use = self._html("sc-house")

    def _html(self, name: str, script: str = "") -> gr.HTML:
        return gr.HTML(elem_id=name, js_on_load=script or None, apply_default_css=False)

    # -- wiring --------------------------------------------------------------------------------------------------------

    def _wire(self, blocks: gr.Blocks) -> None:
        quietly: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        outputs = {name: self._outputs(name) for name in TABS}
        everything = [component for components in outputs.values() for component in components]
        head = [self._sign, self._days, *self._labels]
        blocks.load(self._open, self._state, list(dict.fromkeys([*head, *everything])), **quietly)
        for name, tab in self._tab.items():
            tab.select(partial(self._select, name), self._state, outputs[name], **quietly)
        self._days.input(self._look_back, [self._state, self._days], everything, **quietly)
        self._theme.click(None, js=SWITCH_THEME_JS, **quietly)
        gr.Timer(_SECONDS).tick(self._tick, self._state, everything, **quietly)
        for panel in (self._talk_list, self._held, self._thoughts):
            panel.select(self._read, self._state, [self._tabs, *outputs["talks"]], **quietly)
        self._ticket_list.select(self._pick_ticket, self._state, outputs["desk"], **quietly)
        wrote = [self._answer, self._desk_told, *outputs["desk"]]
        self._take.click(self._take_ticket, [self._state, self._my_name], wrote, **quietly)
        self._send.click(self._send_answer, [self._state, self._my_name, self._answer], wrote, **quietly)
        self._close.click(self._close_ticket, self._state, wrote, **quietly)
        self._search_table.select(self._take_words, self._state, self._synonyms, **quietly)
        added = [self._synonyms, self._told, *outputs["searches"]]
        gr.on(
            [self._add.click, self._synonyms.submit],
            self._add_synonyms,
            [self._state, self._synonyms],
            added,
            **quietly,
        )

    def _outputs(self, name: str) -> list[Any]:
        charts_ = [component for pair in self._charts.values() for component in pair]
        return {
            "overview": [self._tiles, *charts_],
            "desk": [self._ticket_list, self._desk_column, self._ticket, self._desk_talk],
            "talks": [self._talk_list, self._talk],
            "searches": [self._search_table],
            "answers": [self._held, self._thoughts],
            "house": [self._in_use],
        }[name]

    # -- what a browser does -------------------------------------------------------------------------------------------

    def _open(self, look: Look, request: gr.Request) -> Updates:
        spoken = request.headers.get("accept-language", "").casefold()
        look.language = "zh" if spoken.startswith("zh") else "en"
        look.sent.clear()
        labels = {
            component: gr.update(value=text(name, look.language))
            if isinstance(component, gr.Button)
            else gr.update(label=text(name, look.language))
            for component, name in self._labels.items()
        }
        return {
            **labels,
            self._synonyms: gr.update(label=text("synonyms", look.language), info=text("synonyms_hint", look.language)),
            self._sign: _sign_html(self._shop, look.language, bool(self._app.settings.console_password)),
            self._days: gr.update(choices=self._periods(look.language), value=look.days),
            **self._shows[look.tab](look),
        }

    def _select(self, name: str, look: Look) -> Updates:
        look.tab = name
        return self._shows[name](look)

    def _look_back(self, look: Look, days: str) -> Updates:
        look.days = days if days in _PERIODS else "1"
        return self._shows[look.tab](look)

    def _tick(self, look: Look) -> Updates:
        return self._shows[look.tab](look) if look.tab in _LIVE else {self._tiles: gr.skip()}

    def _read(self, look: Look, event: gr.EventData) -> Updates:
        """Open the conversation that was tapped on."""
        look.talk, look.tab = str(event._data.get("key", "")), "talks"
        return {self._tabs: gr.update(selected="talks"), **self._talks(look)}

    def _pick_ticket(self, look: Look, event: gr.EventData) -> Updates:
        look.ticket = str(event._data.get("key", ""))
        return self._desk(look)

    def _take_ticket(self, look: Look, who: str) -> Updates:
        return self._at_desk(look, lambda ticket: self._app.records.tickets.take(ticket, self._called(who, look)))

    def _send_answer(self, look: Look, who: str, words: str) -> Updates:
        """Write to the customer; whoever writes has taken the ticket."""
        if not words.strip():
            return {self._desk_told: gr.skip()}

        def send(ticket: str) -> None:
            if self._app.records.tickets.get(ticket).state == "open":
                self._app.records.tickets.take(ticket, self._called(who, look))
            self._app.records.tickets.answer(ticket, words.strip())

        return self._at_desk(look, send, {self._answer: ""})

    def _close_ticket(self, look: Look) -> Updates:
        return self._at_desk(look, self._app.records.tickets.close)

    def _at_desk(self, look: Look, do: Callable[[str], object], then: Updates | None = None) -> Updates:
        """Do something with the ticket that is open, and say what was wrong with that."""
        if look.ticket is None:
            return {self._desk_told: gr.skip()}
        try:
            do(look.ticket)
        except RecordsError as error:
            return {self._desk_told: _told_html(str(error), "sc-bad"), **self._desk(look)}
        return {self._desk_told: "", **(then or {}), **self._desk(look)}

    def _called(self, who: str, look: Look) -> str:
        return who.strip() or text("by_human", look.language)

    def _take_words(self, look: Look, event: gr.EventData) -> Any:
        return gr.update(value=f"{event._data.get('key', '')}, ")

    def _add_synonyms(self, look: Look, words: str) -> Updates:
        wanted = [word for part in words.split(",") for word in part.split("，") if word.strip()]
        try:
            add_synonyms(self._app.settings.store, wanted)
        except CatalogueError as error:
            return {self._told: _told_html(str(error), "sc-bad")}
        told = text("synonyms_added", look.language, words=", ".join(word.strip() for word in wanted))
        return {self._synonyms: "", self._told: _told_html(told, "sc-good"), **self._searches(look)}

    # -- what it shows -------------------------------------------------------------------------------------------------

    def _overview(self, look: Look) -> Updates:
        insights, language, step = self._app.records.insights, look.language, _PERIODS[look.days]
        seen, funnel = insights.overview(look.since), insights.funnel(look.since)
        busy, thumbs = insights.busy(look.since, step), insights.thumbs(look.since, step)
        waiting = len(self._app.records.tickets.waiting())
        updates: Updates = self._fresh(look, self._tiles, "tiles", overview.tiles_html(seen, waiting, language))
        drawn: dict[str, tuple[str, Any]] = {
            "busy": (overview.busy_title(busy, step, language), charts.busy_chart(busy, language) if busy else None),
            "waits": (
                overview.waits_title(seen, language),
                charts.waits_chart(busy, language) if seen.word_half is not None else None,
            ),
            "funnel": (
                overview.funnel_title(funnel, language),
                charts.funnel_chart(funnel, language) if funnel.shown else None,
            ),
            "thumbs": (
                overview.thumbs_title(thumbs, language),
                charts.thumbs_chart(thumbs, language) if thumbs else None,
            ),
        }
        for name, (title, figure) in drawn.items():
            heading, plot = self._charts[name]
            hint = text(f"chart_{name}_hint", language) if figure else text(f"chart_{name}_empty", language)
            if self._is_fresh(look, name, f"{title} {hint} {figure.to_json() if figure else ''}"):
                updates[heading] = overview.title_html(title, hint)
                updates[plot] = gr.update(value=figure, visible=figure is not None)
        return updates

    def _desk(self, look: Look) -> Updates:
        records, language = self._app.records, look.language
        tickets = (*records.tickets.waiting(), *records.tickets.in_hand())
        if look.ticket not in [ticket.id for ticket in tickets]:
            look.ticket = tickets[0].id if tickets else None
        customers = {
            ticket.customer_id: records.customers.find(ticket.customer_id) for ticket in tickets if ticket.customer_id
        }
        names = {customer.id: customer.name for customer in customers.values() if customer}
        updates = self._fresh(look, self._ticket_list, "tickets", tickets_html(tickets, names, look.ticket, language))
        chosen = next((ticket for ticket in tickets if ticket.id == look.ticket), None)
        if self._is_fresh(look, "desk", str(chosen is not None)):
            updates[self._desk_column] = gr.update(visible=chosen is not None)
        if chosen is not None:
            traces = records.traces.of_conversation(chosen.conversation_id)
            said = () if traces else records.talks.said(chosen.conversation_id)
            answers = lines_of(records.tickets.messages(chosen.id))
            who = names.get(chosen.customer_id or "") or text("guest", language)
            updates |= self._fresh(look, self._ticket, "ticket", ticket_html(chosen, language))
            updates |= self._fresh(look, self._desk_talk, "lines", talk_html(who, traces, said, language, answers))
        return updates

    def _talks(self, look: Look) -> Updates:
        records, language = self._app.records, look.language
        talks = records.talks.newest(_TALKS)
        if look.talk is None and talks:
            look.talk = talks[0].id
        listed = talks_html(talks, look.talk, language)
        updates = self._fresh(look, self._talk_list, "talk_list", listed)
        if look.talk is not None:
            traces = records.traces.of_conversation(look.talk)
            said = () if traces else records.talks.said(look.talk)
            updates |= self._fresh(look, self._talk, "talk", talk_html(self._who(look), traces, said, language))
        else:
            updates |= self._fresh(look, self._talk, "talk", "")
        return updates

    def _who(self, look: Look) -> str:
        customer_id = self._app.records.talks.customer_of(look.talk) if look.talk else None
        customer = self._app.records.customers.find(customer_id) if customer_id else None
        return f"{customer.name} · {customer.id}" if customer else text("guest", look.language)

    def _searches(self, look: Look) -> Updates:
        counts = self._app.records.traces.searches(_SEARCHES, look.since)
        return self._fresh(look, self._search_table, "searches", searches_html(counts, look.language))

    def _answers(self, look: Look) -> Updates:
        records, language = self._app.records, look.language
        held = records.traces.list(_ENTRIES, look.since, held_back=True)
        return {
            **self._fresh(look, self._held, "held", held_back_html(held, language)),
            **self._fresh(
                look, self._thoughts, "feedback", feedback_html(records.feedback.list()[:_ENTRIES], language)
            ),
        }

    def _house(self, look: Look) -> Updates:
        return self._fresh(look, self._in_use, "house", house_html(self._app, look.language))

    def _fresh(self, look: Look, component: gr.HTML, name: str, made: str) -> Updates:
        return {component: made if self._is_fresh(look, name, made) else gr.skip()}

    def _is_fresh(self, look: Look, name: str, made: str) -> bool:
        same = look.sent.get(name) == made
        look.sent[name] = made
        return not same

    def _periods(self, language: str) -> list[tuple[str, str]]:
        return [(text(f"days_{days}", language), days) for days in _PERIODS]


def _sign_html(shop: str, language: str, has_password: bool) -> str:
    out = f'<a class="sc-out" href="logout">{text("log_out", language)}</a>' if has_password else ""
    return (
        f'<div class="st-sign" data-language="{literal(language)}">'
        '<svg class="st-mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<rect width="40" height="40" rx="11"/><path d="M9 27c4-9 8-13 11-13s7 4 11 13z"/>'
        '<circle cx="28" cy="12" r="3"/></svg>'
        f"<div><h1>{literal(shop)}</h1><p>{text('console_tagline', language)} {out}</p></div></div>"
    )


def _told_html(words: str, look: str) -> str:
    return f'<p class="sc-told {look}" role="status">{literal(words)}</p>'
