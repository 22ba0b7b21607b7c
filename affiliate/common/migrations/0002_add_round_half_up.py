from django.db import migrations


class Migration(migrations.Migration):
    """The SQL twin of affiliate.common.money.round_half_up.

    Each argument stands once in the body, so that the planner inlines the function
    however costly the expressions are. The thirty decimals make the quotient exact
    enough for any denominator below 10^29; round() takes a half away from zero.
    """

    dependencies = [("common", "0001_create_user")]

    operations = [
        migrations.RunSQL(
            sql="""
            create function round_half_up(numerator numeric, denominator numeric)
            returns bigint language sql immutable parallel safe as $$
                select round(
                    (numerator + 0.000000000000000000000000000000) / denominator
                )::bigint
            $$
            """,
            reverse_sql="drop function round_half_up(numeric, numeric)",
        ),
    ]
