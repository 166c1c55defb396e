"""What a failed statement says: that the database refused it, or nothing at all."""

import asyncpg

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the protocol's state after a cut in the middle of an answer
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    OSError,
    TimeoutError,
)
"""What says nothing about the statement itself: the database is away, starting, or full."""


_UNFIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


def unfit(error: BaseException) -> bool:
    """Whether an error says that rows cannot be stored; all else says something about the database."""
    return isinstance(error, _UNFIT) or (isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError))


def is_lost(error: BaseException) -> bool:
    """Whether an error says nothing about the statement. asyncpg's own refusal of a value is an InterfaceError too."""
    return isinstance(error, LOST) and not isinstance(error, ValueError)
