"""Hold the servers of a folder until standard input ends: a starter to be killed.

Run as a script, also by another account: it leans on the package alone.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import psycopg

from affiliate.common import embedded


def main(root: str) -> None:
    with embedded.services(Path(root)) as found:
        with psycopg.connect(found.database_url) as connection:
            connection.execute("select 1")
        known = json.dumps(asdict(embedded.addresses(Path(root))))
        print(known, flush=True)  # noqa: T201  for whoever started it
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
