"""A sale by a rate with a cap has a place under it (rule C6)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0003_count_attempts_to_accrue'),
        ('payouts', '0005_count_attempts_to_approve_and_build'),
        ('shops', '0008_announce_terms_and_add_conditions'),
    ]

    operations = [
        migrations.CreateModel(
            name='CappedSale',
            fields=[
                ('commission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='payouts.commission')),
                ('most_sales', models.PositiveIntegerField()),
                ('period_starts_on', models.DateField(help_text="The shop's own day; all time begins in 2000.")),
                ('place', models.PositiveIntegerField(null=True)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creators.creator')),
                ('rate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.rate')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('rate', 'creator', 'period_starts_on', 'place'), name='capped_sale_has_a_place_of_its_own'), models.CheckConstraint(condition=models.Q(('place__isnull', True), models.Q(('place__gte', 1), ('place__lte', models.F('most_sales'))), _connector='OR'), name='capped_sale_stays_under_its_cap')],
            },
        ),
        migrations.RunSQL(
            "alter table payouts_cappedsale "
            "add constraint capped_sale_has_the_cap_of_its_rate "
            "foreign key (rate_id, most_sales) references shops_rate (id, most_sales) "
            "deferrable initially deferred",
            "alter table payouts_cappedsale "
            "drop constraint capped_sale_has_the_cap_of_its_rate",
        ),
    ]
