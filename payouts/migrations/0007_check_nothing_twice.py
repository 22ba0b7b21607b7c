"""Single-column keys that the keys of two columns imply are not checked once more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0006_check_nothing_twice'),
        ('payouts', '0006_keep_places_under_caps'),
    ]

    operations = [
        migrations.AlterField(
            model_name='commission',
            name='creator',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='creators.creator', verbose_name='creator'),
        ),
        migrations.AlterField(
            model_name='commission',
            name='enrollment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creators.enrollment'),
        ),
        migrations.AlterField(
            model_name='commission',
            name='line',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='shops.orderline', verbose_name='order line'),
        ),
        migrations.AlterField(
            model_name='commission',
            name='program',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.program', verbose_name='program'),
        ),
        migrations.AlterField(
            model_name='commission',
            name='shop',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='shops.shop', verbose_name='shop'),
        ),
        migrations.AlterField(
            model_name='ledgerleg',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='payouts.ledgeraccount', verbose_name='account'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='bank_account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payouts.bankaccount', verbose_name='bank account'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='creator',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='creators.creator', verbose_name='creator'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payouts.run', verbose_name='run'),
        ),
    ]
