"""What cannot be approved or built is counted, and set aside."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0004_add_commission_amount'),
    ]

    operations = [
        migrations.CreateModel(
            name='StuckApproval',
            fields=[
                ('commission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='payouts.commission')),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, db_default='', max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='runchunk',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='runchunk',
            name='last_error',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
    ]
