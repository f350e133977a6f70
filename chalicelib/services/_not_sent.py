"""Why a notification is not sent after all."""


class NotToBeSent(Exception):  # noqa: N818 (not a failure: the notification has become pointless or unwanted)
    """Raised when a notification must not be sent; `reason` is a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
