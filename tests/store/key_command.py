"""A program that holds keys, as an operator's own would: one question on standard input, one answer out.

``python -m tests.store.key_command FOLDER``. The question is ``{"verb": …}`` with bytes as base64; the answer
``{"result": …}``, or ``{"unreadable": true}`` for what does not open.
"""

import base64
import json
import sys
from typing import Any

from screening.errors import Unreadable
from screening.store.keys import FileKeys

# Which of a question's values are bytes; the others are names.
BYTES = {"dek", "aad", "blob", "enc_and_ct", "info", "message"}


def answered(keys: FileKeys, question: dict[str, Any]) -> dict[str, Any]:
    verb = question.pop("verb")
    values = {name: base64.b64decode(value) if name in BYTES else value for name, value in question.items()}
    try:
        result = getattr(keys, verb)(**values)
    except Unreadable:
        return {"unreadable": True}
    if verb == "wrap":
        result = {"kek_id": result[0], "blob": result[1]}
    return {"result": result}


def as_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


if __name__ == "__main__":
    print(json.dumps(answered(FileKeys(sys.argv[1]), json.load(sys.stdin)), default=as_text))
