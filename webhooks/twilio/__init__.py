"""Twilio's webhooks: every answer is TwiML, and no error ever reaches the caller as one."""

from webhooks.twilio import pages, parking
from webhooks.twilio.routes import blueprint

__all__ = ["blueprint", "pages", "parking"]
