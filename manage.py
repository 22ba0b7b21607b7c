#!/usr/bin/env python
"""Run one of Django's or the product's commands."""

import os
import sys

from django.core.management import execute_from_command_line

from affiliate.common import embedded

# These keep the servers themselves, or need none.
_WITHOUT_SERVERS = {"check", "compilemessages", "demo", "help", "makemessages", "up"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in _WITHOUT_SERVERS or "--help" in sys.argv:
        execute_from_command_line(sys.argv)
    else:
        # Shared when `up` runs; else started for as long as the command takes.
        with embedded.services(embedded.LOCAL_DIR):
            execute_from_command_line(sys.argv)
