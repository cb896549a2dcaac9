"""Whether an address stays on this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """`host` is a name or an IP address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
