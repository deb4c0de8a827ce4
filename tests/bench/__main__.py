"""Runs the measurements and prints each beside its goal; ends with a status other than 0 when one is missed."""

import sys

from tests.bench import importing, server, tablet
from tests.bench.table import Table

PARTS = {"importing": importing.measure, "server": server.measure, "tablet": tablet.measure}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    table = Table()
    for name in wanted or PARTS:
        PARTS[name](table)
    return table.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
