"""What a browser's passkey says, as WebAuthn's `toJSON()` writes it, and what it is asked with."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.api.http.models import Body, View, many

_SPELLED = r"^[A-Za-z0-9_-]*$"
Bytes = Annotated[str, Field(min_length=1, max_length=16_384, pattern=_SPELLED, examples=["AQIDBA"])]
CredentialId = Annotated[str, Field(min_length=1, max_length=1_400, pattern=_SPELLED, examples=["AQIDBA"])]
Attachment = Literal["platform", "cross-platform"]
# What extensions and helpers add; nothing of it is looked at.
Ignored = Annotated[dict[str, Any], Field(max_length=20)]


class _Answer(Body):
    id: CredentialId
    raw_id: Annotated[CredentialId, Field(alias="rawId")]
    type: Literal["public-key"]
    attachment: Annotated[Attachment | None, Field(alias="authenticatorAttachment")] = None
    extensions: Annotated[Ignored | None, Field(alias="clientExtensionResults")] = None

    def plain(self) -> dict[str, Any]:
        """As it was sent."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Making(Body):
    """What the device says about a new passkey."""

    client_data: Annotated[Bytes, Field(alias="clientDataJSON")]
    attestation: Annotated[Bytes, Field(alias="attestationObject")]
    authenticator_data: Annotated[Bytes | None, Field(alias="authenticatorData")] = None
    transports: Annotated[list[Annotated[str, Field(max_length=20)]], many(10)] = Field(default_factory=list)
    public_key: Annotated[Bytes | None, Field(alias="publicKey")] = None
    algorithm: Annotated[int | None, Field(alias="publicKeyAlgorithm")] = None


class Signing(Body):
    """What the device signed."""

    client_data: Annotated[Bytes, Field(alias="clientDataJSON")]
    authenticator_data: Annotated[Bytes, Field(alias="authenticatorData")]
    signature: Bytes
    user_handle: Annotated[str | None, Field(alias="userHandle", max_length=100, pattern=_SPELLED)] = None


class MadePasskey(_Answer):
    """What `navigator.credentials.create()` gives: RegistrationResponseJSON."""

    response: Making


class UsedPasskey(_Answer):
    """What `navigator.credentials.get()` gives: AuthenticationResponseJSON."""

    response: Signing


class PasskeyOptions(View):
    """What a browser is told: the options in the JSON of WebAuthn, for `parse...OptionsFromJSON`."""

    public_key: dict[str, Any]
