"""Charts that people can hover, as options of ECharts; what is drawn can also be read as a table beneath.

A fan is drawn as bands stacked on an unseen line, because that is how ECharts fills between two lines; what is told
when a finger or pointer is on a day comes from the numbers themselves, never from the stack.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from walkiosk.modality.history import Values
from walkiosk.modality.value import MEDIAN
from walkiosk.office.outlook import Outlook
from walkiosk.web.office import parts
from walkiosk.web.office.visit import Visit
from walkiosk.web.office.wording import Words

Options = dict[str, Any]
BANDS = ((0, 8, 0.16), (1, 7, 0.26))  # places of the quantiles 10–90 and 20–80, and how dark they are drawn
SOLD, AHEAD = "#3f7fb5", "#c4741c"  # both 3:1 or more on the light and on the dark ground
INK = {False: "#55605a", True: "#a9b5ae"}
LINE = {False: "#dcd6c8", True: "#364143"}


@dataclass(frozen=True)
class Fan:
    """A history and what is expected after it: T units a day from `first`, and H × 9 quantiles of the days behind."""

    first: date
    sold: Values
    ahead: Values

    @classmethod
    def of(cls, outlook: Outlook, days: int) -> Fan:
        """An outlook's last days, and all of its horizon."""
        kept = min(days, len(outlook.sold))
        left_out = len(outlook.sold) - kept
        return cls(outlook.first + timedelta(left_out), outlook.sold[left_out:], outlook.ahead)

    @property
    def days(self) -> list[date]:
        """Of the history and the horizon, T + H."""
        return [self.first + timedelta(days) for days in range(len(self.sold) + len(self.ahead))]


def fan(visit: Visit, shown: Fan, name: str, small: bool = False) -> ui.echart:
    """Draws a fan; `name` says to who cannot see it whose it is."""
    chart = ui.echart(fan_options(visit.words, shown, visit.dark, small), renderer="svg")
    chart.classes("chart small" if small else "chart")
    expected = shown.ahead[:, MEDIAN].sum() if len(shown.ahead) else 0.0
    told = visit.words("fan_told", name=name, days=len(shown.ahead), units=visit.words.number(expected))
    chart.props["role"], chart.props["aria-label"] = "img", told
    return chart


def fan_options(words: Words, shown: Fan, dark: bool, small: bool) -> Options:
    """The options of a fan."""
    past, days = len(shown.sold), shown.days
    labels = [words.date(day, "EEE d MMM y") for day in days]
    empty = [None] * past
    join = float(shown.sold[-1]) if past and shown.sold[-1] == shown.sold[-1] else None
    median = [*empty[:-1], join, *_rounded(shown.ahead[:, MEDIAN])] if past else _rounded(shown.ahead[:, MEDIAN])
    series: list[Options] = []
    for low, high, shade in BANDS if len(shown.ahead) else ():
        bottom, top = shown.ahead[:, low], shown.ahead[:, high]
        stack: Options = {"type": "line", "stack": f"band{low}", "symbol": "none", "silent": True}
        unseen: Options = {"lineStyle": {"opacity": 0}, "emphasis": {"disabled": True}}
        series.append({**stack, **unseen, "data": [*empty, *_rounded(bottom)]})
        filled = {"areaStyle": {"color": AHEAD, "opacity": shade}, "data": [*empty, *_rounded(top - bottom)]}
        series.append({**stack, **unseen, **filled})
    line = {"type": "line", "symbol": "none", "emphasis": {"disabled": True}}
    width = 1.5 if small else 2
    ahead_line = {"color": AHEAD, "width": width, "type": "solid"}
    series.append({**line, "name": words("expected"), "lineStyle": ahead_line, "color": AHEAD, "data": median})
    sold: list[float | None] = [*_rounded(shown.sold), *([None] * len(shown.ahead))]
    series.append(
        {**line, "name": words("sold"), "lineStyle": {"color": SOLD, "width": width}, "color": SOLD, "data": sold}
    )
    axis = {"axisLine": {"lineStyle": {"color": LINE[dark]}}, "axisTick": {"show": False}}
    text = {"color": INK[dark], "fontSize": 12, "hideOverlap": True}
    short = {"type": "category", "data": labels, "boundaryGap": False, **axis}
    return {
        "animation": False,
        "grid": {"left": 4, "right": 8, "top": 8 if small else 36, "bottom": 4, "containLabel": not small},
        "legend": {"show": not small, "top": 0, "left": 0, "textStyle": text, "icon": "roundRect", "itemHeight": 4},
        "tooltip": _tooltip(words, shown, labels, dark),
        "xAxis": {**short, "axisLabel": {**text, "show": not small, ":formatter": _short_dates(words, days)}},
        "yAxis": {
            "type": "value", "min": 0, "show": not small, "axisLabel": text,
            "splitLine": {"lineStyle": {"color": LINE[dark]}},
        },
        "series": series,
    }  # fmt: skip


def _short_dates(words: Words, days: Sequence[date]) -> str:
    return f"(_, place) => {json.dumps([words.date(day, 'd MMM') for day in days])}[place]"


def _tooltip(words: Words, shown: Fan, labels: Sequence[str], dark: bool) -> Options:
    """What is told of a day: its date and what sold, or the median and both bands."""
    told = []
    for place, label in enumerate(labels):
        ahead = place - len(shown.sold)
        if ahead < 0:
            sold = shown.sold[place]
            told.append([label, words("sold_units", units=words.number(sold, 1) if sold == sold else "–")])
        else:
            day = [words.number(value, 1) for value in shown.ahead[ahead]]
            bands = [
                words("band_told", low=day[1], high=day[7], of="60"),
                words("band_told", low=day[0], high=day[8], of="80"),
            ]
            told.append([label, words("expected_units", units=day[MEDIAN]), *bands])
    return {
        "trigger": "axis",
        "confine": True,
        "className": "told",
        "backgroundColor": "#1b2325" if dark else "#fffdf8",
        "borderColor": LINE[dark],
        "textStyle": {"color": "#edefe9" if dark else "#1a221f", "fontSize": 13},
        ":formatter": f"found => {json.dumps(told)}[found[0].dataIndex].join('<br>')",
    }


def bars(visit: Visit, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], told: str) -> ui.echart:
    """Draws bars beside each other; each row is a name and one number a name."""
    dark = visit.dark
    text = {"color": INK[dark], "fontSize": 12, "hideOverlap": True}
    colours = (SOLD, AHEAD)
    options: Options = {
        "animation": False,
        "grid": {"left": 4, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "legend": {"show": len(rows) > 1, "top": 0, "left": 0, "textStyle": text, "itemHeight": 8},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {"type": "category", "data": list(names), "axisLabel": text, "axisTick": {"show": False}},
        "yAxis": {"type": "value", "axisLabel": text, "splitLine": {"lineStyle": {"color": LINE[dark]}}},
        "series": [
            {"type": "bar", "name": name, "color": colours[place % 2], "data": _rounded(values), "barMaxWidth": 26}
            for place, (name, values) in enumerate(rows)
        ],
    }
    chart = ui.echart(options, renderer="svg").classes("chart")
    chart.props["role"], chart.props["aria-label"] = "img", told
    return chart


def as_table(visit: Visit, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The numbers of a chart for who would rather read them."""
    with parts.box("numbers", "details"):
        parts.text(visit.words("as_table"), "summary")
        parts.table(columns, rows, numbers=range(1, len(columns)))


def _rounded(values: Sequence[float] | Values) -> list[float | None]:
    return [round(float(value), 2) if value == value else None for value in values]  # NaN: nobody knows
