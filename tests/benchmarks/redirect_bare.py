"""The limit: a redirect to one place that records nothing."""

_HEADERS = [
    ("Location", f"https://lune.example/?cid={'x' * 43}"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "strict-origin"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Content-Length", "0"),
]


def application(environ, start_response):
    start_response("302 Found", _HEADERS)
    return []
