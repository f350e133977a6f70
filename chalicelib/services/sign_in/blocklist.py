"""Frequent passwords: what whoever guesses tries first. Browsers check against them, since we never see a password.

Short ones are among them, though they would be refused for their length: with digits behind it, each can be long.
"""

from functools import cache


@cache
def frequent_passwords() -> str:
    """One a line, the most frequent first, in lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 (a megabyte that few calls need)

    return "\n".join(FREQUENCY_LISTS["passwords"]) + "\n"
