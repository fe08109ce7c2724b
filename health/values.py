"""Columns of a frame as plain values that a database takes."""

from __future__ import annotations

import pandas as pd


def known_values(column: pd.Series) -> list[float | None]:
    """Floats, None where the value is not known."""
    return column.astype("object").where(column.notna(), None).tolist()
