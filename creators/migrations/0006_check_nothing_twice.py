"""Single-column keys that the keys of two columns imply are not checked once more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0005_guard_the_life_of_enrollments'),
        ('shops', '0008_announce_terms_and_add_conditions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='enrollment',
            name='program',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='shops.program', verbose_name='program'),
        ),
        migrations.AlterField(
            model_name='unaccruedverdict',
            name='verdict',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='creators.verdict'),
        ),
        migrations.AlterField(
            model_name='verdict',
            name='creator',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='creators.creator', verbose_name='creator'),
        ),
        migrations.AlterField(
            model_name='verdict',
            name='enrollment',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creators.enrollment'),
        ),
        migrations.AlterField(
            model_name='verdict',
            name='line',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='verdict', serialize=False, to='shops.orderline', verbose_name='order line'),
        ),
        migrations.AlterField(
            model_name='verdict',
            name='program',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.program', verbose_name='program'),
        ),
        migrations.AlterField(
            model_name='verdict',
            name='shop',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.shop', verbose_name='shop'),
        ),
        migrations.AddIndex(
            model_name='enrollment',
            index=models.Index(fields=['program', 'id'], name='enrollment_by_program'),
        ),
    ]
