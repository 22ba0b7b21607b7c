"""Who is no person: bots by their user agent, and browsers that fetch ahead.

Their clicks are redirected and counted apart; they never attribute (rule L3). To keep
the list: a word of `_WORDS` is enough anywhere in the agent, without regard to case.
"""

import re
from collections.abc import Mapping

_WORDS = (
    # What they call themselves. Cubot makes telephones.
    r"(?<!cu)bot",
    "crawl",
    "spider",
    "slurp",
    "scrap(y|er)",
    "preview",
    "fetch",
    "monitor",
    "checker",
    "validator",
    r"\bscan",
    "archive",
    "headless",
    "lighthouse",
    "prerender",
    # Messengers and networks that draw a card of the link.
    "facebookexternalhit",
    "facebookcatalog",
    "meta-external",
    "whatsapp/",
    "snapchatads",
    "^viber",
    "embedly",
    "iframely",
    "outbrain",
    "vkshare",
    "flipboardproxy",
    "slack-imgproxy",
    "mastodon/",
    "pleroma",
    # Search, advertising, assistants.
    "mediapartners",
    "google-",
    "googleother",
    "apis-google",
    "feedly",
    "ia_archiver",
    "chatgpt-user",
    "claude-user",
    "perplexity",
    "cohere-ai",
    "diffbot",
    "ahrefs",
    "semrush",
    "dataprovider",
    "nutch",
    "heritrix",
    # Watchers and scanners of mail.
    "pingdom",
    "statuscake",
    "gtmetrix",
    "site24x7",
    "newrelic",
    "datadog",
    "barracuda",
    "mimecast",
    "proofpoint",
    "bitdefender",
    "nessus",
    "zgrab",
    "masscan",
    "nmap",
    "nikto",
    "sqlmap",
    # Libraries and tools.
    "python",
    "curl/",
    "wget/",
    "libwww",
    "http-?client",
    "okhttp",
    r"\bjava/",
    "go-http",
    r"\bruby/\d",
    "guzzle",
    r"\bphp\b",
    "axios",
    "undici",
    "node-fetch",
    r"\bgot \(",
    "postman",
    "insomnia",
    "httpie",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "cypress",
    r"\bwrk/",
    r"\bk6/",
    "apachebench",
    "jmeter",
)
_is_known = re.compile("|".join(_WORDS), re.IGNORECASE).search
# One product and nothing more, as in "LinkCheck/1.0": every browser says more.
_is_bare = re.compile(r"[^\s/()]+(/[\w.]+)?").fullmatch
_LONGEST_READ = 400

_AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")

# By hash: agents are remembered nowhere, and a busy one is judged once.
_judged: dict[int, bool] = {}
_MOST_JUDGED = 20_000


def is_bot(agent: str) -> bool:
    """Say whether a user agent is not a person's; none at all is not."""
    key = hash(agent)
    known = _judged.get(key)
    if known is None:
        read = agent[:_LONGEST_READ].strip()
        known = not read or bool(_is_bare(read)) or bool(_is_known(read))
        if len(_judged) >= _MOST_JUDGED:
            _judged.clear()
        _judged[key] = known
    return known


def is_ahead(environ: Mapping[str, str]) -> bool:
    """Say whether nobody looks at the answer: fetched ahead, or not as a page.

    An image or a script that points at a link is a way to leave clicks on people who
    never clicked; browsers say for what they ask.
    """
    for name in _AHEAD:
        if name in environ:
            return True
    return environ.get("HTTP_SEC_FETCH_DEST", "document") != "document"
