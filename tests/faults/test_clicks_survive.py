"""Every answered click is counted exactly once, whoever dies (L4, safety.md §3)."""

import subprocess
import time
from pathlib import Path

import pytest

from affiliate.common.embedded import Postgres
from creators.clicks import token
from creators.clicks.spool import Spool, line
from tests import web_server
from tests.factories.shops import MOMENT
from tests.faults import own_postgres
from tests.faults.own_postgres import connected, run, start
from tests.faults.visitors import Visitors

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SLUG = "k3v9x2"
_SETUP = f"""
from tests.factories import LinkFactory
LinkFactory(slug="{SLUG}")
"""
# One process makes ready once; its children die, each at another step.
_DEATHS = """
import os, signal
import django
django.setup()
from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper
from creators.clicks import importer

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def send_half(rows):
    for batch in batches(rows):
        yield batch[: len(batch) // 2]
        die()

batches = importer._batches
STEPS = {
    "before the rows are sent": (importer, "_rows", die),
    "while the rows are sent": (importer, "_batches", send_half),
    "before the commit": (DatabaseWrapper, "commit", die),
    "after the commit": (importer.Path, "unlink", die),
}
for step in [*STEPS, *reversed(STEPS)]:
    child = os.fork()
    if not child:
        setattr(*STEPS[step])
        importer.import_segments(settings.CLICK_SPOOL_DIR)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, step
importer.import_segments(settings.CLICK_SPOOL_DIR)
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "postgres"
    with own_postgres.migrated(folder, _SETUP) as server:
        yield server


@pytest.fixture
def env(postgres, tmp_path):
    with connected(postgres) as connection:
        connection.execute("truncate creators_click")
    return {
        "DATABASE_URL": postgres.app_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "CLICK_SPOOL_DIR": str(tmp_path / "spool"),
    }


def counted(postgres: Postgres) -> list[str]:
    with connected(postgres) as connection:
        rows = connection.execute("select click_id from creators_click")
        return [row[0] for row in rows]


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_web_importer_and_database_are_killed_under_load(postgres, env):
    port = web_server.free_port()
    web = web_server.start("affiliate.wsgi:application", env, threads=2, port=port)
    importer = start("manage.py", "import_clicks", "--every", "1", env=env)
    try:
        with Visitors(port, SLUG) as visitors:
            visitors.wait_for(500)
            web.kill()
            web.stop()
            web = web_server.start(
                "affiliate.wsgi:application", env, threads=2, port=port
            )
            visitors.wait_for(500)
            kill(importer)
            visitors.wait_for(500)
            own_postgres.kill(postgres)
            # Beyond the life of what is fresh, so that the table has to ask.
            time.sleep(6)
            visitors.wait_for(500)
            web.kill()  # with the clicks of the outage in its segments
        kills, crowd = 2, 8
    finally:
        kill(importer)
        web.stop()
        postgres.start()
    run("manage.py", "import_clicks", env=env)

    answered, rows = visitors.click_ids, counted(postgres)
    assert visitors.statuses.keys() == {302}
    assert len(answered) == len(set(answered)) >= 2000
    assert set(answered) <= set(rows)
    # Written down, but killed before the answer: at most one a visitor and kill.
    assert len(rows) - len(answered) <= kills * crowd
    assert list(Path(env["CLICK_SPOOL_DIR"]).iterdir()) == []


def test_an_importer_dies_at_each_step(postgres, env):
    with connected(postgres) as connection:
        ((link_id,),) = connection.execute("select id from creators_link")
    clicks = [token.mint(link_id, MOMENT) for _ in range(2_500)]
    kept = Spool(Path(env["CLICK_SPOOL_DIR"]), most_bytes=50_000)
    for click in clicks:
        kept.append(line(click, "0" * 24))
    kept.close()

    run("-c", _DEATHS, env=env)

    assert sorted(counted(postgres)) == sorted(clicks)
    assert list(kept.folder.iterdir()) == []


def test_a_full_disk_answers_503_and_counts_what_it_answered(postgres, env):
    with (
        web_server.serving(
            "affiliate.wsgi:application", env, workers=1, largest_file=2_000
        ) as web,
        Visitors(web.port, SLUG, many=2) as visitors,
    ):
        visitors.wait_for(28)  # what 2,000 bytes hold
        visitors.wait_for(10)  # in the next segment
    run("manage.py", "import_clicks", env=env)

    assert visitors.statuses.keys() == {302, 503}
    assert sorted(counted(postgres)) == sorted(visitors.click_ids)


def test_a_server_that_never_saw_the_database_answers_all_the_same(env):
    nowhere = {**env, "DATABASE_URL": "postgresql://postgres@/x?host=/nonexistent"}
    with (
        web_server.serving("affiliate.wsgi:application", nowhere, workers=1) as web,
        Visitors(web.port, SLUG, many=1) as visitors,
    ):
        deadline = time.monotonic() + 10
        while visitors.statuses[503] < 50 and time.monotonic() < deadline:
            time.sleep(0.05)

    assert visitors.statuses.keys() == {503}
    assert visitors.statuses[503] >= 50
