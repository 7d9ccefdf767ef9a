"""Refusals of the ledger. The docstring of an error is the sentence the person reads, with its facts filled in."""

from inspect import getdoc


class LedgerError(Exception):
    """Something was refused. Nothing was recorded."""

    def __init__(self, **facts: object) -> None:
        """Fill `facts` into the class's docstring, which is the message."""
        self.facts = facts
        self.sentence = " ".join((getdoc(type(self)) or "").split()).format_map(facts)
        super().__init__(self.sentence)


class CheckFailed(LedgerError):
    """The check failed. Nothing was recorded."""


class Invalid(LedgerError):
    """{problem} Nothing was recorded."""


class NotFound(LedgerError):
    """There is no {what} called “{name}”. Check the name and try again; nothing was recorded."""
