"""The style guide: every component with made-up figures, for people who write pages. In development only."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from csplatform.charts import ChartData
from csplatform.http import AuthenticatedRequest
from csplatform.views.base import page

MONTHS = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]

ARR_TREND: ChartData = {
    "labels": MONTHS,
    "x_title": "Month",
    "y_title": "ARR, ₹ crore",
    "tick_prefix": "₹",
    "tick_suffix": "Cr",
    "series": [
        {
            "name": "ARR",
            "tone": "blue",
            "values": [4.1, 4.2, 4.2, 4.4, 4.5, 4.7, 4.6, 4.8, 4.9, 5.1, 5.0, 5.2],
            "texts": [f"₹{value}Cr" for value in (4.1, 4.2, 4.2, 4.4, 4.5, 4.7, 4.6, 4.8, 4.9, 5.1, 5.0, 5.2)],
        }
    ],
    "note": "The axis does not start at 0.",
}
INVOICED: ChartData = {
    "labels": MONTHS[-6:],
    "x_title": "Month",
    "y_title": "₹ lakh",
    "tick_prefix": "₹",
    "tick_suffix": "L",
    "minimum": 0,
    "series": [
        {"name": "Invoiced", "tone": "blue", "values": [42, 45, 44, 48, 51, 50], "kind": "line"},
        {"name": "Collected", "tone": "green", "values": [38, 41, 43, 42, 47, 44], "kind": "line", "dashed": True},
        {"name": "Pending", "tone": "amber", "values": [4, 4, 1, 6, 4, 6], "kind": "bar"},
    ],
}
HEALTH: ChartData = {
    "labels": ["1 Sep", "8 Sep", "15 Sep", "22 Sep", "29 Sep", "6 Oct", "13 Oct", "20 Oct", "27 Oct", "3 Nov"],
    "x_title": "Week",
    "y_title": "Health score",
    "minimum": 0,
    "maximum": 100,
    "series": [{"name": "Score", "tone": "blue", "values": [81, 79, 76, 74, None, 71, 68, 63, 60, 57]}],
    "bands": [
        {"low": 80, "high": 100, "label": "Healthy", "tone": "healthy"},
        {"low": 60, "high": 80, "label": "Watchlist", "tone": "watchlist"},
        {"low": 40, "high": 60, "label": "At Risk", "tone": "at-risk"},
        {"low": 0, "high": 40, "label": "Critical", "tone": "critical"},
    ],
}
DISTRIBUTION: ChartData = {
    "labels": ["Healthy", "Watchlist", "At Risk", "Critical"],
    "x_title": "Band",
    "y_title": "Accounts",
    "series": [
        {"name": "Accounts", "values": [82, 34, 22, 9], "texts": ["82 of 147", "34 of 147", "22 of 147", "9 of 147"]}
    ],
    "tones": ["healthy", "watchlist", "at-risk", "critical"],
    "centre": "147",
    "centre_label": "accounts",
}
SEGMENTS: ChartData = {
    "labels": ["Enterprise", "SMB", "Startup"],
    "x_title": "Segment",
    "y_title": "ARR, ₹ lakh",
    "series": [{"name": "ARR", "tone": "blue", "values": [310, 142, 68], "texts": ["₹310L", "₹142L", "₹68L"]}],
}
BUCKETS: ChartData = {
    "labels": ["Healthy", "At-Risk", "Critical"],
    "x_title": "Bucket",
    "y_title": "ARR, ₹ lakh",
    "series": [{"name": "ARR", "values": [360, 120, 40], "texts": ["₹360L", "₹120L", "₹40L"]}],
    "tones": ["healthy", "at-risk", "critical"],
}
LEGEND = [
    {"label": "Healthy", "value": 82, "share": "55.8%", "tone": "healthy", "url": "?band=healthy"},
    {"label": "Watchlist", "value": 34, "share": "23.1%", "tone": "watchlist", "url": "?band=watchlist"},
    {"label": "At Risk", "value": 22, "share": "15.0%", "tone": "at-risk", "url": "?band=at_risk"},
    {"label": "Critical", "value": 9, "share": "6.1%", "tone": "critical", "url": "?band=critical"},
]
ROWS = [
    (
        "Bharat Cloudworks",
        "Enterprise",
        "Asha Rao",
        42_80_000,
        Decimal("86.4"),
        "Healthy",
        (80, 82, 81, 84, 86),
        "risk-low",
    ),
    (
        "Kaveri Logistics",
        "SMB",
        "Rahul Menon",
        12_50_000,
        Decimal("71.0"),
        "Watchlist",
        (78, 77, 74, 72, 71),
        "risk-medium",
    ),
    (
        "Meghna Analytics Private Limited",
        "Startup",
        None,
        3_20_000,
        Decimal("52.5"),
        "At Risk",
        (66, 61, 58, 55, 52),
        "risk-high",
    ),
    (
        "Sahyadri Foods",
        "SMB",
        "Asha Rao",
        8_00_000,
        Decimal("31.9"),
        "Critical",
        (60, 52, 44, 38, 32),
        "risk-critical",
    ),
    ("Yamuna Textiles", "Startup", "Lakshmi K.", 1_10_000, None, None, (), "risk-low"),
]
WEEK_SCORES = [
    *((score, "Healthy") for score in (84, 82, 80)),
    *((score, "Watchlist") for score in (77, 74, 70, 66, 61)),
    *((score, "At Risk") for score in (58, 49, 42)),
    (36, "Critical"),
]
WEEKS = [
    {
        "label": f"Week {number}",
        "value": score,
        "text": f"{score}, {band}",
        "tone": f"band-{band.lower().replace(' ', '-')}",
    }
    for number, (score, band) in enumerate(WEEK_SCORES, start=1)
]
TONES = {
    "Plain": ["success", "warning", "danger", "orange", "info", "gray"],
    "Bands": ["band-healthy", "band-watchlist", "band-at-risk", "band-critical", "band-unknown"],
    "Risk": ["risk-low", "risk-medium", "risk-high", "risk-critical"],
    "Priority": ["prio-high", "prio-medium", "prio-low"],
    "Jobs": ["job-queued", "job-running", "job-succeeded", "job-failed", "job-cancelled"],
}


class SampleForm(forms.Form):
    """One field of each kind; filled in wrongly, so that errors show."""

    name = forms.CharField(max_length=80, help_text="As your customers know it.")
    email = forms.EmailField(label="E-mail")
    segment = forms.ChoiceField(choices=[("", "Any"), ("smb", "SMB"), ("enterprise", "Enterprise")])
    arr = forms.DecimalField(label="ARR in ₹", required=False)
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    notify = forms.BooleanField(label="Tell the owner", required=False)


@page()
def styleguide(request: AuthenticatedRequest) -> HttpResponse:
    if not settings.DEVELOPMENT:
        raise Http404
    return render(
        request,
        "csplatform/styleguide.html",
        {
            "arr_trend": ARR_TREND,
            "invoiced": INVOICED,
            "health": HEALTH,
            "distribution": DISTRIBUTION,
            "segments": SEGMENTS,
            "buckets": BUCKETS,
            "legend": LEGEND,
            "no_data": {"labels": [], "series": []},
            "rows": ROWS,
            "weeks": WEEKS,
            "tones": TONES,
            "page_obj": Paginator(range(147), 25).page(3),
            "form": SampleForm({"name": "Kaveri Logistics", "email": "kaveri", "segment": "smb"}),
            "filter_form": SampleForm({"name": "cloud", "email": "", "segment": "smb"}),
            "chips": [
                {"label": "Segment", "text": "SMB", "name": "segment", "value": "smb"},
                {"label": "Owner", "text": "Asha Rao", "name": "owner", "value": "7"},
            ],
            "tabs": [
                {"label": "Overview", "url": "?tab=overview", "is_current": True},
                {"label": "Timeline", "url": "?tab=timeline", "is_current": False, "count": 48},
                {"label": "Health", "url": "?tab=health", "is_current": False},
                {"label": "Playbooks", "url": "?tab=playbooks", "is_current": False, "count": 2},
            ],
            "periods": [
                {"label": f"{days} days", "url": f"?days={days}", "is_current": days == 90} for days in (30, 60, 90)
            ],
            "facts": [("Segment", "SMB"), ("Owner", "Rahul Menon"), ("ARR", "₹12,50,000"), ("Seats", None)],
        },
    )
