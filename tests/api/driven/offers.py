"""How the routes about what a business offers are driven where what they leave in the ledger is compared."""

from collections.abc import Callable
from typing import Any

Drive = Callable[[Any], object]
MONDAY = "from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z"


def resource(at: Any) -> str:
    """A room."""
    made: str = at.call("POST", "/resources", {"name": "Raum 1"})["id"]
    return made


def of_service(method: str, path: str) -> Callable[[Any], Drive]:
    """Something about the one service."""
    return lambda _: lambda at: at.call(method, f"/services/{at.of.service.id}{path}")


def archived_service(at: Any) -> Drive:
    """One that is not offered any more."""
    at.call("POST", f"/services/{at.of.service.id}/archive")
    return lambda _: at.call("DELETE", f"/services/{at.of.service.id}/archive")


def of_resource(method: str, path: str, body: Any = None) -> Callable[[Any], Drive]:
    """Something about a room."""

    def ready(at: Any) -> Drive:
        made = resource(at)
        return lambda _: at.call(method, f"/resources/{made}{path}", body)

    return ready


def archived_resource(at: Any) -> Drive:
    """A room that is not used any more."""
    made = resource(at)
    at.call("POST", f"/resources/{made}/archive")
    return lambda _: at.call("DELETE", f"/resources/{made}/archive")


OFFERS: dict[str, Callable[[Any], Drive]] = {
    "GET /v1/services/{service}": of_service("GET", ""),
    "POST /v1/services/{service}/archive": of_service("POST", "/archive"),
    "DELETE /v1/services/{service}/archive": archived_service,
    "GET /v1/services/{service}/explanation": lambda _: (
        lambda at: at.call(
            "GET", f"/services/{at.of.service.id}/explanation?expert={at.of.expert}&starts_at=2026-11-09T09:00:00Z"
        )
    ),
    "GET /v1/tenants/{tenant}/experts/{expert}/free-busy": lambda _: (
        lambda at: at.client.http.get(
            f"/v1/tenants/{at.of.tenant}/experts/{at.of.expert}/free-busy?{MONDAY}",
            headers={"Authorization": f"Bearer {at.of.token}"},
        )
    ),
    "GET /v1/premises": lambda _: lambda at: at.call("GET", "/premises"),
    "PUT /v1/premises": lambda _: lambda at: at.call("PUT", "/premises", {"sites": [], "closures": []}),
    "GET /v1/resources": lambda _: lambda at: at.call("GET", "/resources"),
    "POST /v1/resources": lambda _: resource,
    "PUT /v1/resources/{resource}": of_resource("PUT", "", {"name": "Raum 2"}),
    "POST /v1/resources/{resource}/archive": of_resource("POST", "/archive"),
    "DELETE /v1/resources/{resource}/archive": archived_resource,
}
