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
    **dict.fromkeys('`´‘’‚‛′ʼ"“”„«»', "'"),
    **dict.fromkeys("[{", "("),
    **dict.fromkeys("]}", ")"),
    **dict.fromkeys("\\|⁄", "/"),
    "&": "+",
    ";": ",",
    "¿": "?",
    "€": "E",
}

_LATIN = "ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ŋ n ŧ t ə e"
_GREEK = (
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t "
    "υ y φ f χ ch ψ ps ω o"
)
_CYRILLIC = (
    "а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u "
    "ф f х h ц ts ч ch ш sh щ sht ъ a ь y ю yu я ya "
    "ы y э e ґ g є ye і i ї yi ђ dj ј j љ lj њ nj ћ c џ dz ѕ dz"
)


def _table() -> dict[int, str]:
    words = f"{_LATIN} {_GREEK} {_CYRILLIC}".split()
    letters = dict(zip(words[::2], words[1::2], strict=True))
    capitals = {
        letter.upper(): latin.capitalize()
        for letter, latin in letters.items()
        # ß has a capital of two letters, ı an ASCII one.
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
