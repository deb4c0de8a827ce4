"""What was measured, beside its goal."""

from collections.abc import Sequence
from statistics import quantiles


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return quantiles(values, n=20)[-1]


class Table:
    """Prints a line as soon as it is known. Of two numbers the unit says which is better."""

    def __init__(self) -> None:
        self.missed = 0
        print(f"{'what':58}{'measured':>14}{'goal':>14}")

    def at_most(self, what: str, value: float, goal: float, unit: str) -> None:
        self._line(what, value, goal, unit, "≤", value <= goal)

    def at_least(self, what: str, value: float, goal: float, unit: str) -> None:
        self._line(what, value, goal, unit, "≥", value >= goal)

    def _line(self, what: str, value: float, goal: float, unit: str, sign: str, good: bool) -> None:
        self.missed += not good
        mark = "" if good else "   missed"
        print(f"{what:58}{value:>10,.4g} {unit:3}{sign:>3}{goal:>8,g} {unit}{mark}", flush=True)

    def end(self) -> int:
        """The exit status."""
        print(f"{self.missed} goals missed" if self.missed else "every goal met")
        return 1 if self.missed else 0
