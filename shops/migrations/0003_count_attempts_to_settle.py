"""A line that cannot be judged is counted, and set aside (affiliate.common.queues)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0002_tie_rows_to_their_shop'),
    ]

    operations = [
        migrations.AddField(
            model_name='unsettledline',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='unsettledline',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='unsettledline',
            name='last_error',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
    ]
