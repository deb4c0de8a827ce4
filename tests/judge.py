"""What the server's code makes of worked and random visits, as `tests/js/judge.mjs` says what the tablet's makes.

`python -m tests.judge FOLDER…` reads {visits, judged, opening, gates} from stdin and prints the results of each
folder's own copy of the package, null where the copy breaks.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors" / "instrument"


def vectors(name: str) -> list[dict[str, Any]]:
    """The worked cases of a file."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def worked() -> dict[str, list[Any]]:
    """All worked cases by kind."""
    return {
        "visits": vectors("examples") + vectors("rules"),
        "judged": vectors("judged"),
        "opening": vectors("opening"),
        "gates": vectors("gates"),
    }


def results(cases: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What the server makes of each case."""
    evaluation = importlib.import_module("screening.evaluation")
    published = importlib.import_module("screening.instrument").load()
    found = {
        "visits": [evaluation.evaluate(published, visit) for visit in cases["visits"]],
        "judged": [evaluation.judged(published, one["responses"], one["context"]) for one in cases["judged"]],
        "opening": [
            {
                "shown": evaluation.enabled(published, one["form"], one["answers"], one["context"]),
                "missing": evaluation.missing(published, one["form"], one["answers"], one["context"]),
            }
            for one in cases["opening"]
        ],
        "gates": [evaluation.gate(published, one["answers"]) for one in cases["gates"]],
    }
    return json.loads(json.dumps(found))


def results_of_copy(folder: str, cases: dict[str, list[Any]]) -> dict[str, list[Any]] | None:
    """What the package in another folder makes of the cases; None when it breaks."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "screening"]:
        del sys.modules[name]
    sys.path.insert(0, folder)
    try:
        return results(cases)
    except Exception:
        return None
    finally:
        sys.path.remove(folder)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump([results_of_copy(folder, given) for folder in sys.argv[1:]], sys.stdout)
