"""Sealing: personal fields encrypted under keys that can be destroyed, one person at a time.

`blob` is the format of one sealed record, `derive` what follows from a tenant's key, `cache` how long a key may stay
in memory, `keyring` the four together. The format is written down byte by byte in docs/sealing-format.md.
"""

from chalicelib.adapters.sealing.keyring import Keyring

__all__ = ["Keyring"]
