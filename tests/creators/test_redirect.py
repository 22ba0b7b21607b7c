"""`GET /l/{slug}`, as a server calls it (rules L1, L3, L4)."""

import io
import logging
from urllib.parse import parse_qs, urlsplit
from wsgiref.util import setup_testing_defaults

import pytest
from django.db import OperationalError, connection

from creators import links
from creators.clicks import importer, spool, token
from creators.clicks.spool import Spool
from creators.clicks.targets import NoTarget, Target, Targets
from creators.models import Click
from creators.web import redirect
from creators.web.redirect import Redirect
from tests.factories import EnrollmentFactory, LinkFactory
from tests.factories.shops import MOMENT

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LINKS = {
    "k3v9x2": Target(7, "https://lune.example/p?a=1&cid=", "#top"),
    "closed": NoTarget.CLOSED,
}


class Answer:
    """What the server would send."""

    def __init__(self, app, path, method="GET", **environ):
        self.environ = {
            "PATH_INFO": path,
            "REQUEST_METHOD": method,
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_USER_AGENT": AGENT,
            "wsgi.input": io.BytesIO(),
            **environ,
        }
        setup_testing_defaults(self.environ)
        self.body = b"".join(app(self.environ, self._start))

    def _start(self, status, headers, exc_info=None):
        self.status = int(status.split()[0])
        self.header_names = [name.lower() for name, _ in headers]
        self.headers = {name.lower(): value for name, value in headers}

    @property
    def click_id(self):
        query = urlsplit(self.headers["location"]).query
        return parse_qs(query)["cid"][0]

    @property
    def touch(self):
        return token.read(self.click_id)


def the_site(environ, start_response):
    start_response("418 I'm the site", [])
    return [b"site"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def app(folder):
    kept = Spool(folder, turn_s=3600)
    table = Targets(lambda slugs: {s: LINKS[s] for s in slugs if s in LINKS})
    yield Redirect(the_site, table=table, kept=kept)
    kept.close()


def lines(folder) -> list[bytes]:
    return [
        line
        for path in folder.glob(f"*{spool.SUFFIX}")
        for line in path.read_bytes().splitlines()
    ]


# ------------------------------------------------------------------ the way there


def test_a_visitor_is_sent_to_the_shop_with_a_click_id(app):
    answer = Answer(app, "/l/k3v9x2")

    assert answer.status == 302
    assert answer.headers["location"] == (
        f"https://lune.example/p?a=1&cid={answer.click_id}#top"
    )
    assert answer.touch.link_id == 7
    assert not answer.touch.is_bot
    assert answer.body == b""


def test_the_click_is_kept_before_it_is_answered(app, folder):
    answer = Answer(app, "/l/k3v9x2")

    ((click_id, visitor),) = [spool.parse(line + b"\n") for line in lines(folder)]
    assert click_id == answer.click_id
    assert len(visitor) == 24


def test_every_visit_is_another_click(app, folder):
    ids = {Answer(app, "/l/k3v9x2").click_id for _ in range(100)}

    assert len(ids) == 100
    assert {line.split()[0].decode() for line in lines(folder)} == ids


def test_the_answer_is_for_one_visit_and_sets_no_cookie(app):
    answer = Answer(app, "/l/k3v9x2", HTTP_COOKIE="sessionid=a; django_language=en")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "strict-origin"
    assert "set-cookie" not in answer.header_names
    assert len(answer.header_names) == len(set(answer.header_names))


@pytest.mark.parametrize(
    "path", ["/l/K3V9X2", "/l/k3v9x2/", "/l/k3v9x2 ", "/l/k3v9x2%20", "/L/K3V9X2"]
)
def test_a_slug_is_forgiven_its_spelling(app, path):
    assert Answer(app, path).touch.link_id == 7


def test_what_comes_with_the_visit_does_not_reach_the_shop(app):
    plain = Answer(app, "/l/k3v9x2").headers["location"]
    asked = Answer(
        app,
        "/l/k3v9x2",
        QUERY_STRING="cid=forged&next=https://evil.example",
        HTTP_HOST="evil.example",
        HTTP_X_FORWARDED_HOST="evil.example",
    ).headers["location"]

    assert len(asked) == len(plain)
    assert "evil" not in asked


@pytest.mark.parametrize("path", ["/", "/l", "/links/", "/login", "/x/l/k3v9x2"])
def test_everything_else_is_the_sites(app, path):
    assert Answer(app, path).status == 418


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X"])
def test_a_link_is_only_read(app, folder, method):
    answer = Answer(app, "/l/k3v9x2", method)

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert lines(folder) == []


# ------------------------------------------------------------------ who visits


@pytest.mark.parametrize(
    ("method", "extra"),
    [
        ("GET", {"HTTP_USER_AGENT": "facebookexternalhit/1.1"}),
        ("GET", {"HTTP_USER_AGENT": ""}),
        ("GET", {"HTTP_SEC_PURPOSE": "prefetch"}),
        ("GET", {"HTTP_PURPOSE": "prefetch"}),
        ("GET", {"HTTP_X_MOZ": "prefetch"}),
        ("GET", {"HTTP_SEC_FETCH_DEST": "image"}),
        ("HEAD", {}),
    ],
)
def test_nobodys_visit_is_counted_apart(app, folder, method, extra):
    answer = Answer(app, "/l/k3v9x2", method, **extra)

    assert answer.status == 302
    assert answer.touch.is_bot
    assert len(lines(folder)) == 1


def visitor_of(app, folder, **environ):
    before = set(lines(folder))
    Answer(app, "/l/k3v9x2", **environ)
    (line,) = set(lines(folder)) - before
    return line.split()[1]


def test_a_visitor_is_known_for_a_day_by_a_hash(app, folder):
    first = visitor_of(app, folder)

    assert visitor_of(app, folder) == first
    assert visitor_of(app, folder, REMOTE_ADDR="192.0.2.8") != first
    assert visitor_of(app, folder, HTTP_USER_AGENT=AGENT + " ") != first


def test_a_proxy_is_believed_only_when_it_is_ours(app, folder, settings):
    direct = visitor_of(app, folder)
    assert visitor_of(app, folder, HTTP_X_FORWARDED_FOR="192.0.2.99") == direct

    settings.TRUSTED_PROXIES = 1
    behind = Redirect(the_site, table=app._table, kept=app._spool)
    assert (
        visitor_of(
            behind,
            folder,
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.7",
        )
        == direct
    )


def test_neither_address_nor_agent_is_written_down(app, folder, caplog):
    caplog.set_level(logging.DEBUG)
    Answer(app, "/l/k3v9x2", REMOTE_ADDR="192.0.2.123")

    written = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    for secret in ("192.0.2.123", "Firefox", "Mozilla"):
        assert secret not in written + caplog.text


# ------------------------------------------------------------------ no way there


@pytest.mark.parametrize(
    ("path", "status"), [("/l/unknown", 404), ("/l/", 404), ("/l/closed", 410)]
)
def test_a_link_that_leads_nowhere_shows_a_friendly_page(app, folder, path, status):
    answer = Answer(app, path, HTTP_ACCEPT_LANGUAGE="en")

    assert answer.status == status
    assert "This offer is closed" in answer.body.decode()
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert lines(folder) == []


def test_the_page_speaks_the_visitors_language(app):
    french = Answer(app, "/l/unknown", HTTP_ACCEPT_LANGUAGE="fr-CA, en;q=0.5")
    english = Answer(app, "/l/unknown", HTTP_ACCEPT_LANGUAGE="en-GB")
    other = Answer(app, "/l/unknown", HTTP_ACCEPT_LANGUAGE="de")

    assert french.headers["content-language"] == "fr"
    assert english.headers["content-language"] == "en"
    assert other.headers["content-language"] == "fr"
    assert b'lang="fr"' in french.body
    assert b'lang="en"' in english.body


def test_a_page_has_no_body_for_head(app):
    answer = Answer(app, "/l/unknown", "HEAD")

    assert answer.body == b""
    assert int(answer.headers["content-length"]) > 100


def test_a_page_that_fails_is_replaced_by_plain_words(app, monkeypatch, caplog):
    def fail(template, language):
        raise RuntimeError("template")

    monkeypatch.setattr(redirect, "_rendered", fail)
    answer = Answer(app, "/l/unknown")

    assert answer.status == 404
    assert "This offer is closed" in answer.body.decode()
    assert "cannot be shown" in caplog.text


@pytest.mark.django_db
def test_the_page_asks_nothing_of_the_database(app, django_assert_num_queries):
    redirect._rendered.cache_clear()
    with django_assert_num_queries(0):
        Answer(app, "/l/unknown", HTTP_COOKIE="sessionid=abc")


def test_a_click_that_cannot_be_kept_is_not_answered(app, folder, caplog):
    folder.parent.joinpath("spool").write_text("in the way of the folder")
    answers = [Answer(app, "/l/k3v9x2") for _ in range(50)]

    assert {answer.status for answer in answers} == {503}
    assert answers[0].headers["retry-after"] == "5"
    assert b"<h1>" in answers[0].body
    assert caplog.text.count("clicks are answered 503") == 1
    folder.unlink()
    assert Answer(app, "/l/k3v9x2").status == 302


def test_a_link_that_nobody_can_look_up_now_is_not_called_closed(folder):
    def load(slugs):
        raise OperationalError("the database is away")

    answer = Answer(
        Redirect(the_site, table=Targets(load), kept=Spool(folder)), "/l/x1y"
    )

    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"


# ------------------------------------------------------------------ all of it


@pytest.mark.django_db(transaction=True)
def test_a_click_goes_from_the_link_to_the_database(folder):
    enrollment = EnrollmentFactory(program__shop__hosts=["lune.example"])
    link = links.create(enrollment, destination="https://lune.example/p", at=MOMENT)
    kept = Spool(folder)
    app = Redirect(the_site, table=Targets(), kept=kept)
    answer = Answer(app, f"/l/{link.slug}")
    bot = Answer(app, f"/l/{link.slug}", HTTP_USER_AGENT="curl/8.5.0")
    kept.close()
    importer.import_segments(folder)

    click = Click.objects.get(click_id=answer.click_id)
    assert (click.link, click.at, click.is_bot) == (link, answer.touch.at, False)
    assert Click.objects.get(click_id=bot.click_id).is_bot


@pytest.mark.django_db(transaction=True)
def test_the_mounted_redirect_answers_in_front_of_django(tmp_path, settings):
    from affiliate import wsgi

    link = LinkFactory()
    mounted = Redirect(wsgi.application._site, kept=Spool(tmp_path))

    assert isinstance(wsgi.application, Redirect)
    assert Answer(mounted, f"/l/{link.slug}").touch.link_id == link.pk
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert Answer(mounted, "/nothing/", HTTP_HOST="127.0.0.1").status == 404
    connection.close()
