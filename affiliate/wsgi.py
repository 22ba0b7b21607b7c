"""The WSGI door: `granian --interface wsgi affiliate.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate.settings")
# A request that waits for a lock answers 503 within 3 s instead of hanging.
os.environ.setdefault("DATABASE_LOCK_TIMEOUT_MS", "2500")
_site = get_wsgi_application()

# Only now do the models exist.
from creators.web.redirect import Redirect  # noqa: E402

application = Redirect(_site)
