"""Calls go down, rows go up (house.md §1 and §2)."""

import pytest
from django.apps import apps

from tests.house import imports, source
from tests.house.imports import Edge

KNOWN = {module.name for module in source.product()} | {
    "affiliate.celery",
    "affiliate.common",
    "affiliate.common.audit",
    "affiliate.common.money",
    "creators.attribution",
    "creators.models.links",
    "payouts.runs",
    "shops.admin.scope",
    "shops.orders",
    "shops.rates",
    "shops.models.orders",
}
HEAVY = {"affiliate.common.audit"}


def refusals(name: str, text: str) -> list[str]:
    edges = imports.read(source.made_up(name, text), KNOWN)
    return [why for edge in edges if (why := imports.refusal(edge, HEAVY))]


def test_every_import_goes_down() -> None:
    tables = {
        model._meta.db_table: imports.LABELS[model._meta.app_label]
        for model in apps.get_models()
        if model._meta.app_label in imports.LABELS
    }
    known = {module.name for module in source.product()}
    edges = [
        (module, edge)
        for module in source.product()
        for edge in imports.read(module, known, tables)
    ]
    heavy = imports.heavy_ground(edge for _, edge in edges)

    broken = [
        f"{module.at(edge.line)} {edge.how} of {edge.target}: {why}"
        for module, edge in edges
        if (why := imports.refusal(edge, heavy))
    ]

    assert not broken, "\n" + "\n".join(sorted(set(broken)))


def test_the_fence_reads_every_floor() -> None:
    read = {place.floor for m in source.product() if (place := imports.place(m.name))}

    assert read == set(imports.FLOORS)


def test_the_fence_knows_the_labels_that_django_knows() -> None:
    assert {label: apps.get_app_config(label).name for label in imports.LABELS} == (
        imports.LABELS
    )


# Each forbidden line stands beside an allowed one that differs in one thing.
UPWARDS = [
    # floors
    ("shops.orders", "import creators.attribution", "import affiliate.common.money"),
    ("shops.orders", "from payouts import runs", "from affiliate.common import money"),
    ("shops.orders", "from affiliate import celery", "from affiliate import common"),
    ("shops.orders", "import affiliate", "import shops"),
    ("affiliate.common.audit", "import shops.orders", "import affiliate.common.ids"),
    ("creators.links", "from payouts.runs import open", "from shops.rates import pick"),
    ("payouts.runs", "import affiliate.urls", "import affiliate.common.models"),
    ("payouts.runs", "import tests.factories", "import testing"),
    # where an import can hide
    (
        "shops.orders",
        "def f():\n    if 1:\n        from creators import attribution",
        "def f():\n    if 1:\n        from shops import rates",
    ),
    (
        "shops.orders",
        "if TYPE_CHECKING:\n    from creators.models.links import Link",
        "if TYPE_CHECKING:\n    from shops.models.orders import Order",
    ),
    (
        "shops.orders",
        "import_module('creators.attribution')",
        "import_module('shops.rates')",
    ),
    (
        "shops.orders",
        "importlib.import_module(f'payouts.rails.{name}')",
        "importlib.import_module(f'shops.intake.{name}')",
    ),
    ("shops.orders", "import_module(name)", "import_module(f'{__name__}.{name}')"),
    ("shops.orders", "import_string('payouts.runs.open')", "import_string('os.path')"),
    ("shops.orders", "from ..payouts import runs", "from . import rates"),
    # strings that Django follows
    (
        "shops.models.orders",
        "ForeignKey('creators.Creator', PROTECT)",
        "ForeignKey('shops.Shop', PROTECT)",
    ),
    (
        "shops.models.orders",
        "models.ManyToManyField(Shop, through='creators.Enrollment')",
        "models.ManyToManyField(Shop, through='shops.Member')",
    ),
    ("shops.orders", "get_model('payouts', 'Run')", "get_model('shops', 'Order')"),
    ("shops.orders", "get_model('payouts.Run')", "get_model('shops.Order')"),
    (
        "shops.migrations.0002_add",
        "class Migration:\n    dependencies = [('creators', '0001_create')]",
        "class Migration:\n    dependencies = [('common', '0001_create')]",
    ),
    (
        "shops.migrations.0002_add",
        "class Migration:\n    run_before = [('creators', '0001_create')]",
        "class Migration:\n    run_before = [('shops', '0003_create')]",
    ),
    (
        "shops.orders",
        "execute('select 1 from creators_verdict')",
        "execute('select 1 from shops_order')",
    ),
    (
        "shops.orders",
        "execute(f'delete from payouts_run where {x}')",
        "execute(f'delete from shops_order where {x}')",
    ),
]
SIDEWAYS = [
    # strata of one floor
    ("shops.models.orders", "import shops.orders", "import shops.models.programs"),
    ("shops.models.orders", "import shops.tasks", "import shops.models"),
    (
        "shops.models.orders",
        "from affiliate.common import audit",
        "from affiliate.common import money",
    ),
    ("shops.orders", "import shops.api.orders", "import shops.models.orders"),
    ("shops.orders", "from shops.admin import scope", "from shops import rates"),
    ("shops.orders", "import shops.tasks", "import shops.intake.shopify"),
    ("creators.links", "import shops.web.home", "import shops.orders"),
    ("shops.api.orders", "import shops.tasks", "import shops.orders"),
    ("shops.api.orders", "import shops.web.forms", "import shops.api.inputs"),
    ("shops.tasks", "import shops.management.commands.x", "import shops.models"),
    ("creators.admin", "import shops.api.views", "import shops.admin.scope"),
    ("creators.tasks", "import shops.tasks", "import creators.tasks"),
    ("shops.orders", "import shops.urls", "import shops.programs"),
    ("shops", "import shops.orders", "import os"),
    ("shops.orders", "import shops.migrations.x", "import shops.models"),
    ("shops.migrations.0001_x", "import shops.models", "import django.db.models"),
]
FREE = [
    ("shops.urls", "import shops.web.home, shops.api.orders, shops.admin"),
    ("shops.apps", "import shops.checks"),
    ("affiliate.urls", "import shops.urls, payouts.web.portal, affiliate.dashboards"),
    ("affiliate.schedule", "import payouts.tasks"),
    ("affiliate.management.commands.settle", "import creators.attribution"),
    ("manage", "import affiliate.env"),
    ("creators.models.links", "from shops.models import Program"),
    ("creators.models.links", "ForeignKey('shops.Program', PROTECT)"),
    ("creators.migrations.0001_x", "ForeignKey(to='shops.program')"),
    ("payouts.api.commissions", "from affiliate.common.api import Problem"),
]


@pytest.mark.parametrize(("module", "forbidden", "allowed"), UPWARDS + SIDEWAYS)
def test_the_fence_stops_one_and_not_its_twin(
    module: str, forbidden: str, allowed: str
) -> None:
    assert refusals(module, forbidden)
    assert refusals(module, allowed) == []


@pytest.mark.parametrize(("module", "allowed"), FREE)
def test_the_fence_lets_pass(module: str, allowed: str) -> None:
    assert refusals(module, allowed) == []


def test_a_docstring_may_name_what_lies_above() -> None:
    text = '"""Leaves a row that creators_verdict will name."""'

    assert refusals("shops.orders", text) == []


def test_a_table_with_a_name_of_its_own_belongs_to_its_floor() -> None:
    module = source.made_up("shops.orders", "execute('lock ledger_entry')")

    edges = imports.read(module, KNOWN, {"ledger_entry": "payouts"})

    assert edges == [Edge("shops.orders", "payouts.models", 1, "table")]
    assert imports.refusal(edges[0]) == "shops lies below payouts"


def test_a_word_of_the_ground_that_leans_on_a_verb_is_heavy_too() -> None:
    edges = [
        Edge("affiliate.common.audit", "affiliate.common.models.audit", 1),
        Edge("affiliate.common.notify", "affiliate.common.audit", 1),
        Edge("affiliate.common.ids", "affiliate.common.money", 1),
    ]

    assert imports.heavy_ground(edges) == {
        "affiliate.common.audit",
        "affiliate.common.notify",
    }
