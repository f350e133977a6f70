"""Simulated Mailgun, Twilio, SMSAPI and SES with an inbox: they answer as documented and never leave the machine."""
