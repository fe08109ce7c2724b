"""Rows of the demo on their way into a table."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import models

from csplatform import bulk

Opening = Callable[[date], datetime]
Row = dict[str, Any]


def drawn_uuid(rng: np.random.Generator) -> uuid.UUID:
    return uuid.UUID(bytes=rng.bytes(16), version=4)


def insert_rows(model: type[models.Model], rows: list[Row], **constants: Any) -> list[int]:
    if not rows:
        return []
    return bulk.insert(model, {name: [row[name] for row in rows] for name in rows[0]}, constants=constants)
