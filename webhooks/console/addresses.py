"""Addresses that a browser names: only pages of ours are followed."""

import re
from urllib.parse import urlsplit

from flask import request

from webhooks.container import pikett

_OURS = re.compile(r"/(console(/[\w\-./~%]*)?)?(\?[\w\-./~%=&+*]*)?")


def safe_next(text: str | None) -> str | None:
    """The address if it is a path of ours; another host, a scheme or a trick is none."""
    if text is None or len(text) > 500 or ".." in text or not _OURS.fullmatch(text):
        return None
    return text


def page_before() -> str | None:
    """The page whose form was sent, as the browser tells; None for another site's."""
    told = request.headers.get("HX-Current-URL") or request.referrer
    if not told:
        return None
    parts = urlsplit(told)
    if parts.netloc not in (request.host, urlsplit(pikett().settings.public_url).netloc):
        return None
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))
