"""Redirects a second with the click recorded, against what could be at best.

`-m benchmark -s` prints the table of speed.md §1. Rounds alternate, so that a busy
machine is busy for all; only ratios are compared.
"""

import re
import shutil
import statistics
import subprocess
from dataclasses import dataclass, field
from functools import partial

import pytest
from django.db import connection

from creators.clicks import importer
from creators.models import Click
from tests import web_server
from tests.factories import LinkFactory

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed"),
]

CONNECTIONS, ROUNDS, SECONDS, THREADS = 64, 5, 3, 4
SHARE_OF_BARE, TIMES_ORM = 1 / 3, 25
AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 Instagram 391.0.0.30.108"
)
_ANSWERED = re.compile(r"(\d+) requests in")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass
class Figures:
    server: web_server.Server
    rates: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    answered: int = 0

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_us)

    def load(self, path: str) -> None:
        before = self.server.cpu_s()
        said = generate(self.server.address + path, SECONDS)
        assert "Non-2xx" not in said, said
        assert "Socket errors" not in said, said
        answered = int(_ANSWERED.search(said)[1])
        self.answered += answered
        self.rates.append(float(_RATE.search(said)[1]))
        number, unit = _P99.search(said).groups()
        self.p99_ms.append(float(number) * _MS[unit])
        self.cpu_us.append((self.server.cpu_s() - before) / answered * 1e6)

    def row(self, name: str) -> str:
        return (
            f"{name:34} {self.rate:9,.0f} {statistics.median(self.p99_ms):8.1f} "
            f"{self.cpu:9.0f} {self.server.peak_mb():8.0f}"
        )


def generate(address: str, seconds: int) -> str:
    return subprocess.run(
        [
            *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"),
            *("-H", f"User-Agent: {AGENT}", address),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


served = partial(web_server.serving, threads=THREADS)


def test_a_recorded_redirect_keeps_a_third_of_a_bare_one(tmp_path):
    link = LinkFactory()
    path = f"/l/{link.slug}"
    env = {
        "DATABASE_URL": web_server.database_url(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "CLICK_SPOOL_DIR": str(tmp_path),
    }
    orm_env = {**env, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.redirect_settings"}
    with (
        served("tests.benchmarks.redirect_bare:application", env) as bare_server,
        served("affiliate.wsgi:application", env) as our_server,
        served("django.core.wsgi:get_wsgi_application()", orm_env) as orm_server,
    ):
        bare, ours, orm = Figures(bare_server), Figures(our_server), Figures(orm_server)
        for figures in (bare, ours, orm):
            # A first second on another link, for pools and tables to fill.
            generate(f"{figures.server.address}/l/{LinkFactory().slug}", 1)
        for _ in range(ROUNDS):
            for figures in (bare, ours, orm):
                figures.load(path)
        print(f"\n{'':34} {'req/s':>9} {'p99 ms':>8} {'CPU µs':>9} {'peak MB':>8}")
        print(bare.row("limit: bare 302, nothing recorded"))
        print(ours.row("redirect, click recorded"))
        print(orm.row("Django view, ORM get + create"))
    Click.objects.filter(link=link).delete()
    imported = importer.import_segments(tmp_path)
    counted = Click.objects.filter(link=link, is_bot=False).count()
    print(f"answered {ours.answered:,}, counted {counted:,} after import")
    # The generator may tire before the bare server does; its CPU does not lie.
    of_bare = min(ours.rate / bare.rate, bare.cpu / ours.cpu)
    of_orm = ours.rate / orm.rate
    print(
        f"{ours.rate / bare.rate:.2f} of bare by rate, {bare.cpu / ours.cpu:.2f} by "
        f"CPU; {of_orm:.1f} x the ORM by rate, {orm.cpu / ours.cpu:.1f} by CPU"
    )
    # The generator hangs up on what is under way when its time is over.
    assert ours.answered <= counted <= ours.answered + ROUNDS * CONNECTIONS
    assert (imported.torn, imported.unreadable, imported.known) == (0, 0, 0)
    assert of_bare >= SHARE_OF_BARE
    assert of_orm >= TIMES_ORM
