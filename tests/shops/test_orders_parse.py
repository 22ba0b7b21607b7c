"""`orders.parse`: every fault is named by its place, and nothing else gets through."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliate.common import ids
from shops import orders
from shops.models import Shop
from tests.shops.building import NOW, raw_line, raw_order

SHOP = Shop(currency="EUR")
HUGE = 10**40


def parse(**fields):
    return orders.parse(raw_order(**fields), SHOP, at=NOW)


def faults(raw):
    with pytest.raises(orders.InvalidOrder) as refused:
        orders.parse(raw, SHOP, at=NOW)
    assert refused.value.status == 400
    assert all(refused.value.errors.values())
    return sorted(refused.value.errors)


def test_an_order_of_the_contract_is_read():
    assert parse() == orders.OrderFacts(
        external_id="1001",
        version=1,
        placed_at=datetime(2026, 11, 3, 9, 15, tzinfo=UTC),
        currency="EUR",
        status="paid",
        lines=(orders.LineFacts("1", "SERUM-30", 2, 4000, 800),),
        buyer_hash=ids.email_hash("x@y.fr"),
        buyer_country="FR",
        clicks=("click-1",),
        codes=("LEA10",),
    )


def test_the_address_itself_is_dropped():
    assert "x@y.fr" not in repr(parse())


@pytest.mark.parametrize(
    "field", ["external_id", "version", "placed_at", "currency", "status", "lines"]
)
def test_a_field_that_must_be_there_is_missed(field):
    raw = raw_order()
    del raw[field]

    assert faults(raw) == [field]
    assert faults(raw_order(**{field: None})) == [field]


@pytest.mark.parametrize("field", ["external_id", "sku", "quantity", "net_cents"])
def test_a_field_of_a_line_that_must_be_there_is_missed(field):
    raw = raw_order(lines=[raw_line("1"), raw_line("2")])
    del raw["lines"][1][field]

    assert faults(raw) == [f"lines[1].{field}"]


@pytest.mark.parametrize("field", ["buyer", "clicks", "codes"])
def test_a_field_may_be_left_out(field):
    raw = raw_order()
    del raw[field]

    assert orders.parse(raw, SHOP, at=NOW) == parse(**{field: None})


def test_tax_may_be_left_out():
    raw = raw_line()
    del raw["tax_cents"]

    assert parse(lines=[raw]).lines[0].tax_cents == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("external_id", 1001),
        ("external_id", ""),
        ("external_id", "   "),
        ("external_id", "."),
        ("external_id", ".."),
        ("external_id", "x" * 101),
        ("external_id", "10\x0001"),
        ("external_id", "10\n01"),
        ("external_id", "10\ud80001"),
        ("external_id", ["1001"]),
        ("version", "1"),
        ("version", True),
        ("version", 1.0),
        ("version", -1),
        ("version", 2**63),
        ("version", HUGE),
        ("placed_at", 1762161300),
        ("placed_at", "yesterday"),
        ("placed_at", "2026-11-03"),
        ("placed_at", "2026-11-03T10:15:00"),
        ("placed_at", "2026-02-30T10:15:00Z"),
        ("placed_at", "2026-11-03T24:15:00Z"),
        ("placed_at", "2026-11-03T10:15:00+99:00"),
        ("placed_at", "1999-12-31T23:59:59Z"),
        ("placed_at", "0001-01-01T00:00:00+14:00"),
        ("placed_at", "9999-12-31T23:59:59-14:00"),
        ("placed_at", "٢٠٢٦-11-03T10:15:00Z"),
        ("placed_at", "2026-11-24T12:00:01Z"),
        ("currency", "XYZ"),
        ("currency", "eur"),
        ("currency", 978),
        ("currency", {}),
        ("status", "shipped"),
        ("status", []),
        ("status", True),
        ("buyer", "x@y.fr"),
        ("lines", []),
        ("lines", {}),
        ("lines", "1"),
        ("clicks", "click-1"),
        ("clicks", {"0": "click-1"}),
        ("clicks", [f"click-{i}" for i in range(51)]),
        ("codes", [f"CODE{i}" for i in range(21)]),
        ("total_net_cents", 4001),
        ("total_net_cents", "4000"),
        ("total_net_cents", 4000.0),
    ],
)
def test_a_field_of_the_wrong_kind_or_size_is_named(field, value):
    assert faults(raw_order(**{field: value})) == [field]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("buyer.email", {"buyer": {"email": 5}}),
        ("buyer.email", {"buyer": {"email": "x" * 321}}),
        ("buyer.email", {"buyer": {"email": "x\x00@y.fr"}}),
        ("buyer.country", {"buyer": {"country": "France"}}),
        ("buyer.country", {"buyer": {"country": 33}}),
        ("clicks[1]", {"clicks": ["a", 5]}),
        ("clicks[0]", {"clicks": ["x" * 101]}),
        ("codes[1]", {"codes": ["A", ""]}),
        ("codes[0]", {"codes": [None]}),
        ("lines[0]", {"lines": ["1"]}),
        ("lines[0].external_id", {"lines": [raw_line(1)]}),
        ("lines[0].sku", {"lines": [raw_line(sku=None)]}),
        ("lines[0].sku", {"lines": [raw_line(sku="x" * 101)]}),
        ("lines[0].quantity", {"lines": [raw_line(quantity="2")]}),
        ("lines[0].quantity", {"lines": [raw_line(quantity=True)]}),
        ("lines[0].quantity", {"lines": [raw_line(quantity=-1)]}),
        ("lines[0].quantity", {"lines": [raw_line(quantity=0)]}),
        ("lines[0].quantity", {"lines": [raw_line(quantity=10**6 + 1)]}),
        ("lines[0].net_cents", {"lines": [raw_line(net_cents=40.0)]}),
        ("lines[0].net_cents", {"lines": [raw_line(net_cents=-1)]}),
        ("lines[0].net_cents", {"lines": [raw_line(net_cents=10**13 + 1)]}),
        ("lines[0].net_cents", {"lines": [raw_line(net_cents=HUGE)]}),
        ("lines[0].net_cents", {"lines": [raw_line(net_cents=float("nan"))]}),
        ("lines[0].tax_cents", {"lines": [raw_line(tax_cents="800")]}),
        ("lines[0].tax_cents", {"lines": [raw_line(tax_cents=-1)]}),
        ("lines[1].external_id", {"lines": [raw_line("1"), raw_line("1")]}),
    ],
)
def test_a_fault_inside_is_named_by_its_path(path, fields):
    assert faults(raw_order(**fields)) == [path]


def test_a_thousand_lines_are_read_and_one_more_is_not():
    many = [raw_line(str(i)) for i in range(1001)]

    assert len(parse(lines=many[:1000]).lines) == 1000
    assert faults(raw_order(lines=many)) == ["lines"]


@pytest.mark.parametrize(
    "fields",
    [
        {"external_id": "x" * 100},
        {"version": 0},
        {"version": 2**63 - 1},
        {"placed_at": "2000-01-01T00:00:00Z"},
        {"placed_at": "2026-11-24T13:00:00+01:00"},
        {"placed_at": "2026-11-03t10:15:00.123456789z"},
        {"placed_at": "2026-11-03 10:15:00-11:30"},
        {"currency": "JPY"},
        {"lines": [raw_line(net_cents=10**13, quantity=10**6)]},
        {"lines": [raw_line(net_cents=0, quantity=0)]},
        {"total_net_cents": 4000},
        {"buyer": {"email": "", "country": ""}},
        {"buyer": {"email": "not an address"}},
        {"note": {"deep": [[[]]]}},
    ],
)
def test_what_just_fits_is_read(fields):
    parse(**fields)


def test_all_faults_are_named_at_once():
    raw = raw_order(
        external_id=None, currency="?", lines=[raw_line(quantity=-1, net_cents="4")]
    )

    assert faults(raw) == [
        "currency",
        "external_id",
        "lines[0].net_cents",
        "lines[0].quantity",
    ]


@pytest.mark.parametrize("raw", [None, [], "order", 5, True])
def test_what_is_no_object_is_refused(raw):
    assert faults(raw) == ["order"]


def test_updated_at_stands_for_a_version():
    raw = raw_order(updated_at="1970-01-02T00:00:00Z")
    del raw["version"]
    assert faults(raw) == ["updated_at"]

    raw["updated_at"] = "2026-11-03T10:15:00.000001Z"
    read = orders.parse(raw, SHOP, at=NOW)
    assert read.version == 1_793_700_900_000_001
    assert parse(updated_at="2026-11-03T10:15:00Z").version == 1


def test_what_is_sent_twice_in_a_list_is_read_once():
    assert parse(codes=["B", "A", "B"]).codes == ("B", "A")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("external_id", {"external_id": None}),
        ("refunded_at", {"refunded_at": "2026-11-03"}),
        ("lines", {"lines": []}),
        ("lines[0].net_cents", {"lines": [{"external_id": "1"}]}),
        ("lines[0].net_cents", {"lines": [{"external_id": "1", "net_cents": -1}]}),
        ("lines[0].net_cents", {"lines": [{"external_id": "1", "net_cents": True}]}),
        ("lines[0].quantity", {"lines": [{"external_id": "1", "quantity": 0}]}),
        ("lines[1].external_id", {"lines": [{"external_id": "1", "net_cents": 1}] * 2}),
        ("reason", {"reason": 5}),
        ("reason", {"reason": "x" * 201}),
    ],
)
def test_a_fault_in_a_refund_is_named(path, fields):
    raw = {
        "external_id": "r1",
        "refunded_at": "2026-11-03T10:15:00+01:00",
        "lines": [{"external_id": "1", "net_cents": 1000}],
    }
    assert orders.parse_refund(raw, at=NOW).lines[0].net_cents == 1000

    with pytest.raises(orders.InvalidRefund) as refused:
        orders.parse_refund({**raw, **fields}, at=NOW)

    assert list(refused.value.errors) == [path]


@pytest.mark.parametrize("raw", [None, {}, {"cancelled_at": 5}, {"cancelled_at": "x"}])
def test_an_instant_that_cannot_be_read_is_named(raw):
    with pytest.raises(orders.InvalidMoment) as refused:
        orders.parse_instant(raw, "cancelled_at", at=NOW)

    assert list(refused.value.errors) == ["cancelled_at"]


def test_an_instant_is_read_in_utc():
    raw = {"delivered_at": "2026-11-03T00:30:00+01:00"}

    read = orders.parse_instant(raw, "delivered_at", at=NOW)

    assert read == datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    assert read.tzinfo is UTC


# ------------------------------------------------------------------ anything at all

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=120)
    | st.sampled_from(["EUR", "paid", "2026-11-03T10:15:00Z", "2026-11-03", "1"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*raw_order(), *raw_line(), "email", "country", "x"]), inner
        )
    ),
    max_leaves=20,
)
FIELDS = st.sampled_from([*raw_order(), "updated_at", "total_net_cents"])
LINE_FIELDS = st.dictionaries(st.sampled_from([*raw_line()]), ANYTHING, max_size=3)


def read_or_refused(read, *what):
    try:
        return read(*what, at=NOW), {}
    except (orders.InvalidOrder, orders.InvalidRefund) as refused:
        str(refused).encode()
        json.dumps(refused.errors)
        return None, refused.errors


@settings(max_examples=400, deadline=None)
@given(
    ANYTHING
    | st.dictionaries(FIELDS, ANYTHING).map(lambda fields: raw_order(**fields))
    | st.lists(LINE_FIELDS, max_size=3).map(
        lambda lines: raw_order(lines=[{**raw_line(), **line} for line in lines])
    )
)
def test_anything_is_read_or_refused_by_name(raw):
    facts, named = read_or_refused(orders.parse, raw, SHOP)

    assert (facts is None) == bool(named)
    if facts:
        assert len(facts.content_hash()) == 64
        assert all(0 <= line.net_cents <= 10**13 for line in facts.lines)
        assert facts.placed_at <= NOW + timedelta(hours=48)


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_any_refund_is_read_or_refused_by_name(raw):
    facts, named = read_or_refused(orders.parse_refund, raw)

    assert (facts is None) == bool(named)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.django_db
@given(fields=st.dictionaries(FIELDS, ANYTHING, min_size=1))
def test_whatever_is_read_can_be_kept(shop_once, fields):
    try:
        facts = orders.parse(raw_order(**fields), shop_once, at=NOW)
    except orders.InvalidOrder:
        return
    (outcome,) = orders.record_many(shop_once, [facts], at=NOW)

    assert outcome.status in {"created", "updated", "unchanged", "rejected"}


@pytest.fixture
def shop_once(db):
    from tests.factories.shops import ShopFactory

    return ShopFactory()


@pytest.mark.parametrize(
    ("number", "may_be"), [(".", False), ("..", False), ("..1", True), ("1.", True)]
)
def test_a_number_is_more_than_dots(number, may_be):
    assert orders.is_number(number) is may_be
