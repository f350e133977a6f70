"""Signing in and out, with passwords, second factors and sessions; the forms and cookies of the product."""
