"""Text as every SEPA bank can read it: a-z A-Z 0-9 / - ? : ( ) . , ' + and the space.

The replacements follow the conversion table of the European Payments Council
(EPC217-08), with its longer alternatives where one letter would lose a sound (ß is ss,
æ is ae). Its Cyrillic is Bulgarian; the letters of other languages were added.
"""

import re
import unicodedata

MAX_NAME = 70
MAX_REMITTANCE = 140

# What the payment guidelines put where a party has no name that a bank could read.
NOT_PROVIDED = "NOTPROVIDED"

_OUTSIDE = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_READABLE = re.compile(r"[A-Za-z0-9]")

_SIGNS = {
    **dict.fromkeys("!#$%*<=>@^·•¡", "."),
    **dict.fromkeys("_~‐‑‒–—―−", "-"),
    **dict.fromkeys("`´‘’‚‛′ʼ\"“”„«»", "'"),
    **dict.fromkeys("[{", "("),
    **dict.fromkeys("]}", ")"),
    **dict.fromkeys("\\|⁄", "/"),
    "&": "+",
    ";": ",",
    "¿": "?",
    "€": "E",
}

_LATIN = dict(
    zip(
        "ß æ œ ø đ ð þ ł ħ ı ŋ ŧ ə".split(),
        "ss ae oe o d d th l h i n t e".split(),
        strict=True,
    )
)

_GREEK = dict(
    zip(
        "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω".split(),
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)

_CYRILLIC = dict(
    zip(
        "а б в г д е ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ь ю я".split(),
        "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya".split(),
        strict=True,
    )
) | dict(
    zip(
        "ы э ґ є і ї ђ ј љ њ ћ џ ѕ".split(),
        "y e g ye i yi dj j lj nj c dz dz".split(),
        strict=True,
    )
)


def _table() -> dict[int, str]:
    letters = _LATIN | _GREEK | _CYRILLIC
    capitals = {
        letter.upper(): latin.capitalize()
        for letter, latin in letters.items()
        if len(letter.upper()) == 1 and not letter.upper().isascii()
    }
    return str.maketrans(_SIGNS | letters | capitals | {"ẞ": "SS"})


_TABLE = _table()


def reduce(text: str, limit: int) -> str:
    """Return `text` in the SEPA character set, in at most `limit` characters.

    Accents fall off, Greek and Cyrillic are transliterated, runs of white space become
    one space, and what has no replacement (emoji, other scripts) is left out, so that
    the result may be empty. Reducing twice changes nothing.
    """
    if not text.isascii():
        # й is a letter, not an accented и: the table must see it composed. What it
        # does not know is taken apart, and the parts get a second chance.
        text = unicodedata.normalize("NFC", text).translate(_TABLE)
        text = unicodedata.normalize("NFKD", text)
    text = " ".join(text.translate(_TABLE).split())
    # Leaving out a sign between two spaces makes a run of them again.
    text = " ".join(_OUTSIDE.sub("", text).split())
    return text[:limit].rstrip()


def reduce_name(name: str) -> str:
    """Return a party's name as it goes to the bank: 1 to 70 characters, never blank.

    A name of which no letter or digit is left becomes NOTPROVIDED: the bank pays by
    IBAN, and one name must not hold back everybody else's money.
    """
    reduced = reduce(name, MAX_NAME)
    return reduced if _READABLE.search(reduced) else NOT_PROVIDED
