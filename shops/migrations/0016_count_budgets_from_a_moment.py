"""A budget that is set while creators sell counts only what is placed from then on."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0015_keep_plans_of_programs'),
    ]

    operations = [
        migrations.AddField(
            model_name='budget',
            name='counts_from',
            field=models.DateTimeField(editable=False, help_text='What was placed before it was set does not count.', null=True, verbose_name='counts orders from'),
        ),
    ]
