"""What the code itself must keep to, wherever new code is added."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from csplatform.tenancy import tenant_models

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("csplatform", "accounts", "billing", "health", "playbooks", "insights")
ENTRANCES = ("views", "api", "forms")


def sources(*folders: str) -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" not in parts and (
                not folders or parts[1] in folders or parts[1].removesuffix(".py") in folders
            ):
                yield path


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_entrances_never_name_a_tenant_models_default_manager() -> None:
    """`Model.objects.none()` may stand in a view set: it names the model for the schema."""
    names = {model.__name__ for model in tenant_models()}
    found = []
    for path in sources(*ENTRANCES):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"objects", "_default_manager"}
                and isinstance(node.value, ast.Name)
                and node.value.id in names
                and f"{node.value.id}.objects.none()" not in text.splitlines()[node.lineno - 1]
            ):
                found.append(f"{relative(path)}:{node.lineno}")

    assert found == []


def test_only_the_jobs_package_rings_the_broker() -> None:
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in sources()
        if not relative(path).startswith("csplatform/jobs/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "send_task"}
    ]

    assert found == []


def test_every_module_opens_with_a_line_that_says_what_it_is() -> None:
    found = [
        relative(path)
        for path in sources()
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == []


def test_every_tenant_model_has_a_sentence_and_a_settled_order() -> None:
    found = [
        model._meta.label
        for model in tenant_models()
        if not model._meta.auto_created
        and (
            not (model.__doc__ or "").strip()
            or model.__doc__.startswith(f"{model.__name__}(")
            or not model._meta.ordering
        )
        and not model.__name__.startswith("Historical")
    ]

    assert found == []


@pytest.mark.parametrize("pattern", ["onclick=", "<style", 'style="', "hx-on", "javascript:"])
def test_templates_hold_no_inline_script_or_style(pattern: str) -> None:
    found = [
        relative(path)
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if pattern in path.read_text(encoding="utf-8")
    ]

    assert found == []
