from django.db import migrations, models


class Migration(migrations.Migration):
    """Remember how many units a refund gave back, to share what is left exactly."""

    dependencies = [("shops", "0002_tie_rows_to_their_shop")]

    operations = [
        migrations.AddField(
            model_name="refundline",
            name="quantity",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Units given back; 0 where the shop names an amount only.",
            ),
        ),
    ]
