"""The services of accounts: who signs in, who works where, what a business may still do."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.wiring._accountability import Accountability

if TYPE_CHECKING:
    from chalicelib.adapters.passkeys import WebAuthn
    from chalicelib.records.credentials import Credentials
    from chalicelib.services.forms import Forms
    from chalicelib.services.operator.founding import Founding
    from chalicelib.services.operator.opening import Opening
    from chalicelib.services.operator.unlocking import Unlocking
    from chalicelib.services.ports import ProofHasher
    from chalicelib.services.second_factors import SecondFactors, SecondStep
    from chalicelib.services.sign_in.admitting import Admitting
    from chalicelib.services.sign_in.asking import Asking
    from chalicelib.services.sign_in.ending import Ending
    from chalicelib.services.sign_in.password_sign_in import PasswordSignIn
    from chalicelib.services.sign_in.passwords import Passwords
    from chalicelib.services.sign_in.refusing import Refusing
    from chalicelib.services.sign_in.reproving import Reproving
    from chalicelib.services.sign_in.sessions import Sessions
    from chalicelib.services.sign_in.signing_in import SigningIn
    from chalicelib.services.sign_in.slowing import Slowing
    from chalicelib.services.sign_in.throttling import Throttling
    from chalicelib.services.staff.changing_email import ChangingEmail
    from chalicelib.services.staff.deleting_staff import DeletingStaff
    from chalicelib.services.staff.inviting import Inviting
    from chalicelib.services.staff.profiles import Photos, Profiles
    from chalicelib.services.staff.team import Teams
    from chalicelib.services.tenancy.api_keys import ApiKeys
    from chalicelib.services.tenancy.exporting import Exporting
    from chalicelib.services.tenancy.lapsing import Lapsing
    from chalicelib.services.tenancy.tenancies import Tenancies


@dataclass(frozen=True)
class Accounts(Accountability):
    """Imported when they are needed: most requests are about appointments, and need sessions at most."""

    @cached_property
    def opening(self) -> "Opening":
        """Whether the installation is open."""
        from chalicelib.services.operator.opening import Opening  # noqa: PLC0415 (as said above)

        return Opening()

    @cached_property
    def founding(self) -> "Founding":
        """The operator's first account."""
        from chalicelib.services.operator.founding import Founding  # noqa: PLC0415 (whoever deploys, once)

        return Founding(self.vault, self.clock, self.hasher)

    @cached_property
    def unlocking(self) -> "Unlocking":
        """The change of the first password."""
        from chalicelib.services.operator.unlocking import Unlocking  # noqa: PLC0415 (once in an installation's life)

        return Unlocking(self.vault, self.clock, self.hasher, self.throttling)

    @cached_property
    def sessions(self) -> "Sessions":
        """Sessions of staff."""
        from chalicelib.services.sign_in.sessions import Sessions  # noqa: PLC0415 (as said above)

        return Sessions(self.clock)

    @cached_property
    def api_keys(self) -> "ApiKeys":
        """Keys of tenants' servers."""
        from chalicelib.services.tenancy.api_keys import ApiKeys  # noqa: PLC0415 (as said above)

        return ApiKeys(self.vault, self.clock)

    @cached_property
    def forms(self) -> "Forms":
        """Forms."""
        from chalicelib.services.forms import Forms  # noqa: PLC0415 (as said above)

        return Forms(self.vault, self.clock)

    @cached_property
    def signing_in(self) -> "SigningIn":
        """Sign-in links."""
        from chalicelib.services.sign_in.signing_in import SigningIn  # noqa: PLC0415 (as said above)

        return SigningIn(self.clock, self.asking, self.linking, self.admitting, self.slowing)

    @cached_property
    def asking(self) -> "Asking":
        """Requests for links by mail."""
        from chalicelib.services.sign_in.asking import Asking  # noqa: PLC0415 (as said above)

        return Asking(self.vault, self.clock, self.slowing)

    @cached_property
    def admitting(self) -> "Admitting":
        """What comes of a first factor."""
        from chalicelib.services.sign_in.admitting import Admitting  # noqa: PLC0415 (as said above)

        return Admitting(self.vault, self.sessions, _kinds)

    @cached_property
    def throttling(self) -> "Throttling":
        """Attempts by network address."""
        from chalicelib.services.sign_in.throttling import Throttling  # noqa: PLC0415 (as said above)

        return Throttling(self.clock)

    @cached_property
    def slowing(self) -> "Slowing":
        """Attempts by account."""
        from chalicelib.services.sign_in.slowing import Slowing  # noqa: PLC0415 (as said above)

        return Slowing(self.vault)

    @cached_property
    def refusing(self) -> "Refusing":
        """The time that refusals take."""
        from chalicelib.services.sign_in.refusing import Refusing  # noqa: PLC0415 (as said above)

        return Refusing()

    @cached_property
    def hasher(self) -> "ProofHasher":
        """What keeps proofs of passwords."""
        from chalicelib.adapters.argon2 import Argon2Proofs  # noqa: PLC0415 (as said above)

        return Argon2Proofs()

    @cached_property
    def password_sign_in(self) -> "PasswordSignIn":
        """Sign-in by password."""
        from chalicelib.services.sign_in.password_sign_in import PasswordSignIn  # noqa: PLC0415 (as said above)

        return PasswordSignIn(
            self.vault, self.clock, self.throttling, self.slowing, self.hasher, self.admitting, self.refusing
        )

    @cached_property
    def passwords(self) -> "Passwords":
        """One's own password, and its reset."""
        from chalicelib.services.sign_in.passwords import Passwords  # noqa: PLC0415 (as said above)

        return Passwords(
            self.vault,
            self.clock,
            self.linking,
            self.sessions,
            self.throttling,
            self.slowing,
            self.hasher,
            self.asking,
        )

    @cached_property
    def second_factors(self) -> "SecondFactors":
        """One's own second factors."""
        from chalicelib.services.second_factors import SecondFactors  # noqa: PLC0415 (as said above)

        name = self.settings.operator_name
        return SecondFactors(self.clock, self.sessions, self.reproving, lambda: self.passkeys, name)

    @cached_property
    def reproving(self) -> "Reproving":
        """What is asked for once more in an open session."""
        from chalicelib.services.sign_in.reproving import Reproving  # noqa: PLC0415 (as said above)

        return Reproving(self.hasher, self.slowing)

    @cached_property
    def ending(self) -> "Ending":
        """Ends of sessions before their time."""
        from chalicelib.services.sign_in.ending import Ending  # noqa: PLC0415 (as said above)

        return Ending(self.clock, self.reproving)

    @cached_property
    def second_step(self) -> "SecondStep":
        """The second step of a sign-in."""
        from chalicelib.services.second_factors import SecondStep  # noqa: PLC0415 (as said above)

        return SecondStep(self.clock, self.sessions, self.admitting, self.slowing, lambda: self.passkeys)

    @cached_property
    def passkeys(self) -> "WebAuthn":
        """Passkeys for the public address."""
        from chalicelib.adapters.passkeys import WebAuthn  # noqa: PLC0415 (its library takes a sixth of a second)

        address = urlsplit(self.settings.public_base_url)
        return WebAuthn(
            rp_id=str(address.hostname),
            rp_name=self.settings.operator_name,
            origin=f"{address.scheme}://{address.netloc}",
        )

    @cached_property
    def teams(self) -> "Teams":
        """Who works where."""
        from chalicelib.services.staff.team import Teams  # noqa: PLC0415 (as said above)

        return Teams(self.vault, self.clock)

    @cached_property
    def inviting(self) -> "Inviting":
        """Invitations."""
        from chalicelib.records.publications import published  # noqa: PLC0415 (read when somebody joins)
        from chalicelib.services.staff.inviting import Inviting  # noqa: PLC0415

        return Inviting(self.vault, self.clock, self.linking, self.sessions, published)

    @cached_property
    def profiles(self) -> "Profiles":
        """What staff say of themselves."""
        from chalicelib.services.staff.profiles import Profiles  # noqa: PLC0415 (as said above)

        return Profiles(self.clock, lambda: self.files, lambda: self.photos)

    @cached_property
    def photos(self) -> "Photos":
        """What makes harmless pictures of photos."""
        from chalicelib.adapters.photos import PillowPhotos  # noqa: PLC0415 (its library is loaded for photos only)

        return PillowPhotos()

    @cached_property
    def changing_email(self) -> "ChangingEmail":
        """Changes of address."""
        from chalicelib.services.staff.changing_email import ChangingEmail  # noqa: PLC0415 (as said above)

        return ChangingEmail(self.vault, self.clock, self.linking, self.sessions, self.hasher, self.slowing)

    @cached_property
    def deleting_staff(self) -> "DeletingStaff":
        """Deletions of staff."""
        from chalicelib.services.appointments.reassigning import Reassigning  # noqa: PLC0415
        from chalicelib.services.booking.withdrawing import Withdrawing  # noqa: PLC0415 (as said above)
        from chalicelib.services.calendars.unlinking import Unlinking  # noqa: PLC0415 (as said above)
        from chalicelib.services.staff.deleting_staff import DeletingStaff  # noqa: PLC0415 (as said above)

        reassigning = Reassigning(self.vault, self.clock, self.public_holidays)
        also = Unlinking(self.clock), Withdrawing(self.clock)
        return DeletingStaff(self.vault, self.clock, reassigning, lambda: self.files, *also)

    @cached_property
    def tenancies(self) -> "Tenancies":
        """What a business is and where it stands."""
        from chalicelib.services.tenancy.tenancies import Tenancies  # noqa: PLC0415 (as said above)

        return Tenancies(self.vault, self.clock)

    @cached_property
    def exporting(self) -> "Exporting":
        """Everything of a business, to take along."""
        from chalicelib.services.tenancy.exporting import Exporting  # noqa: PLC0415 (as said above)

        return Exporting(self.vault, self.clock, lambda: self.profiles)

    @cached_property
    def lapsing(self) -> "Lapsing":
        """What time brings to a business."""
        from chalicelib.services.tenancy.lapsing import Lapsing  # noqa: PLC0415 (one function does it)
        from chalicelib.services.tenancy.terminating import Terminating  # noqa: PLC0415

        return Lapsing(self.clock, Terminating(self.clock))


def _kinds(credentials: "Credentials") -> tuple[str, ...]:
    from chalicelib.services.second_factors import kinds  # noqa: PLC0415 (few accounts have any as yet)

    return kinds(credentials)
