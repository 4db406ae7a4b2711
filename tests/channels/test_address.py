"""The address that a visitor is counted under."""

import pytest

from assistant.channels.address import visitor_address


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "proxies", "address"),
    [
        ("192.0.2.1", [], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.7"], 1, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], 1, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9,198.51.100.7", "10.0.0.2"], 2, "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7"], 2, "10.0.0.1"),
        ("10.0.0.1", [], 1, "10.0.0.1"),
        ("10.0.0.1", ["not an address"], 1, "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:4711"], 1, "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8:1:2:3::4]:4711"], 1, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", [], 0, "2001:db8:1:2::/64"),
        ("::1", [], 0, "::/64"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("", [], 0, ""),
    ],
)
def test_address_is_what_the_own_proxies_saw(
    peer: str, forwarded_for: list[str], proxies: int, address: str
) -> None:
    """The N-th address from the right counts behind N proxies, an IPv6 one as its /64, else the peer."""
    assert visitor_address(peer, forwarded_for, proxies) == address
