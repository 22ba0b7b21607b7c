"""Budgets of boosts and of programs hold to the cent (rules B4, P4)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0010_check_nothing_twice'),
    ]

    operations = [
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_cents', models.PositiveBigIntegerField(help_text="In minor units of the program's currency.", verbose_name='budget')),
                ('spent_cents', models.PositiveBigIntegerField(db_default=0, default=0, verbose_name='spent')),
                ('closed_at', models.DateTimeField(editable=False, null=True, verbose_name='used up at')),
            ],
            options={
                'verbose_name': 'budget',
                'verbose_name_plural': 'budgets',
            },
        ),
        migrations.AddConstraint(
            model_name='boost',
            constraint=models.UniqueConstraint(fields=('id', 'program'), name='boost_carries_its_program'),
        ),
        migrations.AddField(
            model_name='budget',
            name='boost',
            field=models.OneToOneField(blank=True, help_text='Empty: of the whole program.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='budget', to='shops.boost', verbose_name='boost'),
        ),
        migrations.AddField(
            model_name='budget',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budgets', to='shops.program', verbose_name='program'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.UniqueConstraint(condition=models.Q(('boost__isnull', True)), fields=('program',), name='program_has_one_budget'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('spent_cents__lte', models.F('amount_cents'))), name='budget_is_never_overspent', violation_error_message='A budget is not less than what is spent.'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('spent_cents__lt', models.F('amount_cents'))), models.Q(('closed_at__isnull', False), ('spent_cents__gte', models.F('amount_cents'))), _connector='OR'), name='budget_is_closed_once_spent'),
        ),
        migrations.RunSQL(
            "alter table shops_budget add constraint budget_boost_is_of_its_program "
            "foreign key (boost_id, program_id) references shops_boost (id, program_id) "
            "deferrable initially deferred",
            "alter table shops_budget drop constraint budget_boost_is_of_its_program",
        ),
    ]
