"""TikTok Shop signs too, with an app key and an app secret: kept as key:secret."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0003_count_attempts_to_settle'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhooksecret',
            name='system',
            field=models.CharField(choices=[('shopify', 'Shopify'), ('woocommerce', 'WooCommerce'), ('tiktok_shop', 'TikTok Shop')], max_length=20, verbose_name='shop system'),
        ),
        migrations.AddConstraint(
            model_name='webhooksecret',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('system', 'tiktok_shop'), _negated=True), ('secret__regex', '^[^:]+:.+$'), _connector='OR'), name='tiktok_shop_secret_has_its_app_key', violation_error_message='TikTok Shop needs the app key and the app secret: key:secret.'),
        ),
    ]
