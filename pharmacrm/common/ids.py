"""Keys of governed rows."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a new UUID version 7: unique, and ordered by the moment it was made. Source: RFC 9562, 5.7."""
    return _uuid7()
