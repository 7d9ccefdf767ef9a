"""One site with two authorities and somebody for every role, as in tests/people."""

from tests.people.conftest import site as site  # noqa: PLC0414 - fixtures of another folder, by their own names
from tests.people.conftest import two_authorities as two_authorities  # noqa: PLC0414 - as above
