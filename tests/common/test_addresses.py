from ipaddress import ip_address

import pytest

from affiliate.common import addresses


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "172.15.0.1", "2606:4700:4700::1111", "2a00:1450::1"],
)
def test_a_public_address_is_outside(address):
    assert addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  an address among others here
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_everything_else_is_inside(address):
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ("", 0, "10.0.0.9"),
        ("6.6.6.6", 0, "10.0.0.9"),
        ("6.6.6.6", 1, "6.6.6.6"),
        ("6.6.6.6, 7.7.7.7", 1, "7.7.7.7"),
        ("6.6.6.6, 7.7.7.7", 2, "6.6.6.6"),
        ("forged, 6.6.6.6, 7.7.7.7", 2, "6.6.6.6"),
        ("6.6.6.6", 2, "6.6.6.6"),
        ("", 1, "10.0.0.9"),
    ],
)
def test_only_what_our_proxies_wrote_is_believed(forwarded, proxies, client):
    meta = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": forwarded}

    assert addresses.of_client(meta, proxies) == client


def test_without_any_address_there_is_none():
    assert addresses.of_client({}, 0) == ""
