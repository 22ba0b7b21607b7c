"""Invitations, applications, rejections with a way back, accepted terms."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0003_count_attempts_to_accrue'),
        ('shops', '0007_demand_notice_of_new_terms'),
    ]

    operations = [
        migrations.CreateModel(
            name='TermsAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField(verbose_name='accepted at')),
                ('address_hash', models.CharField(help_text='A keyed hash: proves an address that is named, tells none.', max_length=64, verbose_name='address')),
            ],
            options={
                'verbose_name': 'acceptance of terms',
                'verbose_name_plural': 'acceptances of terms',
            },
        ),
        migrations.RemoveConstraint(
            model_name='enrollment',
            name='enrollment_status_is_known',
        ),
        migrations.AddField(
            model_name='creator',
            name='born_on',
            field=models.DateField(blank=True, help_text='Programs ask for an age; without it none can be joined.', null=True, verbose_name='born on'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='again_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='may apply again from'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='asked_at',
            field=models.DateTimeField(blank=True, help_text='When the creator last applied, or was last invited.', null=True, verbose_name='asked at'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='may_apply_again',
            field=models.CharField(blank=True, choices=[('now', 'at once'), ('later', 'after a delay'), ('never', 'never')], max_length=5, verbose_name='may apply again'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='reason',
            field=models.CharField(blank=True, help_text='Why it was rejected or ended; the creator reads it.', max_length=200, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='enrollment',
            name='status',
            field=models.CharField(choices=[('invited', 'invited'), ('applied', 'applied'), ('active', 'active'), ('rejected', 'rejected'), ('ended', 'ended')], max_length=8, verbose_name='status'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['invited', 'applied', 'active', 'rejected', 'ended'])), name='enrollment_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('again_at__isnull', True), ('may_apply_again', ''), models.Q(('status', 'rejected'), _negated=True)), models.Q(('may_apply_again__in', ['now', 'never']), ('status', 'rejected'), ('again_at__isnull', True), models.Q(('reason', ''), _negated=True)), models.Q(('may_apply_again', 'later'), ('status', 'rejected'), ('again_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='enrollment_rejection_says_why_and_when_again'),
        ),
        migrations.AddField(
            model_name='termsacceptance',
            name='enrollment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='creators.enrollment', verbose_name='enrollment'),
        ),
        migrations.AddField(
            model_name='termsacceptance',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.program'),
        ),
        migrations.AddField(
            model_name='termsacceptance',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='shops.termsversion', verbose_name='version'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.UniqueConstraint(fields=('enrollment', 'version'), name='terms_are_accepted_once'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.CheckConstraint(condition=models.Q(('address_hash__regex', '^[0-9a-f]{64}$')), name='terms_acceptance_keeps_a_keyed_hash'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsacceptance',
            trigger=pgtrigger.compiler.Trigger(name='creators_termsacceptance_is_never_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'creators_termsacceptance is append-only.' using errcode = '23514', constraint = 'creators_termsacceptance_is_never_updated';", hash='287ab051679bb3d7ecde5eeae1a49dec4d4d4d4b', operation='UPDATE', pgid='pgtrigger_creators_termsacceptance_is_never_updated_6a8bc', table='creators_termsacceptance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsacceptance',
            trigger=pgtrigger.compiler.Trigger(name='creators_termsacceptance_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'creators_termsacceptance is append-only.' using errcode = '23514', constraint = 'creators_termsacceptance_is_never_deleted';", hash='d84f3d8cfa4bd140add7bb72043cc00ac5112ea9', operation='DELETE', pgid='pgtrigger_creators_termsacceptance_is_never_deleted_53139', table='creators_termsacceptance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termsacceptance',
            trigger=pgtrigger.compiler.Trigger(name='creators_termsacceptance_is_never_truncated', sql=pgtrigger.compiler.UpsertTriggerSql(func="raise exception 'creators_termsacceptance is append-only.' using errcode = '23514', constraint = 'creators_termsacceptance_is_never_truncated';", hash='9af751a1c38bd9607c27a6f2250b95ee5fdcef4d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_creators_termsacceptance_is_never_truncated_5ac03', table='creators_termsacceptance', when='BEFORE')),
        ),
    ]
