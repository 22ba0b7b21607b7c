"""Where slugs lead, from memory, whatever the database does (rule L4)."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from creators.clicks import targets
from creators.clicks.targets import NoTarget, Target, Targets
from tests.factories import LinkFactory

HERE = Target(1, "https://lune.example/?cid=", "")
THERE = Target(1, "https://lune.example/new?cid=", "")


class Database:
    """Answers from a dict, counts what it was asked, and goes away when told to."""

    def __init__(self, **links):
        self.links = links
        self.asked = []
        self.is_away = False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, slugs):
        self.asked.append(set(slugs))
        self.may_answer.wait()
        if self.is_away:
            raise OperationalError("away")
        return {slug: self.links[slug] for slug in slugs if slug in self.links}


class Clock:
    """The process's clock, moved by hand."""

    def __init__(self):
        self.seconds = 1_000

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        time.sleep(0.001)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(targets, "time", made)
    monkeypatch.setattr(targets, "_PAUSE_S", 0.01)
    return made


def eventually(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


# ------------------------------------------------------------------ slugs


@pytest.mark.parametrize(
    "typed",
    [
        "k3v9x2",
        "K3V9X2",
        "k3v9x2/",
        "k3v9x2//",
        "k3v9x2 ",
        " k3v9x2",
        "k3v9x2%20",
        "%20k3v9x2%20/",
        "k3v9x2.",
        "k3v9x2),",
        "«k3v9x2»".encode().decode("latin-1"),
        "k3v9x2\u00a0".encode().decode("latin-1"),
        "\u200bk3v9x2\u200b".encode().decode("latin-1"),
        "k3v9x2\r\n",
    ],
)
def test_a_slug_is_found_however_it_is_typed(typed):
    assert targets.plain_slug(typed) == "k3v9x2"


@pytest.mark.parametrize("typed", ["", "/", "%", "%ff", "é", "\u20ac", "a" * 100_000])
def test_what_is_no_slug_asks_nobody(typed, clock):
    database = Database()

    assert Targets(database).find(typed) is NoTarget.UNKNOWN
    assert database.asked == []


def test_two_words_do_not_become_one():
    assert not targets.is_slug(targets.plain_slug("k3v9x2/more"))
    assert not targets.is_slug(targets.plain_slug("k3v 9x2"))


# ------------------------------------------------------------------ life


def test_a_link_is_asked_for_once_while_it_is_fresh(clock):
    database = Database(abc=HERE)
    table = Targets(database)

    assert [table.find(typed) for typed in ("abc", "ABC", "abc/")] == [HERE] * 3
    assert database.asked == [{"abc"}]


def test_a_stale_link_is_given_while_a_new_one_is_fetched(clock):
    database = Database(abc=HERE)
    table = Targets(database)
    table.find("abc")
    database.links["abc"] = THERE
    database.may_answer.clear()
    clock.seconds += 6

    assert table.find("abc") == HERE
    database.may_answer.set()
    assert eventually(lambda: table.find("abc") == THERE)


def test_a_link_long_unused_is_waited_for(clock):
    database = Database(abc=HERE)
    table = Targets(database)
    table.find("abc")
    database.links["abc"] = NoTarget.CLOSED
    clock.seconds += 36

    assert table.find("abc") is NoTarget.CLOSED


@pytest.mark.parametrize("answer", [NoTarget.UNKNOWN, NoTarget.CLOSED])
def test_a_no_is_remembered_briefly_and_never_given_stale(clock, answer):
    database = Database(abc=answer)
    table = Targets(database)
    assert table.find("abc") is answer
    database.links["abc"] = HERE
    assert table.find("abc") is answer
    assert len(database.asked) == 1
    clock.seconds += 6

    assert table.find("abc") == HERE


def test_what_is_forgotten_is_asked_again(clock):
    database = Database(abc=HERE)
    table = Targets(database)
    table.find("abc")
    database.links["abc"] = NoTarget.CLOSED
    table.forget("abc")
    table.forget("never known")

    assert table.find("abc") is NoTarget.CLOSED


def test_many_first_visits_are_one_question(clock):
    database = Database(**{f"link{number}": HERE for number in range(20)})
    table = Targets(database, wait_s=10)
    database.may_answer.clear()
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(table.find(f"link{n}")))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(table._next.slugs) + len(database.asked[0]) == 20)
    database.may_answer.set()
    for thread in threads:
        thread.join()

    assert found == [HERE] * 20
    assert len(database.asked) == 2


def test_guessed_slugs_go_first_when_there_are_too_many(clock):
    database = Database(first=HERE, second=HERE)
    table = Targets(database, most=10)
    table.find("first")
    for number in range(30):
        clock.seconds += 1
        table.find(f"guess{number}")
    table.find("second")

    assert len(table._known) <= 11
    assert table._known["second"].answer == HERE
    assert table._known["first"].answer == HERE


# ------------------------------------------------------------------ away


def test_known_links_go_on_without_the_database(clock, caplog):
    database = Database(abc=HERE)
    table = Targets(database)
    table.find("abc")
    database.is_away = True
    clock.seconds += 100_000

    assert table.find("abc") == HERE
    assert table.find("other") is NoTarget.AWAY
    assert "known links go on without the database" in caplog.text


def test_a_database_that_is_back_is_noticed_without_a_visit(clock):
    database = Database(abc=HERE)
    database.is_away = True
    table = Targets(database)
    assert table.find("abc") is NoTarget.AWAY
    assert eventually(lambda: table._is_away)
    database.is_away = False

    assert eventually(lambda: not table._is_away)
    assert table.find("abc") == HERE


def test_a_database_that_hangs_is_waited_for_once(monkeypatch):
    database = Database(abc=HERE)
    database.may_answer.clear()
    table = Targets(database, wait_s=1)
    begun = time.monotonic()
    assert table.find("abc") is NoTarget.AWAY
    assert time.monotonic() - begun >= 1
    time.sleep(0.1)
    begun = time.monotonic()
    for number in range(100):
        assert table.find(f"other{number}") is NoTarget.AWAY

    assert time.monotonic() - begun < 0.5
    database.may_answer.set()
    assert eventually(lambda: table.find("abc") == HERE)


def test_an_error_nobody_foresaw_does_not_end_the_asking(clock, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    database = Database(abc=HERE)
    table = Targets(database)
    links, database.links = database.links, None
    assert table.find("abc") is NoTarget.AWAY
    database.links = links

    assert eventually(lambda: table.find("abc") == HERE)


# ------------------------------------------------------------------ loading


@pytest.mark.django_db
def test_links_are_read_with_the_hosts_of_their_shop():
    link = LinkFactory(slug="open", destination="https://lune.example/p?a=1#top")
    link.enrollment.program.shop.hosts = ["lune.example"]
    link.enrollment.program.shop.save()
    LinkFactory(slug="shut", closed=True)

    assert targets.load({"open", "shut", "none"}) == {
        "open": Target(link.pk, "https://lune.example/p?a=1&cid=", "#top"),
        "shut": NoTarget.CLOSED,
    }


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil.example",
        "https://lune.example\\@evil.example",
    ],
)
@pytest.mark.django_db
def test_a_link_that_has_left_its_shop_is_closed(destination, caplog):
    link = LinkFactory(slug="open", destination=destination)
    link.enrollment.program.shop.hosts = ["lune.example"]
    link.enrollment.program.shop.save()

    assert targets.load(["open"]) == {"open": NoTarget.CLOSED}
    assert f"link {link.pk} leads off" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_table_reads_the_database_from_its_own_thread():
    link = LinkFactory(slug="open", closed_at=None)
    table = Targets()

    assert table.find("open").link_id == link.pk
    assert table.find("none") is NoTarget.UNKNOWN
    link.closed_at = datetime(2026, 11, 3, tzinfo=UTC)
    link.save(update_fields=["closed_at"])
    table.forget("open")
    assert table.find("open") is NoTarget.CLOSED


@pytest.mark.django_db
def test_ten_slugs_cost_as_many_queries_as_one(django_assert_num_queries):
    slugs = [LinkFactory().slug for _ in range(10)]

    with django_assert_num_queries(4):  # savepoint, timeout, select, release
        targets.load(slugs)
    with django_assert_num_queries(4):
        targets.load(slugs[:1])
