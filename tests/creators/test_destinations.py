"""No link leads to another site (rule L1, safety.md §4: open redirect)."""

import re
import string
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creators import destinations
from creators.destinations import ForeignDestination, NotAnAddress

HOSTS = ["lune.example", "Shop.Lune.example", "bücher.example", "127.0.0.1:8001"]


@pytest.mark.parametrize(
    "url",
    [
        "https://lune.example/",
        "http://lune.example/p/serum?utm_source=x&b=%20#top",
        "https://shop.lune.example/a//b/../c;v=1",
        "http://127.0.0.1:8001/p",
        "https://xn--bcher-kva.example/",
    ],
)
def test_a_plain_address_of_the_shop_stays_as_it_is(url):
    assert destinations.of_shop(url, HOSTS) == url


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://lune.example", "https://lune.example/"),
        ("HTTPS://LUNE.example/P", "https://lune.example/P"),
        ("https://lune.example:443/p", "https://lune.example/p"),
        ("http://lune.example:80/p", "http://lune.example/p"),
        ("https://lune.example./p", "https://lune.example/p"),
        ("https://lune．example/p", "https://lune.example/p"),
        (
            "https://lune.example/crème?q=é#à",
            "https://lune.example/cr%C3%A8me?q=%C3%A9#%C3%A0",
        ),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(url, plain):
    assert destinations.of_shop(url, HOSTS) == plain


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://lune.example.evil.example/",
        "https://notlune.example/",
        "https://sub.lune.example/",
        "https://example/",
        "https://lune.example:8443/",
        "http://lune.example:443/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8002/",
        # a Cyrillic е, and signs that look like a dot or a slash
        "https://lunе.example/",
        "https://evil.example／lune.example/",
    ],
)
def test_another_host_is_refused(url):
    with pytest.raises((ForeignDestination, NotAnAddress)):
        destinations.of_shop(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/p/serum",
        "//lune.example/p",
        "///lune.example/p",
        "lune.example/p",
        "https:lune.example/p",
        "https:/lune.example/p",
        "https:///lune.example/p",
        "https://",
        "javascript:alert(1)",
        "JavaScript://lune.example/%0aalert(1)",
        "java\tscript:alert(1)",
        "data:text/html,lune.example",
        "ftp://lune.example/",
        "https://user@lune.example/",
        "https://user:secret@lune.example/",
        "https://lune.example@evil.example/",
        "https://evil.example\\@lune.example/",
        "https://lune.example\\.evil.example/",
        "https:\\\\lune.example\\p",
        "https://evil.example#@lune.example/",
        "https://evil.example?@lune.example/",
        " https://lune.example/",
        "https://lune.example/p q",
        "https://lune.example/\r\nSet-Cookie: a=b",
        "https://lune.example/\x00",
        "https://lune\u200b\u3000.example/",
        "https://lune.example:port/",
        "https://lune.example:99999/",
        "https://[::1]/",
        "https://[lune.example]/",
        "https://lune%2eexample/",
        "https://lune.example%00.evil.example/",
        "https://lune_.example/",
        "https://.lune.example/",
        "https://lune..example/",
        "https://" + "a" * 64 + ".example/",
        "https://lune.example/" + "a" * 480,
    ],
)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises((NotAnAddress, ForeignDestination)) as refused:
        destinations.of_shop(url, HOSTS)

    assert refused.value.errors.keys() == {"destination"}
    assert refused.value.way_out


def test_a_shop_without_hosts_leads_nowhere():
    with pytest.raises(ForeignDestination):
        destinations.of_shop("https://lune.example/", [])


@pytest.mark.parametrize("name", ["straße", "STRAẞE", "βόλος", "lu\u200dne"])
def test_a_name_that_codecs_read_in_two_ways_is_refused(name):
    # Here it would become strasse.example, which may be somebody else's.
    with pytest.raises(NotAnAddress):
        destinations.of_shop(f"https://{name}.example/", [f"{name}.example"])


def test_a_host_that_is_none_opens_no_door():
    with pytest.raises(ForeignDestination):
        destinations.of_shop("https://lune.example/", ["*", "", "*.example", "lu ne"])


def host_in_a_browser(url: str) -> str:
    """Return the host as browsers read it (WHATWG): more forgiving than urllib."""
    text = re.sub(r"[\t\n\r]", "", url.strip("".join(map(chr, range(33)))))
    rest = re.sub(r"^[a-z]+:[/\\]*", "", text, flags=re.IGNORECASE)
    return re.split(r"[/\\?#]", rest)[0].rpartition("@")[2].lower()


NASTY = st.text(
    st.sampled_from(string.printable + "／．。＠\u200b\u2028é"), max_size=12
)


@given(
    st.builds(
        "{}{}{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "https:", "https:/\\", ""]),
        NASTY,
        st.sampled_from(["lune.example", "evil.example", ""]),
        NASTY,
        st.sampled_from(["@lune.example", ".lune.example", "lune.example", ""]),
        NASTY,
    )
)
def test_no_spelling_leaves_the_list(url):
    try:
        plain = destinations.of_shop(url, ["lune.example"])
    except (NotAnAddress, ForeignDestination):
        return

    assert host_in_a_browser(plain) == "lune.example"
    assert urlsplit(plain).hostname == "lune.example"
    assert plain.isascii()
    assert destinations.of_shop(plain, ["lune.example"]) == plain


# ------------------------------------------------------------------ the click id


@pytest.mark.parametrize(
    ("url", "landing"),
    [
        ("https://l.example/", "https://l.example/?cid=X"),
        ("https://l.example/p?a=1", "https://l.example/p?a=1&cid=X"),
        ("https://l.example/p?a=1#top", "https://l.example/p?a=1&cid=X#top"),
        ("https://l.example/p#top?a=1", "https://l.example/p?cid=X#top?a=1"),
        ("https://l.example/p?", "https://l.example/p?cid=X"),
        ("https://l.example/p?a=1&", "https://l.example/p?a=1&cid=X"),
        ("https://l.example/p?a=?&b", "https://l.example/p?a=?&b&cid=X"),
        ("https://l.example/p?cid=1&a=%20", "https://l.example/p?a=%20&cid=X"),
        ("https://l.example/p?%63id=1&cid", "https://l.example/p?cid=X"),
        ("https://l.example/p?acid=1&CID=2", "https://l.example/p?acid=1&CID=2&cid=X"),
    ],
)
def test_the_click_id_joins_the_query(url, landing):
    before, after = destinations.around_click(url)

    assert f"{before}X{after}" == landing


@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4),
    st.text(max_size=5),
)
def test_query_and_fragment_are_kept(pairs, fragment):
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    before, after = destinations.around_click(
        f"https://l.example/p?{query}#{quote(fragment)}"
    )
    landing = urlsplit(f"{before}X{after}")

    kept = [(name, value) for name, value in pairs if name != "cid"]
    assert parse_qsl(landing.query, keep_blank_values=True) == [*kept, ("cid", "X")]
    assert landing.fragment == quote(fragment)
