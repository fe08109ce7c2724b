"""What the environment decides, read by a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.processes import ROOT


def options_of(url: str) -> dict[str, object]:
    told = "import json, csplatform.settings as s; print(json.dumps(s.DATABASES['default']['OPTIONS']))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    options: dict[str, object] = json.loads(done.stdout)
    return options


def test_what_the_url_of_the_database_asks_for_is_kept() -> None:
    options = options_of("postgres://keel@db.example/keel?sslmode=verify-full")

    assert options["sslmode"] == "verify-full"
    assert options["options"] == "-c jit=off"
    assert "pool" in options


def test_the_url_has_the_last_word() -> None:
    assert options_of("postgres://keel@db.example/keel?options=-c%20jit%3Don")["options"] == "-c jit=on"
