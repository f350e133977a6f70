"""Switches that make a simulated provider fail, for all or for the next few requests."""

import threading
from dataclasses import dataclass, replace
from typing import Any

MODES = ("status", "slow", "hang", "nonsense", "reset", "take_then_hang", "take_then_reset")
_TAKING = ("take_then_hang", "take_then_reset")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How a provider fails. `times` counts down the requests; None means until it is switched off."""

    mode: str
    status: int = 500
    code: int = 0
    seconds: float = 30.0
    times: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")

    @property
    def takes_message(self) -> bool:
        """Whether the provider accepts the message, although its answer never arrives."""
        return self.mode in _TAKING


class Faults:
    """The switches of all providers; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}

    def switch(self, provider: str, settings: dict[str, Any] | None) -> None:
        """Makes `provider` fail as set, or work again when there are no settings. ValueError when they are wrong."""
        try:
            fault = Fault(**settings) if settings else None
        except TypeError as unknown:
            raise ValueError(str(unknown)) from None
        with self._lock:
            if fault is None:
                self._faults.pop(provider, None)
            else:
                self._faults[provider] = fault

    def clear(self) -> None:
        """Makes every provider work again."""
        with self._lock:
            self._faults.clear()

    def next(self, provider: str) -> Fault | None:
        """How the request that came in just now fails; None when it does not. Counts it."""
        with self._lock:
            fault = self._faults.get(provider)
            if fault is None or fault.times is None:
                return fault
            if fault.times <= 1:
                del self._faults[provider]
            else:
                self._faults[provider] = replace(fault, times=fault.times - 1)
            return fault if fault.times > 0 else None
