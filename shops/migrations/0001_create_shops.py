import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('common', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='slug')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('country', models.CharField(help_text='Its public holidays move deadlines.', max_length=2, verbose_name='country')),
                ('time_zone', models.CharField(default='Europe/Paris', max_length=60, verbose_name='time zone')),
                ('hosts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=253), blank=True, default=list, help_text='Links lead only to these.', size=None, verbose_name='hosts')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'shop',
                'verbose_name_plural': 'shops',
                'constraints': [models.UniqueConstraint(fields=('slug',), name='shop_slug_is_unique'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='shop_currency_is_iso', violation_error_message='Three capital letters, such as EUR.'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='shop_country_is_iso', violation_error_message='Two capital letters, such as FR.')],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=60, verbose_name='slug')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='shops.category', verbose_name='parent')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'constraints': [models.UniqueConstraint(fields=('shop', 'slug'), name='category_slug_is_unique_in_shop'), models.UniqueConstraint(fields=('id', 'shop'), name='category_carries_its_shop'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='category_is_not_its_own_parent')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=100, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='address')),
                ('price_cents', models.BigIntegerField(blank=True, null=True, verbose_name='price')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('image_url', models.URLField(blank=True, max_length=500, verbose_name='picture')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='shops.category', verbose_name='category')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'constraints': [models.UniqueConstraint(fields=('shop', 'sku'), name='product_sku_is_unique_in_shop', violation_error_message='This shop already has this SKU.'), models.UniqueConstraint(fields=('id', 'shop'), name='product_carries_its_shop'), models.CheckConstraint(condition=models.Q(('price_cents__isnull', True), ('price_cents__gte', 0), _connector='OR'), name='product_price_is_not_negative', violation_error_message='A price cannot be negative.')],
            },
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='slug')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('active', 'active'), ('paused', 'paused'), ('ended', 'ended')], default='draft', max_length=6, verbose_name='status')),
                ('enrollment', models.CharField(choices=[('open', 'anyone eligible'), ('approval', 'on approval'), ('invitation', 'by invitation')], default='open', max_length=10, verbose_name='who may join')),
                ('rate_bp', models.PositiveIntegerField(help_text='In basis points: 1000 is 10 %.', verbose_name='default rate')),
                ('cap_bp', models.PositiveIntegerField(default=8000, help_text='Rate and boost together never pay more. 8000 is 80 %.', verbose_name='highest rate')),
                ('code_policy', models.CharField(choices=[('always', 'a code alone earns'), ('if_involved', 'if the creator also has a click in the window'), ('if_winner', "only if the creator's click wins")], default='always', max_length=11, verbose_name='codes')),
                ('window_days', models.PositiveSmallIntegerField(default=30, verbose_name='attribution window in days')),
                ('hold_days', models.PositiveSmallIntegerField(default=30, verbose_name='hold in days')),
                ('shipping_days', models.PositiveSmallIntegerField(default=5, help_text='The hold starts that long after the order, if no delivery is known.', verbose_name='days of shipping')),
                ('rate_lock_days', models.PositiveSmallIntegerField(default=30, verbose_name='notice of a lower rate in days')),
                ('halo', models.BooleanField(default=True, verbose_name='a click credits other products too')),
                ('catalogue_only', models.BooleanField(default=False, verbose_name='only products of the catalogue earn')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programs', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'program',
                'verbose_name_plural': 'programs',
                'constraints': [models.UniqueConstraint(fields=('slug',), name='program_slug_is_unique', violation_error_message='This slug is taken.'), models.UniqueConstraint(fields=('id', 'shop'), name='program_carries_its_shop'), models.CheckConstraint(condition=models.Q(('cap_bp__lte', 8000), ('rate_bp__gte', 100), ('rate_bp__lte', models.F('cap_bp'))), name='program_rate_is_between_floor_and_cap', violation_error_message='A rate lies between 1 %% and 80 %%.'), models.CheckConstraint(condition=models.Q(('window_days__gte', 1), ('window_days__lte', 90)), name='program_window_is_1_to_90_days', violation_error_message='From 1 to 90 days.'), models.CheckConstraint(condition=models.Q(('hold_days__lte', 60)), name='program_hold_is_at_most_60_days', violation_error_message='At most 60 days.'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'paused', 'ended'])), name='program_status_is_known'), models.CheckConstraint(condition=models.Q(('code_policy__in', ['always', 'if_involved', 'if_winner'])), name='program_code_policy_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Audience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=60, verbose_name='slug')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('group', 'group'), ('creator', 'one creator')], max_length=7, verbose_name='kind')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audiences', to='shops.program', verbose_name='program')),
            ],
            options={
                'verbose_name': 'audience',
                'verbose_name_plural': 'audiences',
                'constraints': [models.UniqueConstraint(fields=('program', 'kind', 'slug'), name='audience_slug_is_unique_in_program'), models.UniqueConstraint(fields=('id', 'program'), name='audience_carries_its_program'), models.CheckConstraint(condition=models.Q(('kind__in', ['group', 'creator'])), name='audience_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=100, verbose_name='order number')),
                ('version', models.BigIntegerField(verbose_name='version')),
                ('content_hash', models.CharField(editable=False, max_length=64)),
                ('placed_at', models.DateTimeField(verbose_name='placed at')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('status', models.CharField(choices=[('pending', 'not paid yet'), ('paid', 'paid'), ('cancelled', 'cancelled')], max_length=9, verbose_name='status')),
                ('buyer_hash', models.CharField(blank=True, editable=False, help_text='Keyed; never the address.', max_length=64)),
                ('buyer_country', models.CharField(blank=True, max_length=2, verbose_name="buyer's country")),
                ('clicks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled at')),
                ('delivered_at', models.DateTimeField(blank=True, help_text='The last parcel.', null=True, verbose_name='delivered at')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'indexes': [models.Index(fields=['shop', '-placed_at'], name='order_by_shop_and_time')],
                'constraints': [models.UniqueConstraint(fields=('shop', 'external_id'), name='order_is_known_once_per_shop'), models.UniqueConstraint(fields=('id', 'shop'), name='order_carries_its_shop'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'paid', 'cancelled'])), name='order_status_is_known')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=100, verbose_name='line')),
                ('sku', models.CharField(max_length=100, verbose_name='SKU')),
                ('quantity', models.PositiveIntegerField(verbose_name='quantity')),
                ('net_cents', models.BigIntegerField(verbose_name='paid without VAT')),
                ('tax_cents', models.BigIntegerField(default=0, verbose_name='VAT')),
                ('refunded_cents', models.BigIntegerField(default=0, verbose_name='refunded without VAT')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='shops.order', verbose_name='order')),
                ('product', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.product', verbose_name='product')),
                ('shop', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'order line',
                'verbose_name_plural': 'order lines',
                'constraints': [models.UniqueConstraint(fields=('order', 'external_id'), name='line_is_known_once_per_order'), models.UniqueConstraint(fields=('id', 'shop'), name='line_carries_its_shop'), models.CheckConstraint(condition=models.Q(('net_cents__gte', 0), ('quantity__gte', 0), ('tax_cents__gte', 0)), name='line_amounts_are_not_negative'), models.CheckConstraint(condition=models.Q(('refunded_cents__gte', 0), ('refunded_cents__lte', models.F('net_cents'))), name='line_refunds_stay_within_what_was_paid')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=100, verbose_name='refund number')),
                ('content_hash', models.CharField(editable=False, max_length=64)),
                ('refunded_at', models.DateTimeField(verbose_name='refunded at')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='shops.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'refund',
                'verbose_name_plural': 'refunds',
                'constraints': [models.UniqueConstraint(fields=('order', 'external_id'), name='refund_is_known_once_per_order')],
            },
        ),
        migrations.CreateModel(
            name='UnsettledLine',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='shops.orderline')),
            ],
        ),
        migrations.CreateModel(
            name='ActivePeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Empty: since ever.', null=True)),
                ('ends_at', models.DateTimeField(blank=True, help_text='First moment not active.', null=True)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='active_periods', to='shops.program')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='active_period_ends_after_it_starts', violation_error_message='It must end after it starts.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(django.db.models.functions.comparison.Coalesce(models.F('program'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('program'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='active_periods_do_not_overlap')],
            },
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Empty: since ever.', null=True, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='First moment without it. Empty: without end.', null=True, verbose_name='until')),
                ('rate_bp', models.PositiveIntegerField(blank=True, help_text='In basis points: 1250 is 12.5 %.', null=True, verbose_name='rate')),
                ('flat_cents', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='flat amount per unit')),
                ('audience', models.ForeignKey(blank=True, help_text='Empty: for everyone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='shops.audience', verbose_name='for')),
                ('category', models.ForeignKey(blank=True, help_text='This category and everything below it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.category', verbose_name='category')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.product', verbose_name='product')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='shops.program', verbose_name='program')),
            ],
            options={
                'verbose_name': 'rate',
                'verbose_name_plural': 'rates',
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='rate_ends_after_it_starts', violation_error_message='It must end after it starts.'), models.CheckConstraint(condition=models.Q(models.Q(('flat_cents__isnull', True), ('rate_bp__isnull', False)), models.Q(('flat_cents__isnull', False), ('rate_bp__isnull', True)), _connector='OR'), name='rate_is_percent_or_flat', violation_error_message='Give a rate or a flat amount, not both.'), models.CheckConstraint(condition=models.Q(('rate_bp__isnull', True), models.Q(('rate_bp__gte', 100), ('rate_bp__lte', 8000)), _connector='OR'), name='rate_is_between_floor_and_cap', violation_error_message='A rate lies between 1 %% and 80 %%.'), models.CheckConstraint(condition=models.Q(('product__isnull', True), ('category__isnull', True), _connector='OR'), name='rate_names_product_or_category', violation_error_message='Name a product or a category, not both.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(django.db.models.functions.comparison.Coalesce(models.F('program'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('program'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('audience'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('audience'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('product'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('product'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('category'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('category'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='rate_is_alone_for_its_who_and_what', violation_error_message='Another rate for the same creators and products overlaps in time.')],
            },
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('net_cents', models.BigIntegerField()),
                ('quantity', models.PositiveIntegerField(default=0, help_text='Units given back; 0 where the shop names an amount only.')),
                ('given_cents', models.BigIntegerField(help_text="What the shop said; empty where it names units only. The share of units follows the order's newest version.", null=True)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='shops.orderline')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='shops.refund')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('refund', 'line'), name='refund_names_a_line_once'), models.CheckConstraint(condition=models.Q(('net_cents__gte', 0)), name='refund_line_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'owner'), ('manager', 'manager'), ('analyst', 'analyst')], max_length=8, verbose_name='role')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shops', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'constraints': [models.UniqueConstraint(fields=('shop', 'user'), name='member_once_per_shop', violation_error_message='This person is already a member.'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'manager', 'analyst'])), name='member_role_is_known')],
            },
        ),
        migrations.CreateModel(
            name='InboundEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=20, verbose_name='shop system')),
                ('topic', models.CharField(max_length=60, verbose_name='topic')),
                ('body', models.BinaryField()),
                ('status', models.CharField(choices=[('received', 'received'), ('applied', 'applied'), ('ignored', 'nothing to do'), ('failed', 'not understood')], default='received', max_length=8, verbose_name='status')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received at')),
                ('handled_at', models.DateTimeField(blank=True, null=True, verbose_name='handled at')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inbound_events', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'inbound event',
                'verbose_name_plural': 'inbound events',
                'indexes': [models.Index(fields=['shop', '-received_at'], name='inbound_by_shop_and_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['received', 'applied', 'ignored', 'failed'])), name='inbound_event_status_is_known')],
            },
        ),
        migrations.CreateModel(
            name='EarlyEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_external_id', models.CharField(max_length=100, verbose_name='order number')),
                ('kind', models.CharField(choices=[('refund', 'refund'), ('cancel', 'cancellation'), ('delivery', 'delivery')], max_length=8, verbose_name='kind')),
                ('key', models.CharField(help_text='What makes it the same event.', max_length=100)),
                ('facts', models.JSONField(verbose_name='facts')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received at')),
                ('refusal', models.CharField(blank=True, default='', max_length=200, verbose_name='refused because')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='early_events', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'early event',
                'verbose_name_plural': 'early events',
                'constraints': [models.UniqueConstraint(fields=('shop', 'order_external_id', 'kind', 'key'), name='early_event_is_kept_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('prefix', models.CharField(max_length=16, verbose_name='prefix')),
                ('secret_hash', models.CharField(editable=False, max_length=64)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='scopes')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('shop', models.ForeignKey(blank=True, help_text="Empty for the platform's own keys.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'constraints': [models.UniqueConstraint(fields=('secret_hash',), name='api_key_is_unique'), models.CheckConstraint(condition=models.Q(('expires_at__isnull', True), ('expires_at__gt', models.F('created_at')), _connector='OR'), name='api_key_expires_after_it_is_made')],
            },
        ),
        migrations.CreateModel(
            name='WebhookSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(choices=[('shopify', 'Shopify'), ('woocommerce', 'WooCommerce')], max_length=20, verbose_name='shop system')),
                ('secret', models.CharField(max_length=200, verbose_name='secret')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='ends at')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhook_secrets', to='shops.shop', verbose_name='shop')),
            ],
            options={
                'verbose_name': 'webhook secret',
                'verbose_name_plural': 'webhook secrets',
                'constraints': [models.UniqueConstraint(fields=('shop', 'system', 'secret'), name='webhook_secret_once')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('delivered_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='shops.order')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('order', 'delivered_at'), name='delivery_is_known_once')],
            },
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Empty: since ever.', null=True, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='First moment without it. Empty: without end.', null=True, verbose_name='until')),
                ('category', models.ForeignKey(blank=True, help_text='This category and everything below it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.category', verbose_name='category')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.product', verbose_name='product')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='shops.program', verbose_name='program')),
            ],
            options={
                'verbose_name': 'exclusion',
                'verbose_name_plural': 'exclusions',
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='exclusion_ends_after_it_starts', violation_error_message='It must end after it starts.'), models.CheckConstraint(condition=models.Q(models.Q(('category__isnull', True), ('product__isnull', False)), models.Q(('category__isnull', False), ('product__isnull', True)), _connector='OR'), name='exclusion_names_product_or_category', violation_error_message='Name a product or a category.')],
            },
        ),
        migrations.CreateModel(
            name='Boost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Empty: since ever.', null=True, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='First moment without it. Empty: without end.', null=True, verbose_name='until')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('multiplier_pct', models.PositiveIntegerField(help_text='200 doubles the rate.', verbose_name='multiplier')),
                ('audience', models.ForeignKey(blank=True, help_text='Empty: for everyone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='boosts', to='shops.audience', verbose_name='for')),
                ('category', models.ForeignKey(blank=True, help_text='This category and everything below it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.category', verbose_name='category')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shops.product', verbose_name='product')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='shops.program', verbose_name='program')),
            ],
            options={
                'verbose_name': 'boost',
                'verbose_name_plural': 'boosts',
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='boost_ends_after_it_starts', violation_error_message='It must end after it starts.'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', False), ('starts_at__isnull', False)), name='boost_has_a_window', violation_error_message='A boost has a start and an end.'), models.CheckConstraint(condition=models.Q(('multiplier_pct__gt', 100), ('multiplier_pct__lte', 1000)), name='boost_raises_at_most_tenfold', violation_error_message='From 101 to 1000: 200 doubles the rate.'), models.CheckConstraint(condition=models.Q(('product__isnull', True), ('category__isnull', True), _connector='OR'), name='boost_names_product_or_category', violation_error_message='Name a product or a category, not both.')],
            },
        ),
    ]
