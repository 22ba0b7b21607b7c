"""The product's settings, with what only tests need."""

from affiliate.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Nothing is collected here: files are found where they lie. WhiteNoise warns of a
# folder that does not exist, and a warning is an error in tests.
STATIC_ROOT = None
# Tests race many more threads than a worker has, and wait for a busy machine.
DATABASES["default"]["OPTIONS"]["pool"].update(max_size=100, timeout=60)  # noqa: F405  the product's
