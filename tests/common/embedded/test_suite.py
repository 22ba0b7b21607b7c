import os

from tests.common.embedded.asking import ask


def test_the_suite_runs_on_its_own_settings() -> None:
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "tests.settings"


def test_the_suite_may_create_its_database() -> None:
    question = "select rolcreatedb from pg_roles where rolname = current_user"

    assert ask(os.environ["DATABASE_URL"], question) is True
