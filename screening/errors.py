"""Refusals: what the service will not do, said in a sentence for the person reading it.

A sentence is Danish text with ``{placeholders}``; the web turns it into the reader's language
and a page or JSON. It always says what to do next.
"""


class Refused(Exception):
    """Base of all refusals. ``sentence`` is shown to the person; ``status`` is the HTTP status."""

    status = 400

    def __init__(self, sentence: str, **values: object):
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class NotFound(Refused):
    """It does not exist, or not for this person: the two answer alike."""

    status = 404


class NotAllowed(Refused):
    """The person or tablet is known, but this is not theirs to do."""

    status = 403


class NotAnswerable(Refused):
    """What was sent cannot be read or does not fit the questions."""

    status = 422


class Conflict(Refused):
    """Somebody else changed it meanwhile; nothing typed is lost."""

    status = 409


class TooLarge(Refused):
    """More than the service takes at once."""

    status = 413


class TooMany(Refused):
    """Too many tries; the sentence says when to try again."""

    status = 429


class Unreadable(Refused):
    """Something kept under seal does not open: damaged, or its key is gone."""

    status = 500


class KeysClosed(Refused):
    """The keys do not answer. Nothing is lost; ``reason`` is one English line for the operator's log."""

    status = 503

    def __init__(self, reason: str):
        super().__init__("Nøglerne svarer ikke lige nu. Prøv igen om lidt; bliver det ved, så sig det til driften.")
        self.reason = reason


class NotKept(Refused):
    """The disk or the database did not take it: nothing of it is kept, and trying again is safe."""

    status = 503
