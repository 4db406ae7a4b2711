"""The network address that a visitor's requests are counted under."""

from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address

# A household or a phone gets a whole /64, so one visitor has 2^64 addresses to choose from.
IPV6_PREFIX = 64


def visitor_address(peer: str, forwarded_for: Sequence[str], trusted_proxies: int) -> str:
    """Returns the visitor's address: IPv4 as it is, IPv6 as its /64 network.

    Args:
        peer: the address that the connection comes from.
        forwarded_for: the values of all X-Forwarded-For headers, in order.
        trusted_proxies: number of own proxies, of which each adds one address
            at the right. What stands further left is the visitor's own claim.
            With fewer addresses than proxies, or one that cannot be read, the
            peer counts.
    """
    chain = [part.strip() for value in forwarded_for for part in value.split(",")]
    if trusted_proxies and len(chain) >= trusted_proxies:
        return _network(_without_port(chain[-trusted_proxies])) or _network(peer) or peer
    return _network(peer) or peer


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _network(address: str) -> str:
    """Returns "" for what is not an address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), IPV6_PREFIX), strict=False))
