"""The shop's charts: one palette that reads in both themes, and no more ink than the finding needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import plotly.graph_objects as go

from assistant.shop.insights import Busy, Funnel, Thumbs
from ui.texts import text

GOOD, SLOW, BAD, QUIET = "#2f8f6f", "#d58a1f", "#cf4d4d", "#9a937f"
_GRID = "rgba(128, 120, 100, 0.22)"
_HEIGHT = 230


def busy_chart(busy: Sequence[Busy], language: str) -> go.Figure:
    """Draw how many turns there were, those that failed on top."""
    times = [each.at for each in busy]
    well = [each.turns - each.failed for each in busy]
    return _styled(
        [
            _bars(times, well, text("chart_answered", language), GOOD),
            _bars(times, [each.failed for each in busy], text("chart_failed", language), BAD),
        ],
        language,
        times,
        barmode="stack",
    )


def waits_chart(busy: Sequence[Busy], language: str) -> go.Figure:
    """Draw how long shoppers waited for the first word."""
    times = [each.at for each in busy]
    return _styled(
        [
            _line(times, [each.word_most for each in busy], text("chart_most", language), SLOW),
            _line(times, [each.word_half for each in busy], text("chart_half", language), GOOD),
        ],
        language,
        times,
        yaxis={"ticksuffix": " s", "rangemode": "tozero"},
    )


def funnel_chart(funnel: Funnel, language: str) -> go.Figure:
    """Draw what came of the products that were shown, as bars below each other."""
    steps = {name: getattr(funnel, name) for name in type(funnel).model_fields}
    bars = go.Bar(
        y=[text(f"funnel_{name}", language) for name in steps],
        x=list(steps.values()),
        orientation="h",
        text=[f"{count:,} · {100 * count / funnel.shown:.1f} %" for count in steps.values()],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [GOOD, GOOD, GOOD, SLOW], "line": {"width": 0}},
        hoverinfo="skip",
    )
    # Room for what stands behind the longest bar, on a phone too.
    most = {"range": [0, funnel.shown * 1.6], "visible": False}
    return _styled([bars], language, yaxis={"showgrid": False, "autorange": "reversed"}, xaxis=most)


def thumbs_chart(thumbs: Sequence[Thumbs], language: str) -> go.Figure:
    """Draw the thumbs, those that point down below the line."""
    times = [each.at for each in thumbs]
    return _styled(
        [
            _bars(times, [each.ups for each in thumbs], text("chart_ups", language), GOOD),
            _bars(times, [-each.downs for each in thumbs], text("chart_downs", language), BAD),
        ],
        language,
        times,
        barmode="relative",
        yaxis={"dtick": _step(thumbs), "tickformat": "d"},
    )


def _ticks(times: Sequence[datetime], language: str) -> str:
    """Return how the axis writes its times: hours where they matter, else days."""
    day = "%-m月%-d日" if language == "zh" else "%-d %b"
    return f"%H:%M\n{day}" if any(time.hour for time in times) else day


def _step(thumbs: Sequence[Thumbs]) -> int:
    most = max((max(each.ups, each.downs) for each in thumbs), default=1)
    return max(1, -(-most // 4))


def _bars(times: Sequence[Any], values: Sequence[Any], name: str, colour: str) -> go.Bar:
    return go.Bar(x=times, y=values, name=name, marker={"color": colour, "line": {"width": 0}})


def _line(times: Sequence[Any], values: Sequence[Any], name: str, colour: str) -> go.Scatter:
    style = {"color": colour, "width": 2.5}
    return go.Scatter(x=times, y=values, name=name, mode="lines+markers", line=style, marker={"size": 6})


def _styled(traces: Sequence[Any], language: str, times: Sequence[datetime] = (), **layout: Any) -> go.Figure:
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "linecolor": _GRID, "automargin": True, "fixedrange": True}
    figure = go.Figure(list(traces))
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 6, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, Noto Sans, sans-serif", "size": 12.5, "color": QUIET},
        legend={"orientation": "h", "y": 1.14, "x": 0, "bgcolor": "rgba(0,0,0,0)"},
        bargap=0.25,
        hovermode="closest",
        xaxis={**axis, "showgrid": False, "nticks": 8, "tickformat": _ticks(times, language)} | layout.pop("xaxis", {}),
        yaxis={**axis, "nticks": 5} | layout.pop("yaxis", {}),
        **layout,
    )
    return figure
