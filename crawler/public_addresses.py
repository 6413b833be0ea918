"""Which IP addresses belong to the public internet."""

from __future__ import annotations

import ipaddress

_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address

# Of IPv6 only 2000::/3 has ever been given out (RFC 4291, section 2.4); everything else, from the
# deprecated ::a.b.c.d to site-local fec0::, is no public address whatever a library calls it.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_OFFICE_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
# Of IPv4, what some versions of Python call global: protocol assignments (RFC 6890) and the relays
# of 6to4, deprecated by RFC 7526.
_NOT_PUBLIC_IPV4 = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))


def ip_address(host: str) -> _IPv4 | _IPv6 | None:
    """The address that a host part writes in the usual way, with or without brackets and zone;
    None for a name, and for 127.1 and its like."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def is_public_address(text: str) -> bool:
    """Whether an IP address, as text, belongs to the public internet. False for what is no address.

    Loopback, private, link-local (cloud metadata is 169.254.169.254), carrier-grade NAT, multicast,
    reserved and unspecified ones do not; nor do IPv6 addresses that carry such an IPv4 address
    (mapped, 6to4, NAT64).
    """
    address = ip_address(text)
    if isinstance(address, _IPv6):
        carried = address.ipv4_mapped or address.sixtofour
        if carried is None and address in _NAT64:
            carried = _IPv4(int(address) & 0xFFFFFFFF)
        if carried is None:
            return address in _GLOBAL_UNICAST and not any(
                address in network for network in _NOT_PUBLIC
            )
        address = carried
    if address is None:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _NOT_PUBLIC_IPV4)
    )


def is_private_address(text: str) -> bool:
    """Whether an IP address lies in a network of an office's own: 10/8, 172.16/12, 192.168/16,
    fc00::/7. Loopback and link-local addresses do not."""
    address = ip_address(text)
    return address is not None and any(
        address.version == network.version and address in network for network in _OFFICE_NETWORKS
    )
