"""What a line earns, as one function that every statement shares (rules M3, B2, C4)."""

from django.db import migrations

FUNCTION = """
create function commission_cents(
  remaining bigint, net bigint, quantity bigint, rate_bp int, flat_cents bigint,
  multiplier_pct int, cap_bp int
) returns bigint language sql immutable parallel safe as $$
  select case
    when remaining <= 0 then 0
    when rate_bp is not null then
      round_half_up(remaining::numeric * least(rate_bp * multiplier_pct, cap_bp * 100),
                    1000000)
    else least(
      round_half_up(flat_cents::numeric * quantity * multiplier_pct * remaining,
                    100::numeric * net),
      remaining * cap_bp / 10000)
  end
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0003_guard_commissions_and_payouts"),
        ("common", "0002_add_round_half_up"),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTION,
            "drop function commission_cents(bigint, bigint, bigint, int, bigint, int, int)",
        ),
    ]
