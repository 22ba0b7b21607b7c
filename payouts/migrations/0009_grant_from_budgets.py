"""What budgets granted a sale is a fact of it, and holds its later corrections too."""

from django.db import migrations, models

WITHIN = """
create function commission_within(
  remaining bigint, net bigint, quantity bigint, rate_bp int, flat_cents bigint,
  multiplier_pct int, cap_bp int, extra_cents bigint, most_cents bigint
) returns bigint language sql immutable parallel safe as $$
  select case
    when extra_cents is null and most_cents is null then
      commission_cents(remaining, net, quantity, rate_bp, flat_cents, multiplier_pct,
                       cap_bp)
    else least(
      commission_cents(remaining, net, quantity, rate_bp, flat_cents, multiplier_pct,
                       cap_bp),
      commission_cents(remaining, net, quantity, rate_bp, flat_cents, 100, cap_bp)
        + extra_cents,
      most_cents)
  end
$$
"""

FACTS = [
    "line_id", "shop_id", "program_id", "creator_id", "kind", "number", "currency",
    "amount_cents", "base_cents", "rate_id", "rate_bp", "flat_cents", "boost_id",
    "multiplier_pct", "cap_bp",
]


def facts_stay(columns):
    def row(of):
        return ", ".join(f"{of}.{column}" for column in columns)

    return (
        "drop trigger commission_facts_stay on payouts_commission;"
        "create trigger commission_facts_stay before update on payouts_commission "
        f"for each row when (({row('old')}) is distinct from ({row('new')})) "
        "execute function refuse_change()"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0008_check_statements_not_rows'),
        ('shops', '0011_add_budgets'),
    ]

    operations = [
        migrations.RunSQL(
            WITHIN,
            "drop function commission_within("
            "bigint, bigint, bigint, int, bigint, int, int, bigint, bigint)",
        ),
        migrations.AddField(
            model_name='commission',
            name='extra_cents',
            field=models.PositiveBigIntegerField(help_text='The boost adds no more: what its budget had left (B4).', null=True),
        ),
        migrations.AddField(
            model_name='commission',
            name='most_cents',
            field=models.PositiveBigIntegerField(help_text="The line earns no more: the program's budget (P4).", null=True),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'sale'), _negated=True), ('most_cents__isnull', True), ('amount_cents__lte', models.F('most_cents')), _connector='OR'), name='commission_stays_within_its_grant'),
        ),
        migrations.RunSQL(
            facts_stay([*FACTS, "extra_cents", "most_cents"]), facts_stay(FACTS)
        ),
    ]
