"""Simulated Mailgun, Twilio, SMSAPI, SES and calendars with an inbox: they answer as documented and never leave the machine."""
