"""Columns of a frame as plain values that a database takes, and what it gives as columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def known_values(column: pd.Series) -> list[float | None]:
    """Floats, None where the value is not known."""
    return [None if value != value else value for value in column.tolist()]


def number_texts(column: pd.Series) -> list[str]:
    """Floats as JSON has them."""
    return ["null" if value != value else repr(value) for value in column.tolist()]


def numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """Numbers, NaN where none is known."""
    return np.array(values, dtype="float64")


def days(texts: Sequence[str | None]) -> npt.NDArray[np.datetime64]:
    """ISO dates as days, NaT where there is none; seconds are the coarsest that pandas computes with."""
    return np.array(texts, dtype="datetime64[D]").astype("datetime64[s]")
