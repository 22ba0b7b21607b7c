from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from affiliate.common import audit, locks
from affiliate.common.models import AuditEntry
from tests.common.racing import race
from tests.factories.common import UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)


def record(chain: str = "shop:1", **fields) -> AuditEntry:
    fields = {"action": "rate.changed", "subject": ("shops.rate", 7), "at": AT} | fields
    return audit.record(chain, **fields)


def tamper(sql: str, *values: object) -> None:
    """Do what only a superuser can: the triggers do not fire for a replica."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("set local session_replication_role = origin")


# ------------------------------------------------------------------ record


def test_an_entry_says_who_did_what_to_which_object():
    user = UserFactory()

    entry = record(
        subject=user,
        actor=user,
        before={"rate_bp": 1000},
        after={"rate_bp": 1200, "at": AT, "factor": Decimal("1.5")},
    )

    stored = AuditEntry.objects.get()
    assert (stored.chain, stored.at, stored.actor) == ("shop:1", AT, user)
    assert (stored.action, stored.actor_label) == ("rate.changed", f"user:{user.pk}")
    assert (stored.object_type, stored.object_id) == ("common.user", str(user.pk))
    assert stored.before == {"rate_bp": 1000}
    assert stored.after == {
        "rate_bp": 1200,
        "at": "2026-11-03T10:15:00Z",
        "factor": "1.5",
    }
    assert entry.hash == stored.hash


def test_who_is_no_user_has_a_label():
    assert record(actor_label="api_key:ab12").actor_label == "api_key:ab12"
    assert record().actor_label == "system"


def test_every_entry_holds_the_hash_of_the_one_before():
    first, second = record(), record()

    assert (first.number, first.prev_hash) == (1, "")
    assert (second.number, second.prev_hash) == (2, first.hash)
    assert len(first.hash) == 64
    assert audit.head("shop:1") == (2, second.hash)


def test_chains_are_apart():
    record("shop:1")
    other = record("shop:2")

    assert (other.number, other.prev_hash) == (1, "")
    assert audit.chains() == ["shop:1", "shop:2"]
    assert audit.head("shop:3") == (0, "")


def test_many_rows_of_one_statement_are_chained_too():
    AuditEntry.objects.bulk_create(
        AuditEntry(chain="shop:1", at=AT, action="a", object_id=str(i))
        for i in range(50)
    )

    assert audit.verify("shop:1") is None
    assert audit.head("shop:1")[0] == 50


@pytest.mark.breaks("audit_entry_joins_its_chain")
def test_what_a_writer_says_about_place_and_hash_is_not_believed():
    entry = AuditEntry.objects.create(
        chain="shop:1", at=AT, action="a", number=9, hash="f" * 64, prev_hash="e" * 64
    )

    entry.refresh_from_db()
    assert (entry.number, entry.prev_hash) == (1, "")
    assert entry.hash != "f" * 64


def test_recording_comes_last_in_the_order_of_locks():
    record()

    with pytest.raises(locks.LockOrder):
        locks.hold(locks.SWEEP, "settle")


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_when_its_cause_is_rolled_back():
    with transaction.atomic():
        record()
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def record_in_sql() -> None:
    """Write without the lock of the verb: only the trigger's own is left."""
    AuditEntry.objects.create(chain="shop:1", at=AT, action="a")


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_at_once_make_one_chain():
    results = race([record] * 10 + [record_in_sql] * 10)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert audit.head("shop:1")[0] == 20
    assert audit.verify("shop:1") is None


@pytest.mark.django_db(transaction=True)
def test_without_the_triggers_lock_the_same_writers_collide():
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_functiondef(tgfoid) from pg_trigger"
            " where tgname like '%%joins_its_chain%%'"
        )
        (definition,) = cursor.fetchone()
        unlocked = definition.replace(
            "perform pg_advisory_xact_lock(", "perform length("
        ).replace("hashtextextended('audit_chain:' || new.chain, 0)", "new.chain")
        # All of them have read the last entry before the first one writes.
        slow = unlocked.replace("new.number :=", "perform pg_sleep(0.1); new.number :=")
        cursor.execute(slow)
    try:
        results = race([record_in_sql] * 10)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(definition)

    assert definition != unlocked != slow
    assert any(isinstance(result, IntegrityError) for result in results)


# ------------------------------------------------------------------ verify


def three() -> list[AuditEntry]:
    return [record(after={"rate_bp": rate}) for rate in (1000, 1100, 1200)]


def test_an_honest_chain_has_no_bad_entry():
    three()

    assert audit.verify("shop:1") is None
    assert audit.verify("shop:none") is None


def test_a_hash_does_not_depend_on_the_settings_of_a_session():
    three()

    with connection.cursor() as cursor:
        cursor.execute("set local timezone = 'Asia/Tokyo'")
        cursor.execute("set local datestyle = 'German'")
        cursor.execute("set local extra_float_digits = 0")

    assert audit.verify("shop:1") is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-01-01T00:00:00Z"),
        ("actor_label", "somebody else"),
        ("action", "rate.kept"),
        ("object_type", "shops.boost"),
        ("object_id", "8"),
        ("before", '{"rate_bp": 1}'),
        ("after", '{"rate_bp": 1101}'),
        ("hash", "0" * 64),
        ("prev_hash", "0" * 64),
        ("number", 7),
    ],
)
def test_a_changed_entry_is_named(column, value):
    entries = three()

    tamper(f"update audit_entry set {column} = %s where id = %s", value, entries[1].pk)

    bad = audit.verify("shop:1")
    assert bad is not None
    # One moved to the end leaves a gap, which is where the chain first breaks.
    assert bad == entries[2 if column == "number" else 1]


def test_a_new_actor_is_a_change():
    entries = three()

    tamper("update audit_entry set actor_id = %s", UserFactory().pk)

    assert audit.verify("shop:1") == entries[0]


def test_a_change_whose_hash_was_made_to_fit_shows_at_the_next():
    entries = three()

    tamper("update audit_entry set action = 'kept' where id = %s", entries[1].pk)
    tamper(
        "update audit_entry e set hash = audit_entry_hash(e) where id = %s",
        entries[1].pk,
    )

    assert audit.verify("shop:1") == entries[2]


def test_a_removed_entry_leaves_a_gap():
    entries = three()

    tamper("delete from audit_entry where id = %s", entries[1].pk)

    assert audit.verify("shop:1") == entries[2]


def test_a_removed_beginning_shows():
    entries = three()

    tamper("delete from audit_entry where id = %s", entries[0].pk)

    assert audit.verify("shop:1") == entries[1]


def test_two_entries_that_changed_places_show():
    entries = three()

    tamper(
        "update audit_entry set number = -number where id = any(%s)",
        [entries[0].pk, entries[1].pk],
    )
    tamper("update audit_entry set number = 3 + number where number < 0")

    assert audit.verify("shop:1") == entries[1]


def test_an_entry_put_in_between_shows():
    entries = three()

    tamper("update audit_entry set number = 4 where id = %s", entries[2].pk)
    tamper(
        "insert into audit_entry (chain, number, at, actor_label, action, object_type,"
        " object_id, prev_hash, hash)"
        " select chain, 3, at, actor_label, 'forged', object_type, object_id, hash,"
        " repeat('0', 64) from audit_entry where id = %s",
        entries[1].pk,
    )

    assert audit.verify("shop:1").action == "forged"


def test_a_cut_end_shows_against_a_published_head():
    entries = three()
    published = audit.head("shop:1")

    tamper("delete from audit_entry where id = %s", entries[2].pk)

    assert audit.verify("shop:1") is None
    assert audit.head("shop:1") != published


# ------------------------------------------------------------------ what refuses


def refused(name: str):
    return pytest.raises(IntegrityError, match=f"append-only|{name}")


@pytest.mark.breaks("audit_entry_is_never_updated")
def test_no_entry_is_ever_changed():
    entry = record()

    with refused("audit_entry_is_never_updated"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="b")

    entry.refresh_from_db()
    assert entry.action == "rate.changed"


@pytest.mark.breaks("audit_entry_is_never_deleted")
def test_no_entry_is_ever_deleted():
    entry = record()

    with refused("audit_entry_is_never_deleted"), transaction.atomic():
        entry.delete()

    assert AuditEntry.objects.filter(action="rate.changed").count() == 1


@pytest.mark.breaks("audit_entry_is_never_truncated")
def test_the_trail_is_never_emptied():
    record()

    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        with refused("audit_entry_is_never_truncated"), transaction.atomic():
            cursor.execute("truncate audit_entry")

    assert AuditEntry.objects.count() == 1


@pytest.mark.breaks("audit_entry_has_its_place")
def test_no_two_entries_have_one_place():
    entry = record()

    with pytest.raises(IntegrityError, match="audit_entry_has_its_place"):
        tamper(
            "insert into audit_entry (chain, number, at, actor_label, action,"
            " object_type, object_id, prev_hash, hash)"
            " select chain, number, at, '', action, '', '', '', ''"
            " from audit_entry where id = %s",
            entry.pk,
        )


@pytest.mark.breaks("audit_entry_names_chain_and_action")
@pytest.mark.parametrize("missing", ["chain", "action"])
def test_an_entry_names_its_chain_and_action(missing):
    fields = {"chain": "shop:1", "action": "a"} | {missing: ""}

    with pytest.raises(IntegrityError, match="names_chain_and_action"):
        AuditEntry.objects.create(at=AT, **fields)


def test_a_door_without_a_user_says_who_acts():
    with audit.acting_as("mk_12345678"):
        inside, named = record(), record(actor_label="x")
    after = record()

    labels = [entry.actor_label for entry in (inside, named, after)]
    assert labels == ["mk_12345678", "x", "system"]
