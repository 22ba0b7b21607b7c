"""What the API has acknowledged is there, whoever dies (safety.md §3, I4)."""

import http.client
import json
import threading
import time
from collections import Counter

import pytest

from tests import web_server
from tests.faults import own_postgres

pytestmark = [pytest.mark.faults, pytest.mark.slow]

WRITERS, SECRET = 8, "mk_written_by_eight"
_SETUP = f"""
from tests.factories.creators import CodeFactory
from tests.factories.shops import ApiKeyFactory
code = CodeFactory(code="LEA10")
ApiKeyFactory(shop=code.program.shop, secret="{SECRET}", scopes=["orders:write"])
"""


class Writers:
    """Eight shops' systems that send order after order, each until it is taken."""

    def __init__(self, port: int) -> None:
        self.port, self.statuses, self.taken = port, Counter(), []
        self.is_over = threading.Event()
        self.crowd = [
            threading.Thread(target=self._write, args=[number])
            for number in range(WRITERS)
        ]

    def __enter__(self):
        for writer in self.crowd:
            writer.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for writer in self.crowd:
            writer.join()

    def _write(self, number):
        turn = 0
        while not self.is_over.is_set():
            name = f"{number}-{turn}"
            status = self._send(name)
            self.statuses[status] += 1
            if status in (200, 201):
                self.taken.append(name)
                turn += 1
            else:
                time.sleep(0.05)

    def _send(self, name):
        body = {
            "external_id": name,
            "version": 1,
            "placed_at": "2026-03-03T10:15:00+01:00",
            "currency": "EUR",
            "status": "paid",
            "codes": ["LEA10"],
            "lines": [
                {"external_id": "1", "sku": "S", "quantity": 1, "net_cents": 4000}
            ],
        }
        headers = {"Authorization": f"Bearer {SECRET}"}
        headers["Content-Type"] = "application/json"
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            web.request("POST", "/api/v1/orders", json.dumps(body), headers)
            return web.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            web.close()

    def wait_for(self, more):
        """Wait until so many more are taken."""
        wanted, end = len(self.taken) + more, time.monotonic() + 60
        while len(self.taken) < wanted:
            assert time.monotonic() < end, self.statuses
            time.sleep(0.01)


def recorded(postgres):
    with own_postgres.connected(postgres) as connection:
        rows = connection.execute("select external_id from shops_order").fetchall()
        lines = connection.execute("select count(*) from shops_orderline").fetchone()
    return [name for (name,) in rows], lines[0]


def test_postgres_is_killed_twice_under_eight_writers(tmp_path):
    with own_postgres.migrated(tmp_path / "postgres", _SETUP) as postgres:
        env = {**own_postgres.owner(postgres), "DATABASE_URL": postgres.app_url}
        with (
            web_server.serving(
                "affiliate.wsgi:application", env, workers=2, threads=4
            ) as web,
            Writers(web.port) as writers,
        ):
            for _ in range(2):
                writers.wait_for(100)
                own_postgres.kill(postgres)
                time.sleep(1)
                postgres.start()
            writers.wait_for(100)
        names, lines = recorded(postgres)
        own_postgres.run("manage.py", "settle", env=own_postgres.owner(postgres))
        own_postgres.run("manage.py", "self_check", env=own_postgres.owner(postgres))
        with own_postgres.connected(postgres) as connection:
            earned = connection.execute("select count(*) from payouts_commission")
            assert earned.fetchone() == (len(names),)

    assert writers.statuses.keys() <= {200, 201, 503}
    assert writers.statuses[503]
    # One whose answer was lost may wait to be sent again: at most one a writer.
    assert set(writers.taken) <= set(names)
    assert len(names) - len(writers.taken) <= WRITERS
    assert len(writers.taken) == len(set(writers.taken))
    assert lines == len(names) == len(set(names))
