"""Where somebody goes when they have signed in."""

from urllib.parse import urlsplit

from flask import url_for

NEXT = "next"  # its name in Flask's signed cookie


def on_this_site(address: str | None) -> str:
    r"""Where to go next: a path of this site, or home for anything else (`//evil`, `/\\evil`, another host)."""
    parts = urlsplit(address or "")
    plain = address and address.startswith("/") and not address.startswith(("//", "/\\"))
    safe = plain and not parts.scheme and not parts.netloc and address and address.isprintable() and "\\" not in address
    return address if safe and address else url_for("public.home")
