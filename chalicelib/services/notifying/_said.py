"""What a message to a customer says, ready to be put into its text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.records.tenant import Tenant
from chalicelib.services.ports import Attachment


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is said to whom in the name of which business. `files` gives what is attached, by the mail's subject.

    `each` is what a mail says of each of several appointments.
    """

    tenant: Tenant
    name: str
    email: str
    phone: str | None
    values: Mapping[str, str]
    each: Sequence[Mapping[str, str]] = ()
    files: Callable[[str], tuple[Attachment, ...]] = lambda _: ()
