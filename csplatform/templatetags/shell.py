"""Template tags of the page frame and the components: icons, small drawings, tones, sort links."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TypedDict

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from csplatform.charts import ChartData, Series

logger = logging.getLogger(__name__)
register = template.Library()

Number = Decimal | float | int
ICON_SPRITE = "vendor/icons.svg"

# -- files ------------------------------------------------------------------------------------------


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file, or nothing when it was not fetched: `{% asset "vendor/x.js" as src %}`."""
    return asset_url(path)


@cache
def asset_url(path: str) -> str:
    try:
        url = staticfiles_storage.url(path)
    except ValueError:  # the manifest does not know the file
        return ""
    return url if staticfiles_storage.exists(path) or finders.find(path) else ""


@register.simple_tag
def product_name() -> str:
    """For pages that are drawn without context processors, such as the one for a server error."""
    return str(settings.PRODUCT_NAME)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> str:
    """An icon of the sprite; hidden from readers unless it has a label of its own."""
    sprite = asset_url(ICON_SPRITE)
    if not sprite:
        return label
    classes = f"icon {css}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            classes,
            label,
            sprite,
            name,
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name)


# -- tones ------------------------------------------------------------------------------------------

TONE_CLASSES = frozenset(
    [
        "success",
        "warning",
        "danger",
        "info",
        "gray",
        "orange",
        "primary",
        "health-high",
        "health-medium",
        "health-low",
        "band-healthy",
        "band-watchlist",
        "band-at-risk",
        "band-critical",
        "band-unknown",
        "risk-critical",
        "risk-high",
        "risk-medium",
        "risk-low",
        "overdue-critical",
        "overdue-high",
        "overdue-medium",
        "overdue-low",
        "prio-high",
        "prio-medium",
        "prio-low",
        "type-enterprise",
        "type-smb",
        "type-startup",
        "type-individual",
        "gst-b2b",
        "gst-b2c",
        "gst-export",
        "severity-high",
        "severity-medium",
        "severity-low",
        "job-queued",
        "job-running",
        "job-succeeded",
        "job-failed",
        "job-cancelled",
    ]
)


@register.filter
def tone_class(tone: object) -> str:
    """The badge class of a tone; an unknown one is gray, and a line in the log."""
    name = slug(tone)
    if name in TONE_CLASSES:
        return f"badge-{name}"
    if name:
        logger.warning("unknown_tone", extra={"tone": name})
    return "badge-gray"


@register.filter
def tone(value: object, family: str) -> str:
    """A tone from a value: `account.band|tone:"band"` is `band-at-risk`; nothing known is `band-unknown`."""
    return f"{family}-{slug(value) or 'unknown'}"


@register.filter
def words(value: object) -> str:
    """What people read for a choice: its label, else the value in words."""
    label = getattr(value, "label", None)
    if label:
        return str(label)
    text = str(getattr(value, "value", value) or "")
    return text if text != text.lower() else text.replace("_", " ").capitalize()


def slug(value: object) -> str:
    if value is None:
        return ""
    return str(getattr(value, "value", value)).strip().lower().replace("_", "-").replace(" ", "-")


BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """A browser's own long name in words; the first hit wins, since each claims to be those after it."""
    name = next((words for mark, words in BROWSERS.items() if mark in user_agent), "Unknown browser")
    system = next((words for mark, words in SYSTEMS.items() if mark in user_agent), "")
    return f"{name} on {system}" if system else name


# -- small drawings ---------------------------------------------------------------------------------


@register.simple_tag
def bar(value: Number | None, maximum: Number = 100, tone: str = "primary") -> str:
    """A flat bar filled to value of maximum. It only repeats a number that stands beside it."""
    share = 0.0 if value is None or not maximum else max(0.0, min(1.0, float(value) / float(maximum)))
    return format_html(
        '<svg class="bar bar-{}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-track" width="100" height="6"/><rect class="bar-fill" width="{}" height="6"/></svg>',
        slug(tone),
        f"{share * 100:.1f}",
    )


SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 88, 24, 3


@register.simple_tag
def sparkline(values: Iterable[Number | None], label: str = "", tone: str = "") -> str:
    """A line of the values, oldest first; gaps where a value is missing. The label says it in words.

    The tone is that of its direction, unless it says good, bad or flat: more open tickets are bad."""
    numbers = [None if value is None else float(value) for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) < 2:
        return format_html('<span class="text-muted" title="{}">–</span>', label or "Not enough history")
    points = spark_points(numbers, low=min(known), high=max(known))
    direction = slug(tone) or ("up" if known[-1] > known[0] else "down" if known[-1] < known[0] else "flat")
    last_x, last_y = next(point for point in reversed(points) if point is not None)
    return format_html(
        '<svg class="spark spark-{}" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path d="{}"/><circle cx="{}" cy="{}" r="2"/></svg>',
        direction,
        SPARK_WIDTH,
        SPARK_HEIGHT,
        SPARK_WIDTH,
        SPARK_HEIGHT,
        label or f"From {known[0]:g} to {known[-1]:g}",
        spark_path(points),
        last_x,
        last_y,
    )


def spark_points(numbers: Sequence[float | None], *, low: float, high: float) -> list[tuple[float, float] | None]:
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / max(1, len(numbers) - 1)
    inner = SPARK_HEIGHT - 2 * SPARK_MARGIN
    spread = high - low

    def height(number: float) -> float:
        return SPARK_MARGIN + inner * (1 - (number - low) / spread if spread else 0.5)

    return [
        None if number is None else (round(SPARK_MARGIN + step * index, 1), round(height(number), 1))
        for index, number in enumerate(numbers)
    ]


def spark_path(points: Iterable[tuple[float, float] | None]) -> str:
    """Move after a gap, draw otherwise."""
    parts: list[str] = []
    pen_is_down = False
    for point in points:
        if point is not None:
            parts.append(f"{'L' if pen_is_down else 'M'}{point[0]} {point[1]}")
        pen_is_down = point is not None
    return " ".join(parts)


class BandBar(TypedDict):
    label: str
    """The period: `3 Nov`."""
    value: Number | None
    text: str
    """The value as people read it: `62, At Risk`."""
    tone: str


BAND_BAR_WIDTH, BAND_BAR_GAP, BAND_BAR_HEIGHT = 20, 4, 64


@register.simple_tag
def band_bars(bars: Sequence[BandBar], label: str) -> str:
    """Weeks as bars in their band's colour, 0 to 100; each says its own words on hover and to readers."""
    drawn = [band_bar(index, each) for index, each in enumerate(bars)]
    width = max(1, len(drawn)) * (BAND_BAR_WIDTH + BAND_BAR_GAP) - BAND_BAR_GAP
    return format_html(
        '<svg class="band-bars" viewBox="0 0 {} {}" preserveAspectRatio="xMinYMax meet" role="img" '
        'aria-label="{}">{}</svg>',
        width,
        BAND_BAR_HEIGHT,
        label,
        format_html_join("", "{}", ((rect,) for rect in drawn)),
    )


def band_bar(index: int, each: BandBar) -> SafeString:
    value = each["value"]
    height = 2.0 if value is None else max(2.0, BAND_BAR_HEIGHT * min(100.0, float(value)) / 100)
    return format_html(
        '<rect class="bar-fill bar-{}" x="{}" y="{}" width="{}" height="{}" rx="3"><title>{}: {}</title></rect>',
        slug(each["tone"]),
        index * (BAND_BAR_WIDTH + BAND_BAR_GAP),
        f"{BAND_BAR_HEIGHT - height:.1f}",
        BAND_BAR_WIDTH,
        f"{height:.1f}",
        each["label"],
        each["text"],
    )


# -- lists ------------------------------------------------------------------------------------------


class SortHeader(TypedDict):
    label: str
    url: str
    css: str
    aria_sort: str
    arrow: str


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, label: str, field: str, css: str = "", parameter: str = "sort", first: str = ""
) -> SortHeader:
    """A column head that sorts by field; pressed again it turns round. `first="-"` starts with the largest."""
    query: QueryDict = context["request"].GET
    current = query.get(parameter, context.get("current_sort") or "")
    ascending, descending = current == field, current == f"-{field}"
    wanted = f"-{field}" if ascending else field if descending else f"{first}{field}"
    return {
        "label": label,
        "url": query_with(query, {parameter: wanted, "page": None}),
        "css": css,
        "aria_sort": "ascending" if ascending else "descending" if descending else "",
        "arrow": "chevron-up" if ascending else "chevron-down" if descending else "selector",
    }


@register.simple_tag
def query_without(query: QueryDict, name: str, value: str = "") -> str:
    """The query string without one filter (or one of its values), back on the first page."""
    left = query.copy()
    left.pop("page", None)
    kept = [each for each in left.pop(name, []) if value and each != value]
    if kept:
        left.setlist(name, kept)
    return f"?{left.urlencode()}"


@register.simple_tag
def hidden_query(query: QueryDict, *without: str) -> str:
    """The query as hidden inputs, so that a small GET form keeps the other filters; `custom_` leaves out all that
    begin so."""
    beginnings = tuple(name for name in without if name.endswith("_"))
    pairs = [
        (name, value)
        for name, values in query.lists()
        if name not in without and not (beginnings and name.startswith(beginnings))
        for value in values
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


def query_with(query: QueryDict, changes: Mapping[str, str | None]) -> str:
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return f"?{changed.urlencode()}"


class Chip(TypedDict):
    label: str
    text: str
    name: str
    value: str


@register.simple_tag
def active_filters(form: BaseForm, query: QueryDict, *without: str) -> list[Chip]:
    """The filters in use, in words: `{% active_filters filter.form request.GET "sort" as chips %}`."""
    return [
        {"label": str(field.label), "text": text, "name": field.html_name, "value": value}
        for field in form
        if field.name not in without
        for value, text in chosen_values(field, query.getlist(field.html_name))
    ]


def chosen_values(field: BoundField, values: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Each value of a filter beside what people read for it."""
    choices = {str(value): str(text) for value, text in flat_choices(getattr(field.field, "choices", ()))}
    return [(value, choices.get(value, value)) for value in values if value]


def flat_choices(choices: Iterable[tuple[object, object]]) -> Iterable[tuple[object, object]]:
    for value, text in choices:
        if isinstance(text, list | tuple):
            yield from flat_choices(text)
        else:
            yield value, text


@register.filter
def page_window(page: Page) -> list[int]:
    """The page numbers worth showing: the ends, the neighbours, and 0 for a gap."""
    last = page.paginator.num_pages
    near = sorted({1, last, *range(max(1, page.number - 1), min(last, page.number + 1) + 1)})
    shown: list[int] = []
    for number in near:
        if shown and number - shown[-1] == 2:
            shown.append(number - 1)
        elif shown and number - shown[-1] > 2:
            shown.append(0)
        shown.append(number)
    return shown


class ChartRow(TypedDict):
    label: str
    cells: list[str]


@register.filter
def chart_rows(data: ChartData) -> list[ChartRow]:
    """The numbers of a chart by row, so that its table cannot differ from it."""
    return [
        {"label": label, "cells": [cell_text(series, index) for series in data["series"]]}
        for index, label in enumerate(data["labels"])
    ]


def cell_text(series: Series, index: int) -> str:
    texts = series.get("texts")
    if texts:
        return texts[index]
    value = series["values"][index]
    return "–" if value is None else f"{value:g}"


@register.filter
def split(text: str) -> list[str]:
    return text.split()


@register.filter
def get(mapping: Mapping[str, object], key: str) -> object:
    """A value by a key that only the page knows: `sums|get:column.total`."""
    return mapping.get(key)


@register.filter
def undo_address(message: object) -> str:
    """Where a message's change is taken back; pages write the tag `undo:ADDRESS` on it."""
    tags = str(getattr(message, "extra_tags", "") or "").split()
    return next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:")), "")


@register.filter
def at(mapping: Mapping[int, object], key: int) -> object:
    """The same by a number: `numbers|at:row.account_id`."""
    return mapping[key]
