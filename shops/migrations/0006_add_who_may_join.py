"""Which creators a program takes, when it ends, and the text they accept."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0004_accept_tiktok_shop_secrets'),
    ]

    operations = [
        migrations.CreateModel(
            name='TermsVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('text', models.TextField(verbose_name='text')),
                ('published_at', models.DateTimeField(verbose_name='published at')),
                ('in_force_from', models.DateTimeField(verbose_name='in force from')),
            ],
            options={
                'verbose_name': 'version of the terms',
                'verbose_name_plural': 'versions of the terms',
            },
        ),
        migrations.AddField(
            model_name='program',
            name='countries',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, help_text='Where the creators live, such as FR. Empty: anywhere.', size=None, verbose_name='countries'),
        ),
        migrations.AddField(
            model_name='program',
            name='end_announced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='end announced at'),
        ),
        migrations.AddField(
            model_name='program',
            name='ends_at',
            field=models.DateTimeField(blank=True, help_text='First moment at which an order is no longer attributed.', null=True, verbose_name='ends at'),
        ),
        migrations.AddField(
            model_name='program',
            name='least_age',
            field=models.PositiveSmallIntegerField(default=18, help_text='From 18 to 99.', verbose_name='least age'),
        ),
        migrations.AddField(
            model_name='program',
            name='least_followers',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='least followers'),
        ),
        migrations.AddField(
            model_name='program',
            name='most_followers',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='most followers'),
        ),
        migrations.AddField(
            model_name='program',
            name='niches',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='One of them is enough. Empty: any.', size=None, verbose_name='niches'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Regex(django.db.models.functions.comparison.Cast(models.F('countries'), models.TextField()), '^\\{([A-Z]{2}(,[A-Z]{2})*)?\\}$'), name='program_countries_are_iso', violation_error_message='Two capital letters each, such as FR.'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=models.Q(('least_followers__isnull', True), ('most_followers__isnull', True), ('most_followers__gte', models.F('least_followers')), _connector='OR'), name='program_takes_some_number_of_followers', violation_error_message='At most is less than at least.'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=models.Q(('least_age__gte', 18), ('least_age__lte', 99)), name='program_least_age_is_18_to_99', violation_error_message='From 18 to 99.'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_announced_at__isnull', True), ('ends_at__isnull', True)), models.Q(('end_announced_at__isnull', False), ('end_announced_at__lte', models.F('ends_at')), ('ends_at__isnull', False)), _connector='OR'), name='program_end_is_announced_before'),
        ),
        migrations.AddField(
            model_name='termsversion',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms_versions', to='shops.program', verbose_name='program'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=models.UniqueConstraint(fields=('program', 'number'), name='terms_version_number_is_unique_in_program'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=models.UniqueConstraint(fields=('id', 'program'), name='terms_version_carries_its_program'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=models.CheckConstraint(condition=models.Q(('in_force_from__gte', models.F('published_at'))), name='terms_version_is_published_before_it_holds'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), models.Q(('text', ''), _negated=True)), name='terms_version_has_number_and_text'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsversion',
            trigger=pgtrigger.compiler.Trigger(name='shops_termsversion_is_never_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'shops_termsversion is append-only.' using errcode = '23514', constraint = 'shops_termsversion_is_never_updated';", hash='e9090ad2e6abad53093d81c569cf8b19d331c901', operation='UPDATE', pgid='pgtrigger_shops_termsversion_is_never_updated_b16d5', table='shops_termsversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsversion',
            trigger=pgtrigger.compiler.Trigger(name='shops_termsversion_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'shops_termsversion is append-only.' using errcode = '23514', constraint = 'shops_termsversion_is_never_deleted';", hash='4652025a26e8f830631d9303593331b6ee5f42ff', operation='DELETE', pgid='pgtrigger_shops_termsversion_is_never_deleted_4e098', table='shops_termsversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsversion',
            trigger=pgtrigger.compiler.Trigger(name='shops_termsversion_is_never_truncated', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'shops_termsversion is append-only.' using errcode = '23514', constraint = 'shops_termsversion_is_never_truncated';", hash='e0b245a0b78ddfd4dae4150de6c551c2070b2d53', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_shops_termsversion_is_never_truncated_0dfc7', table='shops_termsversion', when='BEFORE')),
        ),
    ]
