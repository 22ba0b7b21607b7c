"""The WSGI door: `granian --interface wsgi affiliate.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate.settings")

application = get_wsgi_application()
