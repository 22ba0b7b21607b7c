"""The invariants of the money, proved on the live data (rule G2).

Each proof is a select of what breaks it: no row, no finding. They read; they never
mend. The constraints hold most of this already; a proof is for the day one does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from affiliate.common import queues
from payouts.models import CHUNK_ATTEMPTS

_SHOWN = 20


@dataclass(frozen=True)
class Proof:
    """One invariant: its name, what a finding means, and the select of offenders.

    The select gives two texts a row: what is wrong, and the figures.
    """

    name: str
    meaning: str
    select: str


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be."""

    proof: str
    meaning: str
    subject: str
    figures: str


# What a live row of a creator counts as, and the ledger account that must hold it.
_EXPECTED = """
select c.creator_id, c.currency, case
         when c.status in ('pending', 'void') then 'creator_accrued'
         when c.status = 'held' then 'creator_' ||
              case c.held_from when 'pending' then 'accrued' else 'payable' end
         when p.status = 'sent' then 'in_transit'
         when c.status = 'paid' then 'settled'
         else 'creator_payable' end as kind,
       c.amount_cents
  from payouts_commission c
  left join payouts_payoutline l on l.commission_id = c.id and l.is_active
  left join payouts_payout p on p.id = l.payout_id
"""

# What sweeps count on the rows that fail; a worker that died left no error.
_WHY = """attempts || ' attempts: '
                  || coalesce(nullif(last_error, ''), 'its worker died every time')"""

PROOFS = (
    Proof(
        "entry_balances",
        "A ledger entry does not balance, or has fewer than two legs.",
        """select e.key, coalesce(string_agg(l.amount_cents || ' ' || l.currency, ', '
                  order by l.id), 'no legs')
             from payouts_ledgerentry e
             left join payouts_ledgerleg l on l.entry_id = e.id
            group by e.id, e.key
           having count(l.id) < 2 or exists (
             select 1 from payouts_ledgerleg x where x.entry_id = e.id
              group by x.currency having sum(x.amount_cents) <> 0)""",
    ),
    Proof(
        "commission_is_in_the_ledger",
        "A commission has no entry of its amount.",
        """select 'commission ' || c.id, c.amount_cents || ' against '
                  || coalesce(l.amount_cents::text, 'nothing')
             from payouts_commission c
             left join payouts_ledgerentry e on e.key = 'commission:' || c.id
             left join payouts_ledgerleg l on l.entry_id = e.id and exists (
               select 1 from payouts_ledgeraccount a
                where a.id = l.account_id and a.kind = 'shop_owed'
                  and a.shop_id = c.shop_id)
            where c.amount_cents <> 0
              and l.amount_cents is distinct from c.amount_cents""",
    ),
    Proof(
        "balance_equals_the_ledger",
        "What a creator's commissions add up to is not what the ledger says.",
        f"""with shown as (
             select creator_id, currency, kind, sum(amount_cents) as cents
               from ({_EXPECTED}) x where kind <> 'settled' group by 1, 2, 3
           ), booked as (
             select a.creator_id, a.currency, a.kind, -sum(l.amount_cents) as cents
               from payouts_ledgeraccount a
               join payouts_ledgerleg l on l.account_id = a.id
              where a.creator_id is not null group by 1, 2, 3
           )
           select 'creator ' || coalesce(s.creator_id, b.creator_id) || ' '
                  || coalesce(s.kind, b.kind),
                  coalesce(s.cents, 0) || ' shown, ' || coalesce(b.cents, 0)
                  || ' in the ledger, ' || coalesce(s.currency, b.currency)
             from shown s full join booked b using (creator_id, currency, kind)
            where coalesce(s.cents, 0) <> coalesce(b.cents, 0)""",
    ),
    Proof(
        "shop_owes_what_was_earned",
        "What a shop owes is not the sum of the commissions on its orders.",
        """select 'shop ' || c.shop_id, c.cents || ' earned, ' || coalesce(b.cents, 0)
                  || ' in the ledger, ' || c.currency
             from (select shop_id, currency, sum(amount_cents) as cents
                     from payouts_commission group by 1, 2) c
             left join (select a.shop_id, a.currency, sum(l.amount_cents) as cents
                          from payouts_ledgeraccount a
                          join payouts_ledgerleg l on l.account_id = a.id
                         where a.kind = 'shop_owed' group by 1, 2) b
               on b.shop_id = c.shop_id and b.currency = c.currency
            where c.cents <> coalesce(b.cents, 0)""",
    ),
    Proof(
        "line_has_one_verdict",
        "An order line has no verdict and does not wait for one.",
        """select 'line ' || l.id, 'order ' || l.order_id from shops_orderline l
            where not exists (select 1 from creators_verdict v where v.line_id = l.id)
              and not exists (select 1 from shops_unsettledline u
                               where u.line_id = l.id)""",
    ),
    Proof(
        "refunds_add_up",
        "A line's refunded amount is not the sum of its refunds.",
        """select 'line ' || l.id, l.refunded_cents || ' kept, '
                  || coalesce(r.cents, 0) || ' refunded'
             from shops_orderline l
             left join (select line_id, sum(net_cents) as cents
                          from shops_refundline group by line_id) r on r.line_id = l.id
            where l.refunded_cents <> coalesce(r.cents, 0)""",
    ),
    Proof(
        "line_earns_what_its_facts_say",
        "A line's commissions are not what its remaining base earns at its snapshot.",
        """select 'line ' || x.line_id || ' creator ' || x.creator_id,
                  x.stands || ' stands, ' || x.earned || ' earned'
             from (
               select c.line_id, c.creator_id, sum(c.amount_cents) as stands,
                      max(case when o.status = 'paid' and v.creator_id = c.creator_id
                           and s.decline_reason = ''
                          then commission_within(
                            l.net_cents - l.refunded_cents, l.net_cents, l.quantity,
                            s.rate_bp, s.flat_cents, s.multiplier_pct, s.cap_bp,
                            s.extra_cents, s.most_cents)
                          else 0 end) as earned
                 from payouts_commission c
                 join payouts_commission s on s.line_id = c.line_id
                  and s.creator_id = c.creator_id and s.number = 0
                 join shops_orderline l on l.id = c.line_id
                 join shops_order o on o.id = l.order_id
                 join creators_verdict v on v.line_id = l.id
                where not exists (select 1 from shops_unsettledline u
                                   where u.line_id = l.id)
                  and not exists (select 1 from creators_unaccruedverdict u
                                   where u.verdict_id = l.id)
                group by c.line_id, c.creator_id) x
            where x.stands <> x.earned""",
    ),
    Proof(
        "budget_is_what_was_granted",
        "A budget has spent something else than what was granted to sales.",
        """select 'budget ' || b.id, b.spent_cents || ' spent, '
                  || coalesce(g.cents, 0) || ' granted'
             from shops_budget b
             left join lateral (
               select sum(case when b.boost_id is null then c.most_cents
                               else c.extra_cents end) as cents
                 from payouts_commission c
                where c.program_id = b.program_id
                  and (b.boost_id is null or c.boost_id = b.boost_id)) g on true
            where b.spent_cents <> coalesce(g.cents, 0)""",
    ),
    Proof(
        "void_is_worth_nothing",
        "What became void of a line is worth something: it was voided by halves.",
        """select 'line ' || line_id || ' creator ' || creator_id,
                  sum(amount_cents) || ' void'
             from payouts_commission where status = 'void'
            group by line_id, creator_id having sum(amount_cents) <> 0""",
    ),
    Proof(
        "attributed_line_has_a_sale",
        "An attributed line has no commission and does not wait for one.",
        """select 'line ' || v.line_id, 'creator ' || v.creator_id
             from creators_verdict v
            where v.state = 'attributed'
              and not exists (select 1 from payouts_commission c
                               where c.line_id = v.line_id
                                 and c.creator_id = v.creator_id and c.number = 0)
              and not exists (select 1 from creators_unaccruedverdict u
                               where u.verdict_id = v.line_id)""",
    ),
    Proof(
        "payout_equals_its_lines",
        "A payout is not the sum of its lines, or a line not its commission.",
        """select p.end_to_end_id, p.amount_cents || ' against '
                  || coalesce(l.cents, 0) || ' of lines and '
                  || coalesce(l.earned, 0) || ' of commissions'
             from payouts_payout p
             left join (select x.payout_id, sum(x.amount_cents) as cents,
                               sum(c.amount_cents) as earned,
                               bool_or(x.amount_cents <> c.amount_cents
                                       or c.creator_id <> y.creator_id) as is_off
                          from payouts_payoutline x
                          join payouts_payout y on y.id = x.payout_id
                          join payouts_commission c on c.id = x.commission_id
                         where x.is_active
                         group by x.payout_id) l on l.payout_id = p.id
            where (p.amount_cents is distinct from l.cents or l.is_off)
              and p.status not in ('returned', 'dropped')""",
    ),
    Proof(
        "run_fits_its_payouts",
        "A payout is further than its run, or behind it.",
        """select p.end_to_end_id, p.status || ' in a run that is ' || r.status
             from payouts_payout p join payouts_run r on r.id = p.run_id
            where (r.status, p.status) not in (
              ('building', 'draft'), ('draft', 'draft'), ('approved', 'draft'),
              ('sent', 'sent'), ('sent', 'paid'), ('sent', 'returned'),
              ('finished', 'paid'), ('finished', 'returned'),
              ('dropped', 'dropped'))""",
    ),
    Proof(
        "commission_is_paid_once",
        "A commission's state does not fit its payout lines.",
        """select 'commission ' || c.id, c.status || ' with '
                  || count(l.id) || ' live payout lines'
             from payouts_commission c
             left join payouts_payoutline l on l.commission_id = c.id and l.is_active
            group by c.id, c.status
           having count(l.id) <> case when c.status in ('in_run', 'paid')
                                      then 1 else 0 end""",
    ),
    Proof(
        "payout_goes_to_its_creator",
        "A payout goes to an account that is not its creator's, or not verified.",
        """select p.end_to_end_id, 'account ' || b.id || ' of creator ' || b.creator_id
             from payouts_payout p
             join payouts_bankaccount b on b.id = p.bank_account_id
            where b.creator_id <> p.creator_id or b.verified_at is null
               or b.currency <> p.currency""",
    ),
    Proof(
        "early_event_waits_for_its_order",
        "A refund, cancellation or delivery was kept although its order is here.",
        """select e.kind || ' of ' || e.order_external_id, e.key
             from shops_earlyevent e
             join shops_order o on o.shop_id = e.shop_id
              and o.external_id = e.order_external_id
            where e.refusal = ''""",
    ),
    Proof(
        "line_can_be_judged",
        "A line was set aside: judging it failed again and again.",
        f"""select 'line ' || line_id, {_WHY}
             from shops_unsettledline where attempts >= {queues.MAX_ATTEMPTS}""",
    ),
    Proof(
        "line_can_be_accrued",
        "A line was set aside: what it earns could not be written.",
        f"""select 'line ' || verdict_id, {_WHY}
             from creators_unaccruedverdict
            where attempts >= {queues.MAX_ATTEMPTS}""",
    ),
    Proof(
        "commission_can_be_approved",
        "A commission was set aside: approving it failed again and again.",
        f"""select 'commission ' || s.commission_id, {_WHY}
             from payouts_stuckapproval s
             join payouts_commission c on c.id = s.commission_id
            where c.status = 'pending' and s.attempts >= {queues.MAX_ATTEMPTS}""",
    ),
    Proof(
        "run_can_be_built",
        "A part of a run was parked: building it failed again and again.",
        f"""select r.message_id || ' creators ' || s.first_creator_id || ' to '
                  || s.last_creator_id, {_WHY}
             from payouts_runchunk s join payouts_run r on r.id = s.run_id
            where r.status = 'building' and s.built_at is null
              and s.attempts >= {CHUNK_ATTEMPTS}""",
    ),
)


def findings() -> Iterator[Finding]:
    """Yield what is wrong, at most 20 of each kind; nothing when all is well."""
    with connection.cursor() as cursor:
        for proof in PROOFS:
            cursor.execute(f"{proof.select} order by 1 limit {_SHOWN}")
            for subject, figures in cursor.fetchall():
                yield Finding(proof.name, proof.meaning, subject, figures)
