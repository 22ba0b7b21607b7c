"""A verdict that cannot be accrued is counted, and set aside."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0002_tie_rows_to_their_program'),
    ]

    operations = [
        migrations.AddField(
            model_name='unaccruedverdict',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='unaccruedverdict',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='unaccruedverdict',
            name='last_error',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
    ]
