"""Restricted goods of programs and categories, and the proofs for them (rule P5)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0008_announce_terms_and_add_conditions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='gate_codes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, help_text='Programs that do not exclude it have to meet their gates.', size=None, verbose_name='restricted goods'),
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None, verbose_name='restricted goods')),
                ('platforms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, help_text='Where creators may post. Empty: anywhere.', size=None, verbose_name='platforms')),
                ('excludes_minors', models.BooleanField(default=False, help_text='The age exclusion of every platform is on.', verbose_name='minors are kept out')),
                ('notice', models.CharField(blank=True, help_text='The legal words that creators have to show.', max_length=500, verbose_name='notice')),
                ('program', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='restriction', to='shops.program', verbose_name='program')),
            ],
            options={
                'verbose_name': 'restricted goods of a program',
                'verbose_name_plural': 'restricted goods of programs',
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, verbose_name='restricted goods')),
                ('reference', models.CharField(help_text='Number and authority of a licence, or what was reviewed.', max_length=120, verbose_name='reference')),
                ('expires_on', models.DateField(verbose_name='last day')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'licence',
                'verbose_name_plural': 'licences',
                'constraints': [models.UniqueConstraint(fields=('shop', 'code', 'reference'), name='licence_is_kept_once', violation_error_message='This licence is there already.'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('reference', ''), _negated=True)), name='licence_names_goods_and_reference'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='licence_is_reviewed_by_someone')],
            },
        ),
    ]
