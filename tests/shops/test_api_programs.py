"""Programs, rates and boosts over HTTP."""

from datetime import UTC, datetime

import pytest

from affiliate.common.models import AuditEntry
from shops.models import Boost, Program, Rate
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
)
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db
NEW = {"name": "Friends", "rate_bp": 1000}
BOOST = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": "2100-01-01T00:00:00+01:00",
    "ends_at": "2100-01-08T00:00:00+01:00",
}


@pytest.fixture
def shop():
    return ShopFactory(slug="lune", currency="EUR")


@pytest.fixture
def client(shop):
    return Asker(shop)


@pytest.fixture
def program(shop):
    return ProgramFactory(shop=shop, active=True)


def post(client, path, body, **fields):
    return client.send("POST", path, {**body, **fields})


def patch(client, program, **fields):
    return client.send("PATCH", f"/programs/{program.pk}", fields)


# ------------------------------------------------------------------ programs


def test_a_program_is_made_as_a_draft_with_the_defaults(client, shop):
    made = said(post(client, "/programs", NEW), 201)

    program = Program.objects.get()
    assert program.shop == shop
    assert made == {
        "id": program.pk,
        "slug": "lune-friends",
        "name": "Friends",
        "status": "draft",
        "currency": "EUR",
        "rate_bp": 1000,
        "cap_bp": 8000,
        "code_policy": "always",
        "window_days": 30,
        "hold_days": 30,
        "shipping_days": 5,
        "rate_lock_days": 30,
        "halo": True,
        "catalogue_only": False,
        "enrollment": "open",
        "planned": [],
        "eligibility": {
            "countries": [],
            "niches": [],
            "least_followers": None,
            "most_followers": None,
            "least_age": 18,
        },
        "ends_at": None,
        "budget_cents": None,
        "spent_cents": None,
    }
    assert said(client.read(f"/programs/{program.pk}"), 200) == made
    assert said(client.read("/programs"), 200)["results"] == [made]


def test_a_program_may_begin_at_once(client):
    rules = {"countries": ["FR"], "least_followers": 1000}

    made = said(post(client, "/programs", NEW, status="active", eligibility=rules), 201)

    program = Program.objects.get()
    assert (made["status"], made["eligibility"]["countries"]) == ("active", ["FR"])
    assert program.active_periods.count() == 1
    label = AuditEntry.objects.first().actor_label
    assert label.startswith("mk_")


def test_two_programs_of_one_name_get_two_slugs(client):
    slugs = [said(post(client, "/programs", NEW), 201)["slug"] for _n in range(3)]

    assert slugs == ["lune-friends", "lune-friends-2", "lune-friends-3"]


def test_a_slug_that_is_taken_is_told(client):
    ProgramFactory(slug="friends")

    problem(post(client, "/programs", NEW, slug="friends"), 409, "program_slug_taken")

    assert Program.objects.count() == 1


def test_the_same_post_under_a_key_makes_one_program(client):
    answers = [client.send("POST", "/programs", NEW, key="k1") for _n in range(2)]

    assert answers[0].content == answers[1].content
    assert Program.objects.count() == 1


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": None}, "name"),
        ({"rate_bp": 99}, "rate_bp"),
        ({"rate_bp": 8001}, "rate_bp"),
        ({"rate_bp": 12.5}, "rate_bp"),
        ({"cap_bp": 900}, "non_field_errors"),
        ({"currency": "XYZ"}, "currency"),
        ({"window_days": 91}, "window_days"),
        ({"hold_days": 61}, "hold_days"),
        ({"enrollment": "all"}, "enrollment"),
        ({"status": "gone"}, "status"),
        ({"slug": "a b"}, "slug"),
        ({"eligibility": {"countries": ["fr"]}}, "eligibility.countries[0]"),
        ({"eligibility": {"least_age": 17}}, "eligibility.least_age"),
        ({"eligibility": {"niches": "care"}}, "eligibility.niches"),
        (
            {"eligibility": {"least_followers": 2, "most_followers": 1}},
            "non_field_errors",
        ),
        ({"ends_at": "tomorrow"}, "ends_at"),
        ({"ends_at": "2100-01-01T00:00:00"}, "ends_at"),
    ],
)
def test_a_field_that_cannot_be_is_named(client, fault, place):
    found = problem(post(client, "/programs", NEW, **fault), 400, "invalid")

    assert [name.partition("[")[0] for name in found["errors"]] == [
        place.partition("[")[0]
    ]
    assert not Program.objects.exists()


def test_what_is_no_object_is_told(client):
    problem(client.send("POST", "/programs", []), 400, "invalid")


def test_other_fields_of_the_row_are_passed_over(client, shop):
    other = ShopFactory()

    post(client, "/programs", NEW, shop=other.pk, shop_id=other.pk, id=7)

    assert Program.objects.get().shop == shop


def test_a_patch_changes_what_it_names(client, program):
    rules = {"least_age": 21}

    changed = said(patch(client, program, name="New", eligibility=rules), 200)

    assert (changed["name"], changed["eligibility"]["least_age"]) == ("New", 21)
    assert changed["window_days"] == 30
    entry = AuditEntry.objects.get(action="program.changed")
    assert entry.before == {"name": program.name, "least_age": 18}
    patch(client, program, name="New")
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"rate_bp": 1100}, {"cap_bp": 7000}, {"currency": "USD"}]
)
def test_a_running_programs_rates_are_fixed(client, program, shop, fields):
    draft = ProgramFactory(shop=shop)

    found = problem(
        patch(client, program, name="New", **fields), 409, "program_terms_fixed"
    )

    assert list(found["errors"]) == list(fields)
    assert "Add a rate for everyone" in found["detail"]
    program.refresh_from_db()
    assert (program.rate_bp, program.cap_bp, program.currency) == (1000, 8000, "EUR")
    assert program.name != "New"
    said(patch(client, draft, **fields), 200)
    said(patch(client, program, rate_bp=1000), 200)


@pytest.mark.parametrize(
    ("before", "status", "answer"),
    [
        ("draft", "active", 200),
        ("active", "paused", 200),
        ("paused", "active", 200),
        ("active", "ended", 200),
        ("ended", "ended", 200),
        ("draft", "draft", 200),
        ("active", "draft", "program_not_draft"),
        ("ended", "active", "program_ended"),
        ("ended", "paused", "program_ended"),
    ],
)
def test_a_program_goes_along_its_arrows(client, shop, before, status, answer):
    program = ProgramFactory(shop=shop, status=before)

    response = patch(client, program, status=status)

    program.refresh_from_db()
    if answer == 200:
        assert said(response, 200)["status"] == program.status == status
    else:
        problem(response, 409, answer)
        assert program.status == before


def test_an_end_is_planned_with_notice(client, program):
    day = "2100-01-01T00:00:00Z"

    planned = said(patch(client, program, status="ended", ends_at=day), 200)

    assert (planned["status"], planned["ends_at"]) == ("active", day)
    soon = patch(client, program, ends_at="2026-11-23T00:00:00Z")
    problem(soon, 422, "end_without_notice")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("GET", "/rates", None),
        ("POST", "/rates", {"rate_bp": 1200}),
        ("GET", "/boosts", None),
        ("POST", "/boosts", BOOST),
    ],
)
def test_another_shops_program_is_as_missing_as_an_unknown_one(
    client, method, path, body
):
    foreign = ProgramFactory(active=True)
    ids = (foreign.pk, 10**9, 10**30)

    answers = [client.send(method, f"/programs/{pk}{path}", body) for pk in ids]

    for answer in answers:
        problem(answer, 404, "not_found")
        assert answer.content == answers[0].content
    assert said(client.read("/programs"), 200)["results"] == []
    assert not Rate.objects.exists()
    assert not Boost.objects.exists()


@pytest.mark.parametrize("path", ["", "/1", "/1/rates", "/1/boosts"])
def test_each_door_asks_for_its_scope(shop, path):
    reader = Asker(shop, scopes=["programs:read"])
    writer = Asker(shop, scopes=["programs:write"])
    method = "PATCH" if path == "/1" else "POST"

    denied = reader.send(method, f"/programs{path}", NEW)
    unread = writer.read(f"/programs{path}")

    assert "programs:write" in problem(denied, 403, "permission_denied")["detail"]
    assert "programs:read" in problem(unread, 403, "permission_denied")["detail"]


# ------------------------------------------------------------------ rates, boosts


def test_a_rate_is_for_some_creators_and_some_products(client, program, shop):
    AudienceFactory(program=program, slug="gold")
    AudienceFactory(program=program, slug="lea", kind="creator")
    ProductFactory(shop=shop, sku="SERUM-30")
    CategoryFactory(shop=shop, slug="care")
    path = f"/programs/{program.pk}/rates"
    sent = [
        {"who": {"group": "gold"}, "what": {"category": "care"}, "rate_bp": 1200},
        {
            "who": {"creator": "lea"},
            "what": {"product": "SERUM-30"},
            "flat_cents": 500,
            "from": "2026-12-01T00:00:00Z",
            "until": "2027-01-01T00:00:00Z",
        },
    ]

    made = [said(post(client, path, each), 201) for each in sent]

    for each, answer in zip(sent, made, strict=True):
        assert each.items() <= answer.items()
    assert said(client.read(path), 200)["results"] == made[::-1]


def test_a_rate_without_words_is_for_everyone_on_everything_from_now_on(
    client, program
):
    made = said(post(client, f"/programs/{program.pk}/rates", {"rate_bp": 1200}), 201)

    assert (made["who"], made["what"]) == ("everyone", "everything")
    assert Rate.objects.get().starts_at > datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, "invalid_term", "rate_bp"),
        ({"rate_bp": 99}, "invalid_term", "rate_bp"),
        ({"rate_bp": 1000, "flat_cents": 1}, "invalid_term", "rate_bp"),
        ({"rate_bp": 1200, "who": "me"}, "invalid_term", "who"),
        ({"rate_bp": 1200, "who": {"group": "none"}}, "invalid_term", "who"),
        ({"rate_bp": 1200, "who": {"group": 7}}, "invalid_term", "who"),
        ({"rate_bp": 1200, "what": {"product": "A"}}, "invalid_term", "what"),
        ({"rate_bp": 1200, "what": {"product": "A\0"}}, "invalid_term", "what"),
        ({"rate_bp": 1200, "what": []}, "invalid_term", "what"),
        ({"rate_bp": "x"}, "invalid", "rate_bp"),
        ({"rate_bp": 1200, "until": "2020-01-01T00:00:00Z"}, "invalid_term", "ends_at"),
    ],
)
def test_a_rate_that_cannot_be_is_named(client, program, body, code, place):
    found = problem(post(client, f"/programs/{program.pk}/rates", body), 400, code)

    assert list(found["errors"]) == [place]
    assert not Rate.objects.exists()


def test_another_shops_goods_and_groups_are_not_found(client, program):
    ProductFactory(sku="SERUM-30")
    AudienceFactory(slug="gold")
    path = f"/programs/{program.pk}/rates"

    for reach in ({"what": {"product": "SERUM-30"}}, {"who": {"group": "gold"}}):
        found = problem(
            post(client, path, {"rate_bp": 1200, **reach}), 400, "invalid_term"
        )
        assert list(found["errors"]) == list(reach)


def test_a_rate_that_overlaps_another_is_refused(client, program):
    RateFactory(program=program)

    path = f"/programs/{program.pk}/rates"
    problem(post(client, path, {"rate_bp": 1300}), 409, "term_overlaps")

    assert Rate.objects.count() == 1


def test_a_boost_is_added_and_listed(client, program):
    path = f"/programs/{program.pk}/boosts"
    before = BoostFactory(program=program)

    made = said(post(client, path, BOOST), 201)

    assert (made["name"], made["multiplier_pct"]) == ("Launch", 200)
    assert (made["who"], made["what"]) == ("everyone", "everything")
    assert made["overlaps"] == []
    listed = said(client.read(path), 200)["results"]
    assert [row["id"] for row in listed] == [made["id"], before.pk]


def test_a_boost_in_the_past_is_refused(client, program):
    path = f"/programs/{program.pk}/boosts"

    found = problem(
        post(client, path, BOOST, starts_at="2020-01-01T00:00:00Z"), 400, "invalid_term"
    )

    assert list(found["errors"]) == ["starts_at"]
    assert not Boost.objects.exists()
