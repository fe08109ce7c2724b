"""The shape of chart data: what a view hands to `components/chart_card.html` and charts.js draws."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Tone = Literal["blue", "green", "amber", "orange", "red", "gray", "healthy", "watchlist", "at-risk", "critical"]


class Series(TypedDict):
    name: str
    values: list[float | None]
    """Plain numbers in the unit of the axis; None leaves a gap."""
    texts: NotRequired[list[str]]
    """What tooltip and table say for each value; ready strings, formatted on the server."""
    spans: NotRequired[list[list[float]]]
    """From where to where each bar stands, where bars float; `values` is what they are worth."""
    tone: NotRequired[Tone]
    kind: NotRequired[Literal["line", "bar"]]
    dashed: NotRequired[bool]


class ShadedBand(TypedDict):
    """A range of the value axis with a name, such as Watchlist 60 to 80."""

    low: float
    high: float
    label: str
    tone: Tone


class ChartData(TypedDict):
    labels: list[str]
    series: list[Series]
    x_title: str
    y_title: str
    tones: NotRequired[list[Tone]]
    """One for each label: the slices of a doughnut, or the bars of a single series."""
    links: NotRequired[list[str]]
    """One for each label: where a click on the slice or bar leads."""
    tick_prefix: NotRequired[str]
    tick_suffix: NotRequired[str]
    minimum: NotRequired[float]
    maximum: NotRequired[float]
    bands: NotRequired[list[ShadedBand]]
    centre: NotRequired[str]
    """The total in the middle of a doughnut."""
    centre_label: NotRequired[str]
    note: NotRequired[str]
    """Said under the chart, for instance that the axis does not start at 0."""
