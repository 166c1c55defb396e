"""The service behind ASGI, as tests/api has it."""

from tests.api.conftest import client

__all__ = ["client"]
