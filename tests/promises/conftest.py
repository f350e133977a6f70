"""The stack."""

from tests.deployed.fixtures import silent_logs, stack

__all__ = ["silent_logs", "stack"]
