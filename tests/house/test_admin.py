"""Every admin page opens, and a list of 30 rows costs as many queries as one of 3."""

import importlib
import pkgutil
from collections import Counter
from typing import Any

import factory
import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import connection, models
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

import tests.factories
from affiliate.common.models import User
from shops.models import Program
from tests.house import imports

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 30
REGISTERED = [
    pytest.param(model_admin, id=model_admin.opts.label)
    for model_admin in admin.site._registry.values()
]
each_admin = pytest.mark.parametrize("model_admin", REGISTERED)


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root@mail.example")


@pytest.fixture
def browser(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


def factories() -> dict[type[models.Model], type]:
    """Return the factories of tests/factories that are named after their model."""
    found: dict[type[models.Model], type] = {}
    package = tests.factories
    for entry in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        for name, value in vars(importlib.import_module(entry.name)).items():
            if isinstance(value, type) and issubclass(value, factory.Factory):
                model = value._meta.get_model_class()
                if model is not None and name == f"{model.__name__}Factory":
                    found[model] = value
    return found


def make(model_admin: ModelAdmin, count: int) -> list[Any]:
    made = factories().get(model_admin.model)
    if made is None:
        pytest.fail(f"tests/factories has no {model_admin.model.__name__}Factory")
    rows: list[Any] = made.create_batch(count)  # type: ignore[attr-defined]
    return rows


def address(model_admin: ModelAdmin, page: str, *args: object) -> str:
    opts = model_admin.opts
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def queries_of(browser: Client, where: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(where).status_code == 200
    return [query["sql"] for query in captured]


def costs(browser: Client, model_admin: ModelAdmin) -> tuple[list[str], list[str]]:
    """Return the queries of the list with few rows, and with many."""
    where = address(model_admin, "changelist")
    make(model_admin, FEW)
    queries_of(browser, where)  # fills the caches that live as long as the process
    few = queries_of(browser, where)
    make(model_admin, MANY - FEW)
    return few, queries_of(browser, where)


@each_admin
def test_the_list_opens_and_shows_its_rows(
    browser: Client, model_admin: ModelAdmin
) -> None:
    make(model_admin, FEW)

    page = browser.get(address(model_admin, "changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count >= FEW


@each_admin
def test_a_list_of_30_rows_costs_the_queries_of_3(
    browser: Client, model_admin: ModelAdmin
) -> None:
    few, many = costs(browser, model_admin)

    repeated = Counter(query.partition(" WHERE ")[0] for query in many).most_common(1)
    assert len(many) == len(few), f"most often: {repeated}"


@each_admin
def test_the_form_for_a_new_row_opens_for_whom_it_may(
    browser: Client, root: User, rf: RequestFactory, model_admin: ModelAdmin
) -> None:
    where = address(model_admin, "add")
    request = rf.get(where)
    request.user = root

    status = browser.get(where).status_code

    assert status == (200 if model_admin.has_add_permission(request) else 403)


@each_admin
def test_the_pages_of_one_row_open(browser: Client, model_admin: ModelAdmin) -> None:
    row = make(model_admin, 1)[0]

    statuses = {
        page: browser.get(address(model_admin, page, row.pk)).status_code
        for page in ("change", "history")
    }

    assert statuses == {"change": 200, "history": 200}


def test_every_floor_has_an_admin() -> None:
    floors = {entry.values[0].opts.app_label for entry in REGISTERED}

    assert floors >= {"shops", "creators", "payouts"} <= set(imports.LABELS)


# ------------------------------------------------------------------ the count itself


class AsksOncePerRow(ModelAdmin):
    # Django joins the foreign keys of list_display by itself, not those of a method.
    list_display = ("name", "shop_name")

    def shop_name(self, program: Program) -> str:
        return program.shop.name


site = type(admin.site)(name="admin")
site.register(Program, AsksOncePerRow)
urlpatterns = [
    path("admin/", site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("joined", "grows"), [(False, MANY - FEW), (("shop",), 0)])
def test_a_list_that_asks_once_per_row_is_found(
    browser: Client,
    monkeypatch: pytest.MonkeyPatch,
    joined: bool | tuple[str, ...],
    grows: int,
) -> None:
    model_admin = site._registry[Program]
    monkeypatch.setattr(model_admin, "list_select_related", joined)

    few, many = costs(browser, model_admin)

    assert len(many) - len(few) == grows
