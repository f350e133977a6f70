"""Forms: handed out with a signed description, accepted once and only as they were handed out.

A form counts as used when something was done with it: the use is written in the transaction that does it. Whoever sends
a form again with its Idempotency-Key gets the first answer again; that is looked at first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ChangedMeanwhileError,
    FormRefusedError,
    InvalidInputError,
    KeyDestroyedError,
    NotFoundError,
)
from chalicelib.domain.forms import FORMS, Form, HandedOut, Returned, Why, judge
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.form_use import UsedForm
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import Vault

_REMEDY = "Get the form anew, and send its fields, all of them and no others, with its token."


@dataclass(frozen=True, kw_only=True)
class Description:
    """A form as it is handed out. `token` comes back with it in a header."""

    form: Form
    token: str
    fixed: Mapping[str, str]
    expires_at: datetime


@dataclass
class FormUse:
    """A form that came back as it was handed out. What is done with it is done once."""

    name: str
    ref: Ref[UsedForm]
    valid_until: datetime
    refused: Callable[[Why], FormRefusedError]
    settled: bool = field(default=False, init=False)

    def check(self, held: UsedForm | None) -> None:
        """Refuses the form if `held`, what was read at `ref`, says that it was used."""
        if held is not None:
            raise self.refused(Why.USED)

    def use(self, transaction: Transaction) -> None:
        """Uses it up, together with what is done with it."""
        transaction.create(UsedForm(self.ref.pk, self.ref.sk, valid_until=self.valid_until, form=self.name))
        self.settled = True

    def needless(self) -> None:
        """Leaves it as it is: what it asks for was done before, by this request or another one."""
        self.settled = True

    def lost(self, error: ChangedMeanwhileError) -> None:
        """Refuses the form if the transaction that `use` was part of failed because of it."""
        if isinstance(error, LostRaceError) and (self.ref.pk, self.ref.sk) in error.keys:
            raise self.refused(Why.USED) from None


@dataclass(frozen=True)
class Forms:
    """Hands out forms and takes them back."""

    vault: Vault
    clock: Clock

    def hand_out(self, name: str, fixed: Mapping[str, str]) -> Description:
        """A form with its token. NotFoundError for an unknown form or business."""
        form = FORMS.get(name)
        if form is None:
            raise NotFoundError("There is no such form.")
        for wrong in sorted(form.fixed.symmetric_difference(fixed)):
            raise InvalidInputError("Name what the form fixes, and nothing else.", field=wrong)
        out = HandedOut.of(form, fixed, now=self.clock())
        return Description(form=form, token=out.sign(self._key(out.t)), fixed=out.x, expires_at=out.expires_at)

    def check(self, name: str, token: str, back: Returned, *, network: str) -> FormUse:
        """The form, to be used; FormRefusedError, and an entry in the ledger, when it is not as it was handed out."""
        form, key = FORMS[name], self._key(back.tenant)
        out = judge(form, token, back, key=key, now=self.clock())

        def refused(why: Why) -> FormRefusedError:
            return self._refused(name, why, tenant=back.tenant, network=network)

        if isinstance(out, Why):
            raise refused(out)
        return FormUse(name, UsedForm.ref(out.n), out.expires_at, refused)

    def _refused(self, name: str, why: Why, *, tenant: str, network: str) -> FormRefusedError:
        at = self.clock().replace(microsecond=0)
        noted = Transaction()
        noted.create(LedgerEntry.of(tenant, Action.FORM_REFUSED, at=at, network=network, ground=f"{name}:{why.value}"))
        noted.commit()
        return FormRefusedError(f"{_REMEDY} ({why.value})")

    def _key(self, tenant: str) -> bytes:
        if tenant == INSTALLATION:
            self.vault.tenant_ready(tenant)
        try:
            return self.vault.link_key(tenant)
        except KeyDestroyedError:
            raise NotFoundError("There is no such business.") from None
