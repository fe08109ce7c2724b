"""The page frame and its components: they draw, they keep to the content policy, they can be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from csplatform.context_processors import shell
from csplatform.models import Membership
from csplatform.navigation import ITEMS, NavigationItem, belongs, resolvable
from csplatform.templatetags import shell as tags
from csplatform.views.styleguide import SampleForm
from tests.factories.csplatform import MembershipFactory

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted(path.name for path in (TEMPLATES / "components").glob("*.html"))
ALL_TEMPLATES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
STYLESHEET = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text(encoding="utf-8")
RULES = (Path(settings.BASE_DIR) / "static/css/app.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_begins_with_what_it_takes(name: str) -> None:
    first_line = (TEMPLATES / "components" / name).read_text(encoding="utf-8").splitlines()[0]

    assert first_line.startswith(f"{{# components/{name}: ")
    assert first_line.endswith(" #}")


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_template_has_no_inline_script_or_style_and_no_outside_host(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    scripts = re.findall(r"<script\b([^>]*)>", text)

    assert [script for script in scripts if "src=" not in script and 'type="application/json"' not in script] == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=\"|hx-on", text) == []
    assert re.findall(r"(?:src|href)=[\"'](?:https?:)?//", text) == []


# -- colours ----------------------------------------------------------------------------------------

TEXT_PAIRS = [
    *(
        (text, ground)
        for text in ("text", "strong", "muted")
        for ground in ("bg", "surface", "raised", "sunken", "hover")
    ),
    *((text, ground) for text in ("primary", "up", "down") for ground in ("bg", "surface", "raised")),
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    *((tone, f"{tone}-bg") for tone in ("success", "warning", "danger", "info", "gray", "orange")),
]
CONTROL_PAIRS = [("control", "surface"), ("focus", "bg"), ("focus", "surface")]
DATA_TONES = ("healthy", "watchlist", "at-risk", "critical", "blue", "green", "amber", "orange", "red", "gray")


def token(name: str, theme: str) -> str:
    match = re.search(rf"--k-{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", STYLESHEET)
    assert match, name
    return match[3] or match[1 if theme == "light" else 2]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_guidelines_say() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the known limit of gray on white


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    assert contrast(token(text, theme), token(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), CONTROL_PAIRS)
def test_controls_can_be_seen(theme: str, line: str, ground: str) -> None:
    assert contrast(token(line, theme), token(ground, theme)) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", DATA_TONES)
def test_chart_outlines_can_be_seen(theme: str, tone: str) -> None:
    assert contrast(token(f"data-{tone}-edge", theme), token("surface", theme)) >= 3


def test_every_tone_has_a_look() -> None:
    assert sorted(tone for tone in tags.TONE_CLASSES if f".badge-{tone}" not in RULES) == []


def test_high_is_good_for_health_and_bad_for_risk() -> None:
    green = RULES[RULES.index(".badge-success") : RULES.index("var(--k-success-bg)")]

    assert ".badge-health-high" in green
    assert ".badge-risk-low" in green
    assert ".badge-risk-high" not in green


# -- tags -------------------------------------------------------------------------------------------


def draw(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


def test_unknown_tone_is_gray_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert tags.tone_class("purple") == "badge-gray"
    assert [record.message for record in caplog.records] == ["unknown_tone"]


def test_tone_of_a_value_is_its_slug_in_the_family() -> None:
    assert tags.tone("At Risk", "band") == "band-at-risk"
    assert tags.tone(None, "band") == "band-unknown"


def test_badge_escapes_what_it_prints() -> None:
    drawn = render_to_string("components/badge.html", {"text": "<b>&", "tone": "danger"})

    assert '<span class="badge badge-danger">&lt;b&gt;&amp;</span>' in drawn


def test_kpi_shows_a_dash_for_what_is_unknown() -> None:
    assert '<div class="kpi-value">–</div>' in render_to_string(
        "components/kpi.html", {"label": "NPS", "value": None}
    )


def test_health_score_says_number_and_band() -> None:
    drawn = render_to_string("components/health_score.html", {"score": 79.9, "band": "Watchlist"})

    assert '<span class="score-number">79</span>' in drawn  # the floor, so the number stays in its band
    assert '<span class="badge badge-dot badge-band-watchlist">Watchlist</span>' in drawn


def test_unknown_health_score_is_a_dash_without_a_bar() -> None:
    drawn = render_to_string("components/health_score.html", {"score": None, "band": None})

    assert '<span class="score-number">–</span>' in drawn
    assert "<rect" not in drawn
    assert "Unknown" in drawn


def test_bar_fills_its_share() -> None:
    assert '<rect class="bar-fill" width="25.0" height="6"/>' in tags.bar(5, 20, "success")
    assert '<rect class="bar-fill" width="100.0" height="6"/>' in tags.bar(30, 20)
    assert '<rect class="bar-fill" width="0.0" height="6"/>' in tags.bar(None)


def test_sparkline_leaves_a_gap_where_a_value_is_missing() -> None:
    drawn = tags.sparkline([1, 2, None, 3, 4])

    # 82 wide inside, four steps of 20.5; 18 high, so a third of the way is 6: y = 21, 15, then 9, 3
    assert 'd="M3.0 21.0 L23.5 15.0 M64.5 9.0 L85.0 3.0"' in drawn
    assert 'class="spark spark-up"' in drawn


def test_sparkline_of_one_value_is_a_dash() -> None:
    assert "<svg" not in tags.sparkline([71])


def test_band_bars_say_their_words() -> None:
    drawn = tags.band_bars([{"label": "3 Nov", "value": 50, "text": "50, At Risk", "tone": "band-at-risk"}], "Health")

    assert 'height="32.0"' in drawn  # half of 64
    assert "<title>3 Nov: 50, At Risk</title>" in drawn


@pytest.mark.parametrize(
    ("query", "url", "aria_sort"),
    [
        ("q=a&page=3", "?q=a&amp;sort=-arr", None),
        ("sort=-arr", "?sort=arr", "descending"),
        ("sort=arr", "?sort=-arr", "ascending"),
    ],
)
def test_sort_header_turns_round_and_keeps_the_filters(
    rf: RequestFactory, query: str, url: str, aria_sort: str | None
) -> None:
    drawn = draw('{% sort_header "ARR" "arr" first="-" %}', request=rf.get(f"/?{query}"))

    assert f'href="{url}"' in drawn
    assert re.findall(r'aria-sort="(\w+)"', drawn) == ([aria_sort] if aria_sort else [])


def test_chips_name_the_filters_in_use() -> None:
    query = QueryDict("segment=smb&name=cloud&email=&page=2")

    chips = tags.active_filters(SampleForm(query), query)

    assert chips == [
        {"label": "Name", "text": "cloud", "name": "name", "value": "cloud"},
        {"label": "Segment", "text": "SMB", "name": "segment", "value": "smb"},
    ]
    assert tags.query_without(query, "segment", "smb") == "?name=cloud&email="


def test_removing_one_of_two_values_keeps_the_other() -> None:
    assert tags.query_without(QueryDict("tag=a&tag=b"), "tag", "a") == "?tag=b"


@pytest.mark.parametrize(
    ("page", "shown"),
    [(1, [1, 2, 0, 9]), (3, [1, 2, 3, 4, 0, 9]), (5, [1, 0, 4, 5, 6, 0, 9]), (9, [1, 0, 8, 9])],
)
def test_pager_shows_the_ends_and_the_neighbours(page: int, shown: list[int]) -> None:
    assert tags.page_window(Paginator(range(90), 10).page(page)) == shown


def test_pager_tells_the_range_and_offers_sizes() -> None:
    page = Paginator(range(147), 25).page(6)

    drawn = render_to_string("components/pagination.html", {"page": page, "query": QueryDict("q=a&page=6")})

    assert '<span id="list-range">126–147</span> of <span id="list-count">147</span>' in drawn
    assert 'href="?q=a&amp;page=5" rel="prev"' in drawn
    assert 'href="?q=a&amp;page_size=50"' in drawn


def test_table_of_a_chart_says_the_same_numbers() -> None:
    rows = tags.chart_rows(
        {
            "labels": ["Jun", "Jul"],
            "x_title": "Month",
            "y_title": "₹ lakh",
            "series": [
                {"name": "Invoiced", "values": [42, None]},
                {"name": "Collected", "values": [38.5, 41], "texts": ["₹38,50,000", "₹41,00,000"]},
            ],
        }
    )

    assert rows == [
        {"label": "Jun", "cells": ["42", "₹38,50,000"]},
        {"label": "Jul", "cells": ["–", "₹41,00,000"]},
    ]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/156.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
        ("curl/8.5", "Unknown browser"),
    ],
)
def test_browser_is_named_in_words(agent: str, name: str) -> None:
    assert tags.browser(agent) == name


def test_missing_library_leaves_no_broken_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "asset_url", lambda path: "")

    assert tags.asset("vendor/none.js") == ""
    assert tags.icon("home", label="Home") == "Home"


# -- the frame --------------------------------------------------------------------------------------


def test_menu_leaves_out_rooms_that_are_not_there() -> None:
    absent = NavigationItem(label="X", url_name="nowhere:x", icon="x", section="", active_prefix="/x")

    assert list(resolvable((absent,))) == []


def test_menu_marks_the_page_that_the_path_belongs_to() -> None:
    assert belongs("/dashboard/accounts/7", "/dashboard/accounts")
    assert not belongs("/dashboard/accounts-old", "/dashboard/accounts")


def test_menu_letters_are_used_once() -> None:
    keys = [item.go_key for item in ITEMS if item.go_key]

    assert len(keys) == len(set(keys))


def test_flags_follow_the_permission_table(rf: RequestFactory, rita: Membership, amir: Membership) -> None:
    def flags(member: Membership | None) -> dict[str, bool]:
        request = rf.get("/dashboard")
        request.member = member  # type: ignore[attr-defined]  # set by the middleware
        return shell(request)["can"]

    assert [flags(rita)["read"], flags(rita)["run_imports"]] == [True, False]
    assert [flags(amir)["read"], flags(amir)["run_imports"]] == [True, True]
    assert set(flags(None).values()) == {False}


def test_page_frame_shows_organisation_menu_and_theme(
    client_for: Callable[[Membership], Client], alice: Membership
) -> None:
    alice.user.theme = "dark"
    alice.user.save()
    MembershipFactory.create(user=alice.user, organization__name="Second Cloud")

    page = client_for(alice).get(reverse("csplatform:settings")).content.decode()

    assert '<html lang="en" data-bs-theme="dark">' in page
    assert page.count("<h1>") == 1
    assert 'class="skip-link" href="#main"' in page
    assert 'aria-current="page" data-go="s"' in page
    assert "Second Cloud" in page
    assert f'action="{reverse("csplatform:organization_switch")}"' in page


def test_system_theme_is_left_to_the_browser(client_for: Callable[[Membership], Client], alice: Membership) -> None:
    page = client_for(alice).get(reverse("csplatform:settings")).content.decode()

    assert '<html lang="en">' in page


@pytest.mark.django_db
def test_login_page_has_no_menu(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()

    assert "<h1>Sign in</h1>" in page
    assert "sidebar" not in page


def test_style_guide_is_for_development_only(
    client_for: Callable[[Membership], Client], alice: Membership, settings: Settings
) -> None:
    settings.DEVELOPMENT = False
    assert client_for(alice).get(reverse("csplatform:styleguide")).status_code == 404

    settings.DEVELOPMENT = True
    assert client_for(alice).get(reverse("csplatform:styleguide")).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500, 503])
def test_error_page_draws_without_any_context(status: int) -> None:
    drawn = render_to_string(f"{status}.html")

    assert f"Error {status}" in drawn
    assert drawn.count("<h1>") == 1
