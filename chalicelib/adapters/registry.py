"""Every provider and webhook by its name in the settings and in the webhook's path. A new one is one line here."""

from collections.abc import Callable, Mapping

from chalicelib.adapters import mailgun, ses, smsapi, twilio
from chalicelib.adapters._provider import Outside, Unconfigured
from chalicelib.adapters.webhooks import mailgun as mailgun_webhook
from chalicelib.adapters.webhooks import ses as ses_webhook
from chalicelib.adapters.webhooks import smsapi as smsapi_webhook
from chalicelib.adapters.webhooks import twilio as twilio_webhook
from chalicelib.services.ports import EmailProvider, SmsProvider, Webhook

__all__ = ["EMAIL_PROVIDERS", "SMS_PROVIDERS", "WEBHOOKS", "Outside", "Unconfigured"]

Texts = Mapping[str, str]

EMAIL_PROVIDERS: Mapping[str, Callable[[Texts, Texts, Outside], EmailProvider]] = {
    mailgun.NAME: mailgun.build,
    ses.NAME: ses.build,
}

SMS_PROVIDERS: Mapping[str, Callable[[Texts, Texts, Outside], SmsProvider]] = {
    twilio.NAME: twilio.build,
    smsapi.NAME: smsapi.build,
}

WEBHOOKS: Mapping[str, Callable[[Texts, Texts, Outside], Webhook]] = {
    mailgun_webhook.NAME: mailgun_webhook.build,
    ses_webhook.NAME: ses_webhook.build,
    smsapi_webhook.NAME: smsapi_webhook.build,
    twilio_webhook.NAME: twilio_webhook.build,
}
"""Builders take settings (names in lower case), secrets and the world; see `Outside`."""
