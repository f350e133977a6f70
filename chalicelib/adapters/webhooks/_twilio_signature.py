"""Twilio's signature: over the public URL and every parameter, also the empty and the unknown ones."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chalicelib.adapters.webhooks._reading import same
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import WebhookRequest

Parameters = Sequence[tuple[str, str]]

_SETTINGS = "x-twilio-webhooks-signature-settings"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_MOST_FIELDS = 200


class TwilioSignature:
    """The proof. With `shared_key` only the stronger signature counts, whatever the caller asks for."""

    def __init__(self, *, public_base_url: str, tokens: Sequence[str], shared_key: str = "") -> None:
        self._base = public_base_url
        self._secrets = [shared_key] if shared_key else [token for token in tokens if token]
        self._algorithm = "sha256" if shared_key else "sha1"

    def prove(self, request: WebhookRequest) -> Parameters:
        """The parameters of a call that is proven to come from Twilio."""
        self._refuse_other_algorithm(request.headers.get(_SETTINGS))
        parameters = _parameters(request)
        expected = [
            signature(secret, url, parameters, algorithm=self._algorithm)
            for secret in self._secrets
            for url in _spellings(self._url(request))
        ]
        if not same(request.headers.get("x-twilio-signature"), expected):
            raise SignatureInvalidError
        return parameters

    def _url(self, request: WebhookRequest) -> str:
        """The URL as Twilio called it: from our settings, never from the Host header, which the caller chooses."""
        query = f"?{urlencode(request.query)}" if request.query else ""
        return f"{self._base}{request.path}{query}"

    def _refuse_other_algorithm(self, settings: str | None) -> None:
        """Without the header it is SHA1 with the token; with it, what it names. It has to be what we expect."""
        named = dict(parse_qsl((settings or "").replace(",", "&"))).get("algorithm", "" if settings else "HMAC_SHA1")
        if named != f"HMAC_{self._algorithm.upper()}":
            raise SignatureInvalidError


def signature(secret: str, url: str, parameters: Parameters, *, algorithm: str) -> str:
    """The signature that belongs to a call."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), algorithm).digest()).decode()


def _parameters(request: WebhookRequest) -> Parameters:
    kind = request.content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        digest = hashlib.sha256(request.body).hexdigest()
        if not same(dict(request.query).get("bodySHA256"), [digest]):
            raise SignatureInvalidError
        return ()
    if kind != "application/x-www-form-urlencoded":
        raise SignatureInvalidError
    try:
        return parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise SignatureInvalidError from None


def _spellings(url: str) -> list[str]:
    """Twilio may write the default port or leave it out."""
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if parts.port is None and default:
        return [url, urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}"))]
    if parts.port == default:
        return [url, urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))]
    return [url]
