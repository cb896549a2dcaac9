"""Which addresses records may be asked from and sent to."""

from urllib.parse import urlsplit

from bot.domain.errors import SettingInvalid
from bot.domain.loopback import is_loopback

EXAMPLE = "For example https://fhir.example.org/r4."


def checked_address(name: str, address: str, *, plain_http: bool) -> str:
    """Without a slash at its end. Raises SettingInvalid: without https anybody on the way reads along."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
    except ValueError as error:
        raise SettingInvalid(name, "is no web address", EXAMPLE) from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise SettingInvalid(name, "is no plain web address", EXAMPLE)
    if parts.scheme == "http" and not plain_http and not is_loopback(host):
        remedy = "Use https, or set NORTHSTAR_FHIR_PLAIN_HTTP=allow where the network itself is private."
        raise SettingInvalid(name, "is not encrypted", remedy)
    return address.strip().rstrip("/")
