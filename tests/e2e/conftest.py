"""The services that these tests use."""

from tests.e2e.services import database, postgres, redis_url

__all__ = ("database", "postgres", "redis_url")
