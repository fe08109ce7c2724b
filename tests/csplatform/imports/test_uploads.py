"""The names that files are kept under."""

from __future__ import annotations

import pytest

from csplatform.imports.uploads import safe_filename


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("metrics.csv", "metrics.csv"),
        (" .csv", "file.csv"),
        (".csv", "file.csv"),
        ("..\\..\\metrics.csv", "metrics.csv"),
        ("", "file.csv"),
        (" . . ", "file.csv"),
        ("metrics.", "metrics"),
        ("a" * 200 + ".csv", "a" * 116 + ".csv"),  # 120 characters at most
    ],
)
def test_a_name_is_made_safe_and_keeps_its_ending(given: str, kept: str) -> None:
    assert safe_filename(given) == kept
