"""The headers that people write, in five languages; the first of each is shown."""

from dataclasses import replace

from shops.tables.sheet import Column


def _column(name: str, group: str = "", **headers: str) -> Column:
    words = {code: text.split("|") for code, text in headers.items()}
    return Column(name, words, group)


SKU = _column(
    "sku",
    "sku",
    en="SKU|item number|article number|product id",
    fr="SKU|référence|reference|réf|ref|code article",
    de="SKU|artikelnummer|artikel-nr.|artikel-nr",
    es="SKU|referencia|código de artículo",
    it="SKU|codice articolo|riferimento",
)
NAME = _column(
    "name",
    en="name|product|product name|title",
    fr="nom|produit|nom du produit|désignation|libellé",
    de="name|bezeichnung|produkt|produktname|artikel",
    es="nombre|producto|nombre del producto",
    it="nome|prodotto|nome del prodotto",
)
URL = _column(
    "url",
    en="address|url|link|product url",
    fr="adresse|lien|url du produit",
    de="adresse|link|produktlink",
    es="dirección|enlace",
    it="indirizzo|collegamento",
)
CATEGORY = _column(
    "category",
    en="category|product category|collection",
    fr="catégorie|categorie|rayon",
    de="kategorie|warengruppe",
    es="categoría|categoria",
    it="categoria",
)
PRICE = _column(
    "price",
    en="price|unit price",
    fr="prix|prix unitaire|tarif",
    de="preis|einzelpreis|stückpreis",
    es="precio|precio unitario",
    it="prezzo|prezzo unitario",
)
PRICE_CENTS = _column(
    "price_cents",
    en="price in cents|price in minor units",
    fr="prix en centimes",
    de="preis in cent",
    es="precio en céntimos",
    it="prezzo in centesimi",
)
CURRENCY = _column(
    "currency",
    en="currency",
    fr="devise|monnaie",
    de="währung|waehrung",
    es="moneda|divisa",
    it="valuta",
)
IMAGE = _column(
    "image_url",
    en="picture|image|image url|image link",
    fr="image|photo|lien de l'image",
    de="bild|bildlink",
    es="imagen|foto",
    it="immagine|foto",
)
ACTIVE = _column(
    "active",
    en="active|for sale|is active",
    fr="actif|active|en vente",
    de="aktiv",
    es="activo|a la venta",
    it="attivo|in vendita",
)
PROGRAM = _column(
    "program",
    en="program|programme",
    fr="programme",
    de="programm",
    es="programa",
    it="programma",
)
_CREATOR = {
    "en": "creator|handle|creator handle|influencer|username",
    "fr": "créateur|createur|créatrice|pseudo|identifiant|influenceur",
    "de": "creator|nutzername|influencer",
    "es": "creador|creadora|usuario",
    "it": "creatore|creatrice|utente",
}
CREATOR = _column("creator", **_CREATOR)
# Who is invited may be named by an address too.
INVITED = _column(
    "creator",
    "creator",
    **{
        **_CREATOR,
        "en": f"{_CREATOR['en']}|e-mail|email|creator or e-mail",
        "fr": f"{_CREATOR['fr']}|e-mail|courriel|adresse e-mail",
    },
)
GROUP = _column(
    "group",
    en="group|audience",
    fr="groupe",
    de="gruppe",
    es="grupo",
    it="gruppo",
)
PRODUCT = _column(
    "product",
    en="product|sku|product sku",
    fr="produit|référence|reference",
    de="produkt|artikelnummer",
    es="producto|referencia",
    it="prodotto|codice articolo",
)
RATE = _column(
    "rate",
    "rate",
    en="rate|commission|percent|commission rate|%",
    fr="taux|commission|pourcentage|taux de commission",
    de="satz|provision|prozent|provisionssatz",
    es="tasa|comisión|porcentaje",
    it="tasso|commissione|percentuale|provvigione",
)
RATE_BP = _column(
    "rate_bp",
    "rate",
    en="rate in basis points|basis points|bp",
    fr="taux en points de base|points de base",
    de="basispunkte",
    es="puntos básicos",
    it="punti base",
)
FLAT = _column(
    "flat",
    "rate",
    en="flat amount per unit|flat amount|amount per unit|per unit",
    fr="montant par unité|montant fixe|forfait",
    de="betrag pro stück|festbetrag",
    es="importe por unidad|importe fijo",
    it="importo per unità|importo fisso",
)
STARTS = _column(
    "from",
    en="from|starts at|start",
    fr="à partir du|de|du|début|depuis",
    de="ab|von|beginn",
    es="desde|inicio",
    it="dal|da|inizio",
)
ENDS = _column(
    "until",
    en="until|ends at|end|to",
    fr="jusqu'au|au|fin",
    de="bis|ende",
    es="hasta|fin",
    it="fino al|al|fine",
)
FIRST = _column(
    "first_purchase_only",
    en="first purchase only",
    fr="premier achat seulement|premier achat",
    de="nur erstkauf",
    es="solo primera compra",
    it="solo primo acquisto",
)
MOST = _column(
    "most_sales",
    en="at most so many sales|most sales|maximum sales",
    fr="ventes au plus|maximum de ventes",
    de="höchstens verkäufe",
    es="ventas como máximo",
    it="vendite al massimo",
)
MOST_PER = _column(
    "most_sales_per",
    en="sales in|most sales per|period",
    fr="ventes par|période",
    de="verkäufe je|zeitraum",
    es="ventas por|período",
    it="vendite per|periodo",
)
# The same words where a rate may be left out.
RATE_OPTION, RATE_BP_OPTION, FLAT_OPTION = (
    replace(column, group="") for column in (RATE, RATE_BP, FLAT)
)
TIMES = _column(
    "multiplier",
    en="multiplier",
    fr="multiplicateur",
    de="faktor",
    es="multiplicador",
    it="moltiplicatore",
)
