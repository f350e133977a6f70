"""Passkeys by WebAuthn: for our own address only, and only if the device made sure that its owner is there.

Attestation is not asked for: which make a device is would say more about a person than we need.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    generate_challenge,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chalicelib.domain.passkeys import Passkey

_VERIFIED = UserVerificationRequirement.REQUIRED
# What the library raises for an answer that is none: its own errors for most, and those of reading bytes for the rest.
_UNREADABLE = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
)


class WebAuthn:
    """Passkeys for one address: `rp_id` is its host, `origin` what browsers call it."""

    def __init__(self, *, rp_id: str, rp_name: str, origin: str) -> None:
        self._rp_id, self._rp_name, self._origin = rp_id, rp_name, origin

    def challenge(self) -> str:
        """64 random bytes."""
        return bytes_to_base64url(generate_challenge())

    def creation(
        self, challenge: str, *, handle: bytes, name: str, display_name: str, known: Sequence[str]
    ) -> dict[str, Any]:
        """What a browser needs to make one: PublicKeyCredentialCreationOptions as JSON."""
        options = webauthn.generate_registration_options(
            rp_id=self._rp_id,
            rp_name=self._rp_name,
            user_id=handle,
            user_name=name,
            user_display_name=display_name,
            challenge=base64url_to_bytes(challenge),
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
            ),
            exclude_credentials=_described(known),
        )
        return options_to_json_dict(options)

    def request(self, challenge: str, *, known: Sequence[str]) -> dict[str, Any]:
        """What a browser needs to use one: PublicKeyCredentialRequestOptions as JSON."""
        options = webauthn.generate_authentication_options(
            rp_id=self._rp_id,
            challenge=base64url_to_bytes(challenge),
            allow_credentials=_described(known),
            user_verification=_VERIFIED,
        )
        return options_to_json_dict(options)

    def created(self, answer: Mapping[str, Any], *, challenge: str) -> Passkey | None:
        """The passkey that a browser made for this challenge; None when it proves nothing."""
        try:
            made = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
            decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        except _UNREADABLE:
            return None
        return Passkey(
            credential=bytes_to_base64url(made.credential_id),
            key=bytes_to_base64url(made.credential_public_key),
            count=made.sign_count,
        )

    def used(self, answer: Mapping[str, Any], passkey: Passkey, *, challenge: str) -> int | None:
        """The count of signatures after this one; None when it proves nothing, or the count did not go on."""
        try:
            proven = webauthn.verify_authentication_response(
                credential=dict(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(passkey.key),
                credential_current_sign_count=passkey.count,
                require_user_verification=True,
            )
        except _UNREADABLE:
            return None
        return proven.new_sign_count


def _described(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]
