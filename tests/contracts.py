"""The published schemas of the contracts, to be held against what we answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parent.parent / "docs" / "contracts"


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")))


def violations(name: str, body: Any) -> list[str]:
    """Where a body departs from its schema; nothing where it keeps to it."""
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(body)]
