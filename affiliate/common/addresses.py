"""Network addresses: whose request this is, and which ones lie inside our walls."""

import ipaddress
from collections.abc import Mapping

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Public by the registries, yet answered by the inside of a cloud or of a network.
_INSIDE = [
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host
        "100.64.0.0/10",  # carrier-grade NAT, and Alibaba's metadata
        "192.0.0.0/24",  # IETF protocols, and Oracle's metadata
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "fec0::/10",  # site-local
        # These carry an IPv4 address, which need not be a public one.
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
]


def is_public(address: Address) -> bool:
    """Say whether a server at this address is outside: reachable by anyone.

    Everything private, loopback, link-local (cloud metadata), multicast, reserved or
    IPv4 in the clothes of IPv6 is inside.
    """
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(
            address in network
            for network in _INSIDE
            if network.version == address.version
        )
    )


def of_client(meta: Mapping[str, str], trusted_proxies: int) -> str:
    """Return the client's address from a WSGI environment.

    Of X-Forwarded-For only what our own proxies wrote is believed: the last
    `trusted_proxies` entries. With none, the header is ignored.
    """
    forwarded = [
        part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    ]
    if trusted_proxies and forwarded[-trusted_proxies:] != [""]:
        return forwarded[-trusted_proxies:][0]
    return meta.get("REMOTE_ADDR", "")
