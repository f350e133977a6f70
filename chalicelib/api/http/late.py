"""A view whose module is loaded with the first call that asks for it."""

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.api.http.endpoint import Endpoint

_RESOURCES = __package__.rpartition(".")[0]


class Seldom:
    """A view whose module is loaded when it is first called, or when somebody asks what it declares."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = f"{_RESOURCES}.{module}"
        self.__name__ = self.__qualname__ = name

    @cached_property
    def view(self) -> Any:
        """The view itself."""
        return getattr(import_module(self.__module__), self.__name__)

    @property
    def __endpoint__(self) -> "Endpoint":
        """What the view declares."""
        declared: Endpoint = self.view.__endpoint__
        return declared

    def __call__(self, **path: str) -> "Response":
        """Answers the current request."""
        response: Response = self.view(**path)
        return response
