"""`python -m benchmarks [NAME …]`: each in a process of its own, on a scratch database that is dropped at the end."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks import scratch

NAMES = ("metrics", "accounts", "recompute", "lists", "pages", "dashboard", "portfolio")


def main() -> int:
    wanted = sys.argv[1:] or list(NAMES)
    if unknown := sorted(set(wanted) - set(NAMES)):
        print(f"No such benchmark: {', '.join(unknown)}. There are {', '.join(NAMES)}.")
        return 2
    if os.environ.get(scratch.MARK):
        return _measure(wanted[0])
    print("what                                        baseline      ours   ratio   peak memory")
    failed = 0
    with scratch.template() as copy:
        for name in wanted:
            with copy() as environment:
                failed += bool(subprocess.run([sys.executable, "-m", "benchmarks", name], env=environment).returncode)
    return 1 if failed else 0


def _measure(name: str) -> int:
    scratch.set_up()
    from benchmarks import importing, invoicing, listing, pages, portfolio, recomputing

    measure = {
        "metrics": importing.metrics,
        "accounts": importing.accounts,
        "recompute": recomputing.recompute,
        "lists": listing.lists,
        "pages": pages.pages,
        "dashboard": invoicing.dashboard,
        "portfolio": portfolio.portfolio,
    }[name]
    measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
