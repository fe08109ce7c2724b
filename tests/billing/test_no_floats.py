"""A float never touches money."""

from __future__ import annotations

import ast
from pathlib import Path

BILLING = Path(__file__).resolve().parents[2] / "billing"
WHERE_MONEY_IS_WORKED_OUT = ("tax", "services", "models", "imports", "calculations.py")


def test_no_float_where_money_is_worked_out_or_kept() -> None:
    found = []
    for folder in WHERE_MONEY_IS_WORKED_OUT:
        place = BILLING / folder
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
                literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
                if name in {"float", "FloatField"} or literal:
                    found.append(f"{path.name}:{getattr(node, 'lineno', 0)}")

    assert found == []
