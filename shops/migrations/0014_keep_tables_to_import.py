"""Tables that merchants bring, between upload and import."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0012_date_program_settings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TableImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('products', 'products'), ('rates', 'rates'), ('creators', 'invitations')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('language', models.CharField(help_text='Of the reasons it is told.', max_length=10)),
                ('options', models.JSONField(default=dict, help_text='What was chosen beside the file: ids and rates.')),
                ('body', models.BinaryField(null=True)),
                ('status', models.CharField(choices=[('reading', 'being read'), ('ready', 'waits for you'), ('writing', 'being imported'), ('done', 'imported'), ('refused', 'cannot be read'), ('dropped', 'discarded')], default='reading', max_length=8, verbose_name='status')),
                ('plan', models.JSONField(help_text='What the import would change, or has changed.', null=True)),
                ('digest', models.CharField(blank=True, help_text="Of every row's outcome in that plan.", max_length=64)),
                ('rejects', models.BinaryField(null=True)),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(verbose_name='brought at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='imported at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='brought by')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='table_imports', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'imported table',
                'verbose_name_plural': 'imported tables',
                'indexes': [models.Index(fields=['status', 'id'], name='table_import_by_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['reading', 'ready', 'writing', 'done', 'refused', 'dropped'])), name='table_import_status_is_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['products', 'rates', 'creators'])), name='table_import_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('body__isnull', False), ('status__in', ('reading', 'ready', 'writing'))), models.Q(models.Q(('status__in', ('reading', 'ready', 'writing')), _negated=True), ('body__isnull', True)), _connector='OR'), name='table_import_keeps_its_file_while_open')],
            },
        ),
    ]
