"""One statement for many lines says what it says for one; workers share the queue."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction

from affiliate.common import ids
from creators import attribution
from creators.models import Code, CodeUse, UnaccruedVerdict, Verdict
from shops.models import UnsettledLine
from tests.common.racing import race
from tests.creators.judging import (
    NOW,
    PLACED,
    click,
    code,
    enrolled,
    line,
    link,
    program,
    queue,
)
from tests.factories.creators import CreatorEmailFactory
from tests.factories.shops import (
    ActivePeriodFactory,
    CategoryFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
)

LINES = 300


class Market:
    """Two shops with programs of every policy, and creators of every standing."""

    def __init__(self, dice):
        self.dice = dice
        shops = [program().shop, program().shop]
        self.programs = [
            program(shop=shop, code_policy=policy, **terms)
            for shop in shops
            for policy, terms in (
                ("always", {}),
                ("if_involved", {"halo": False}),
                ("if_winner", {"catalogue_only": True, "window_days": 2}),
            )
        ]
        paused = ProgramFactory(shop=shops[0])
        ActivePeriodFactory(program=paused, ends_at=PLACED)
        self.programs.append(paused)
        self.products = {shop.pk: self._catalogue(shop) for shop in shops}
        self.links, self.codes = {}, {}
        for number, ours in enumerate(self.programs):
            self._people(number, ours)

    def _catalogue(self, shop):
        top = CategoryFactory(shop=shop)
        low = CategoryFactory(shop=shop, parent=top)
        found = [ProductFactory(shop=shop), ProductFactory(shop=shop, category=low)]
        for ours in self.programs:
            if ours.shop == shop and ours.code_policy == "always":
                ExclusionFactory(program=ours, product=None, category=top)
        return [None, *found]

    def _people(self, number, ours):
        product = self.products[ours.shop_id][1]
        people = [enrolled(ours), enrolled(ours), enrolled(ours, ended=True)]
        CreatorEmailFactory(creator=people[0].creator, address=f"{number}@mail.example")
        self.links.setdefault(ours.shop_id, []).extend(
            [link(people[0]), link(people[1], product=product), link(people[2])]
        )
        self.codes.setdefault(ours.shop_id, []).extend(
            [
                code(people[0], "SUMMER").code,
                code(people[1], f"FEW{number}", max_uses=4).code,
                code(people[1], f"PAST{number}", ends_at=PLACED).code,
                code(people[1], f"SOON{number}", starts_at=NOW).code,
                code(people[0], f"GONE{number}", retired=True, retired_at=PLACED).code,
            ]
        )

    def line(self):
        """Return a line of an order with up to three clicks and two codes."""
        dice, ours = self.dice, self.dice.choice(self.programs)
        shop = ours.shop_id
        clicks = [
            click(
                dice.choice(self.links[dice.choice([shop] * 9 + list(self.links))]),
                before=timedelta(hours=dice.choice([-1, 1, 24, 48, 49, 720, 721])),
                bot=dice.random() < 0.1,
            )
            for _ in range(dice.randrange(4))
        ]
        codes = dice.sample([*self.codes[shop], "NOPE"], dice.choice([0, 0, 1, 2]))
        return line(
            ours,
            clicks=clicks,
            codes=codes,
            product=dice.choice(self.products[shop]),
            status=dice.choice(["paid"] * 8 + ["pending", "cancelled"]),
            placed_at=PLACED + timedelta(seconds=dice.randrange(60)),
            buyer_hash=ids.email_hash(f"{dice.randrange(20)}@mail.example"),
        )


def standing():
    """Return all that the verdicts say."""
    fields = ("state", "reason", "via", "creator_id", "link_id", "code_id", "touches")
    return {row[0]: row[1:] for row in Verdict.objects.values_list("line_id", *fields)}


def forget():
    for model in (UnaccruedVerdict, Verdict, CodeUse):
        model.objects.all().delete()


@pytest.mark.django_db
def test_a_batch_says_what_its_lines_say_one_by_one():
    market = Market(random.Random(20261103))  # noqa: S311  a seed, not a secret
    lines = [market.line() for _ in range(LINES)]
    queue(*lines)
    assert attribution.settle(at=NOW).lines == LINES
    at_once = standing()
    forget()

    # A limited code goes to who was placed first, in a batch and in a queue alike.
    for each in sorted(lines, key=lambda each: (each.order.placed_at, each.order_id)):
        queue(each)
        attribution.settle(at=NOW)

    assert standing() == at_once
    reasons = {reason for _, reason, *_ in at_once.values()}
    whys = {touch["why"] for _, *_, touches in at_once.values() for touch in touches}
    assert len(reasons) > 14
    assert len(reasons | whys) >= 20


@pytest.mark.django_db
def test_judging_everything_again_changes_nothing():
    market = Market(random.Random(7))  # noqa: S311  a seed, not a secret
    lines = [market.line() for _ in range(60)]
    queue(*lines)
    attribution.settle(at=NOW)
    before = standing()
    queue(*lines)

    assert attribution.settle(at=NOW + timedelta(days=1)).lines == 60
    assert standing() == before
    assert not Verdict.objects.exclude(decided_at=NOW).exists()


def sweep(limit):
    total = 0
    while found := attribution.settle(at=NOW, limit=limit).lines:
        total += found
    return total


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_queue_and_every_line_has_one_verdict():
    ours = program()
    lea = link(ours)
    queue(*[line(ours, clicks=[click(lea)]) for _ in range(80)])

    done = race([lambda: sweep(limit=5)] * 8)

    assert sum(done) == 80
    assert Verdict.objects.filter(state="attributed").count() == 80
    assert UnaccruedVerdict.objects.count() == 80


@pytest.mark.django_db(transaction=True)
def test_a_limited_code_is_never_used_more_often_by_workers_at_once():
    ours = program()
    first, second = code(ours, "A10", max_uses=3), code(ours, "B10", max_uses=5)
    for codes in (["A10", "B10"], ["B10", "A10"]) * 10:
        queue(line(ours, codes=codes))

    done = race([lambda: sweep(limit=1)] * 8)

    assert sum(done) == 20
    assert (first.uses.count(), second.uses.count()) == (3, 5)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_the_lines_to_the_next():
    ours = program()
    queue(line(ours, clicks=[click(link(ours))]), line(ours))

    with transaction.atomic():
        attribution.settle(at=NOW)
        transaction.set_rollback(True)

    assert not Verdict.objects.exists()
    assert UnsettledLine.objects.count() == 2
    assert attribution.settle(at=NOW).lines == 2


@pytest.mark.django_db(transaction=True)
def test_a_line_queued_again_while_it_is_judged_is_judged_again():
    ours = program()
    sold = line(ours, clicks=[click(link(ours))])
    queue(sold)

    def cancel_and_queue():
        with transaction.atomic(), connection.cursor() as cursor:
            type(sold.order).objects.filter(pk=sold.order_id).update(status="cancelled")
            # As the floor below does: it waits for whoever holds the row.
            cursor.execute(
                "insert into shops_unsettledline (line_id) values (%s) "
                "on conflict (line_id) do update set line_id = excluded.line_id",
                [sold.pk],
            )

    race([lambda: attribution.settle(at=NOW), cancel_and_queue])
    sweep(limit=10)

    assert Verdict.objects.get().reason == "order_cancelled"


@pytest.mark.django_db
def test_a_code_that_is_not_limited_keeps_no_uses():
    ours = program()
    code(ours, "LEA10")
    queue(line(ours, codes=["LEA10"]))
    attribution.settle(at=NOW)

    assert Code.objects.exists()
    assert not CodeUse.objects.exists()
