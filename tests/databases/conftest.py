"""A PostgreSQL and a Redis of the tests' own."""

from collections.abc import Iterator

import pytest

from tests.services import postgres, redis_server


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url
