"""In which order a file writes its dates."""

from __future__ import annotations

import io

import pytest

from csplatform.imports.dates import date_evidence
from csplatform.imports.enums import DateOrder
from csplatform.imports.reading import settle


@pytest.mark.parametrize(
    ("dates", "order", "is_ambiguous"),
    [
        (["13/04/2026", "03/04/2026"], DateOrder.DAY_FIRST, False),
        (["3.4.26", "13.4.26"], DateOrder.DAY_FIRST, False),
        (["03/04/2026", "04/13/2026"], DateOrder.MONTH_FIRST, False),
        (["03/04/2026"], DateOrder.ISO, True),
        (["04/04/2026"], DateOrder.ISO, False),  # the same day in both orders
        (["03/04/2026", "2026-04-05"], DateOrder.ISO, False),  # one bad value among good ones
        (["13/04/2026", "04/13/2026"], DateOrder.ISO, False),  # they contradict each other
        (["soon", ""], DateOrder.ISO, False),
    ],
)
def test_the_dates_of_a_file_decide_for_it(dates: list[str], order: DateOrder, is_ambiguous: bool) -> None:
    content = "\n".join(["name,date", *(f"Acme,{day}" for day in dates), ""]).encode()
    sheet = settle(lambda: io.BytesIO(content), is_known={"name", "date"}.__contains__)

    evidence = date_evidence(sheet, {"date": 1})

    assert (evidence.order(), evidence.is_ambiguous) == (order, is_ambiguous)
