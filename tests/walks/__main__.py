"""Random walks through the real app: `python -m tests.walks [--count 200] [--seed 1]`.

Each is a visit in Chromium on a demo of its own, from today's list to the lead's page. Prints a line each and a
summary; ends with status 1 when any answer, any hidden or kept answer or any suggested level differs.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import programs
from tests.walks.ground import EVENTS, Ground

ENOUGH = 100  # so many walks have done everything there is to do


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.walks", description=__doc__)
    asked.add_argument("--count", type=int, default=200, help="how many walks (200)")
    asked.add_argument("--seed", type=int, default=1, help="the first walk's seed; the next ones count on from it")
    given = asked.parse_args()
    total: Counter[str] = Counter()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        ground = Ground(playwright, programs.chromium(), Path(folder), given.count)
        for seed in range(given.seed, given.seed + given.count):
            found = ground.walk(seed)
            print(found.line(), flush=True)
            for difference in found.differences:
                print(f"    {difference}", flush=True)
            total.update(found.counts())
        found = ground.end()
        total["differences"] += len(found)
        for difference in found:
            print(f"    {difference}")
    print(", ".join(f"{name} {total[name]}" for name in EVENTS))
    never = [name for name in (*EVENTS, "hidden", "kept") if not total[name]] if given.count >= ENOUGH else []
    if never:
        print(f"so many walks and never: {', '.join(never)}; they prove nothing of it")
    seconds = time.monotonic() - begun
    print(
        f"{given.count} walks, {total['answers']} answers, {total['hidden']} hidden and absent,"
        f" {total['kept']} kept and present, {total['differences']} differences;"
        f" {seconds / max(given.count, 1):.1f} s a walk"
    )
    return 1 if total["differences"] or never else 0


if __name__ == "__main__":
    sys.exit(main())
