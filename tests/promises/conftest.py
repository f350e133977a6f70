"""The stack, and the mark that says which promise a check belongs to."""

import pytest

from tests.deployed.fixtures import silent_logs, stack

__all__ = ["silent_logs", "stack"]


def pytest_configure(config: pytest.Config) -> None:
    """The mark: a promise is kept when all checks with its id pass."""
    config.addinivalue_line("markers", "promise(id): a check of the promise with this id in the register")
