"""TikTok Shop's export of affiliate orders: languages, signs, faults, versions."""

import csv
from datetime import UTC, datetime

import pytest
from openpyxl import Workbook

from shops import imports
from shops.intake import _sheets
from shops.intake import _tiktok_shop_words as words
from shops.models import Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops.building import state
from tests.shops.tables import bring, rejected

pytestmark = pytest.mark.django_db

HEADERS = {
    "en": ["Order ID", "SKU ID", "Payment Amount", "Currency", "Quantity",
           "Fully returned or refunded", "Order Status", "Creator Username",
           "Time Created"],
    "fr": ["ID de la commande", "ID du SKU", "Montant du paiement", "Devise",
           "Quantité", "Entièrement retourné ou remboursé", "Statut de la commande",
           "Nom d’utilisateur du/de la créateur(trice)", "Heure de création"],
    "de": ["Bestell-ID", "SKU-ID", "Zahlungsbetrag", "Währung", "Menge",
           "Vollständig zurückgegeben oder erstattet", "Bestellstatus",
           "Creator-Nutzername", "Erstellungszeit"],
    "es": ["ID de pedido", "ID de SKU", "Importe del pago", "Moneda", "Cantidad",
           "Totalmente devuelto o reembolsado", "Estado del pedido",
           "Nombre de usuario del creador", "Fecha de creación"],
    "it": ["ID ordine", "ID SKU", "Importo del pagamento", "Valuta", "Quantità",
           "Completamente restituito o rimborsato", "Stato dell'ordine",
           "Nome utente del creator", "Data di creazione"],
}  # fmt: skip
CELLS = {
    "en": ("19.99", "No", "Processing", "03/11/2026 10:15:00"),
    "fr": ("19,99 €", "Non", "En attente", "03/11/2026 10:15"),
    "de": ("19,99", "Nein", "Ausstehend", "03.11.2026 10:15:00"),
    "es": ("€19,99", "No", "Pendiente", "03/11/2026 10:15:00"),
    "it": ("EUR 19.99", "No", "In elaborazione", "2026-11-03 10:15:00"),
}


@pytest.fixture
def shop():
    return ShopFactory(time_zone="Europe/Paris")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def row(language="en", order="576000001", sku="900", quantity="1", **cells):
    paid, back, status, created = CELLS[language]
    said = {"paid": paid, "currency": "EUR", "back": back, "status": status}
    said = {**said, "created": created, **cells}
    head = [order, sku, said["paid"], said["currency"], quantity]
    return [*head, said["back"], said["status"], "lea", said["created"]]


def saved(folder, *rows, header=None, name="orders.csv", sign=","):
    path = folder / name
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=sign).writerows([header or HEADERS["en"], *rows])
    return path


def workbook(folder, *rows, header=None):
    path, book = folder / "orders.xlsx", Workbook()
    for cells in [header or HEADERS["en"], *rows]:
        book.active.append(cells)
    book.save(path)
    return path


def take(shop, path, **options):
    return bring(shop, path, format="tiktok_shop", **options)


def lines():
    found = OrderLine.objects.order_by("order__external_id", "external_id")
    names = ("order__external_id", "external_id", "quantity", "net_cents")
    return list(found.values_list(*names))


# ------------------------------------------------------- what is read


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_headers_and_words_of_five_languages_say_one_order(
    shop, folder, language, sign
):
    path = saved(folder, row(language), header=HEADERS[language], sign=sign)

    summary = take(shop, path)

    assert (summary.rejected_rows, dict(summary.orders)) == (0, {"created": 1})
    found = Order.objects.get()
    # 10:15 in Paris in November.
    assert found.placed_at == datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
    assert (found.external_id, found.status, found.currency) == (
        "576000001",
        "paid",
        "EUR",
    )
    assert lines() == [("576000001", "900", 1, 1999)]


def test_a_sale_of_tiktoks_has_no_touch(shop, folder):
    take(shop, saved(folder, row()))

    found = Order.objects.get()
    assert (found.clicks, found.codes) == ([], [])


def test_touches_may_be_given_beside_the_file(shop, folder):
    touches = folder / "touches.csv"
    touches.write_text("order,clicks,codes\n576000001,,LEA10\n")

    take(shop, saved(folder, row()), touches=touches)

    assert Order.objects.get().codes == ["LEA10"]


def test_a_workbook_says_the_same_as_a_table(shop, folder):
    take(shop, saved(folder, row(), row(order="576000002", quantity="2")))
    before = state(shop)
    typed = row(order="576000002", quantity=2, paid=19.99)
    typed[-1] = datetime(2026, 11, 3, 10, 15)  # noqa: DTZ001  cells have no zone

    summary = take(shop, workbook(folder, row(), typed))

    assert dict(summary.orders) == {"unchanged": 2}
    assert state(shop) == before


def test_the_price_is_of_one_unit_where_no_payment_is_said(shop, folder):
    header = ["Price" if each == "Payment Amount" else each for each in HEADERS["en"]]

    take(shop, saved(folder, row(quantity="3"), header=header))

    assert lines() == [("576000001", "900", 3, 5997)]


def test_rows_of_one_order_are_its_lines_and_twins_are_counted(shop, folder):
    take(shop, saved(folder, row(), row(order="576000002"), row(), row(sku="901")))

    assert lines() == [
        ("576000001", "900", 1, 1999),
        ("576000001", "900#2", 1, 1999),
        ("576000001", "901", 1, 1999),
        ("576000002", "900", 1, 1999),
    ]


@pytest.mark.parametrize(
    ("status", "expected", "kept"),
    [
        ("Customer Unpaid", "pending", 1999),
        ("Frozen", "pending", 1999),
        ("Pending", "paid", 1999),
        ("Settled", "paid", 1999),
        ("COMPLETED", "paid", 1999),
        ("Ineligible", "cancelled", 0),
    ],
)
def test_statuses_say_what_was_paid(shop, folder, status, expected, kept):
    take(shop, saved(folder, row(status=status)))

    assert Order.objects.get().status == expected
    assert lines()[0][3] == kept


def test_dates_with_the_month_first_are_known_by_the_other_dates(shop, folder):
    american = row(created="11/03/2026 10:15:00")
    telling = row(order="576000002", created="10/31/2026 10:15:00")

    take(shop, saved(folder, american, telling))

    days = Order.objects.order_by("external_id").values_list("placed_at", flat=True)
    assert [f"{day:%m-%d}" for day in days] == ["11-03", "10-31"]


# ------------------------------------------------------- again, and later


def test_later_exports_in_any_order_leave_one_state(shop, folder):
    """Unpaid, then under way, then settled, then returned: as exports follow."""
    exports = [
        row(status="Customer Unpaid"),
        row(status="Processing"),
        row(status="Settled"),
        row(status="Settled", back="Yes"),
    ]
    paths = [saved(folder, each, name=f"{n}.csv") for n, each in enumerate(exports)]
    states = []
    for turn in range(4):
        mine = ShopFactory(time_zone="Europe/Paris")
        for path in [*paths[turn % 4 :], *paths[::-1], *paths[: turn % 4]]:
            take(mine, path)
        states.append(state(mine))

    assert states == [states[0]] * 4
    assert OrderLine.objects.filter(shop=mine).get().net_cents == 0


# ------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"order": "SUM"}, "order: Expected the number of an order."),
        ({"sku": ""}, "sku: Expected the number of a SKU."),
        ({"quantity": "0"}, "quantity: A sale has at least one unit."),
        ({"quantity": "1.5"}, "quantity: Expected a whole number."),
        ({"paid": "1.234"}, "payment: '1.234' is not an amount in EUR."),
        ({"paid": "-5.00"}, "payment: '-5.00' is not an amount in EUR."),
        ({"paid": "free"}, "payment: 'free' is not an amount in EUR."),
        ({"currency": "EURO"}, "currency: Expected an ISO 4217 code."),
        ({"back": "perhaps"}, "all_back: Expected yes or no, found 'perhaps'."),
        ({"status": "Lost"}, "status: Unknown status 'Lost'."),
        ({"created": "yesterday"}, "created: 'yesterday' is not a date and time."),
        ({"created": "31/02/2026"}, "created: There is no '31/02/2026'."),
    ],
)
def test_a_bad_row_says_why_and_stops_no_other(shop, folder, cells, reason):
    summary = take(shop, saved(folder, row(**cells), row(order="576000002")))

    assert (summary.rows, summary.rejected_rows) == (2, 1)
    assert rejected(folder) == [(1, "invalid_row")]
    said = (folder / "orders.csv.rejected.csv").read_text()
    assert reason in said
    assert [line[0] for line in lines()] == ["576000002"]


def test_a_bad_row_rejects_the_rest_of_its_order(shop, folder):
    take(shop, saved(folder, row(), row(sku="901", quantity="x")))

    assert sorted(rejected(folder)) == [(1, "incomplete_order"), (2, "invalid_row")]
    assert not Order.objects.exists()


@pytest.mark.parametrize("cells", [row(sku="901")[:-1], [*row(sku="901"), "more"]])
def test_a_torn_row_rejects_the_rest_of_its_order(shop, folder, cells):
    take(shop, saved(folder, row(), cells, row(order="576000002")))

    assert sorted(rejected(folder)) == [
        (1, "incomplete_order"),
        (2, "wrong_number_of_cells"),
    ]
    assert [line[0] for line in lines()] == ["576000002"]


def test_a_row_without_an_order_rejects_itself_alone(shop, folder):
    take(shop, saved(folder, row(), ["", "901"]))

    assert rejected(folder) == [(2, "wrong_number_of_cells")]
    assert [line[0] for line in lines()] == ["576000001"]


def test_an_order_in_two_currencies_is_rejected(shop, folder):
    take(shop, saved(folder, row(), row(sku="901", currency="USD")))

    assert rejected(folder) == [(1, "invalid_order"), (2, "invalid_order")]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.56", 123456),
        ("1.234,56", 123456),
        ("1 234,56 €", 123456),
        ("1234.5", 123450),
        ("£12", 1200),
    ],
)
def test_amounts_are_read_as_people_write_them(shop, folder, text, cents):
    take(shop, saved(folder, row(paid=text)))

    assert lines()[0][3] == cents


def test_a_number_that_lost_its_digits_is_no_order(shop, folder):
    """A spreadsheet keeps fifteen digits of a number; an order has eighteen."""
    summary = take(shop, workbook(folder, row(order=576_462_752_303_423_488)))

    assert summary.rejected_rows == 1
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "No column was found for order"),
        (b"a,b\n1,2\n", "No column was found for order"),
        (b"PK\x03\x04 torn", "It is no workbook that can be read."),
        (b'Order ID,"Quan\n', "unexpected end of data"),
    ],
)
def test_a_file_that_is_no_export_is_refused_whole(shop, folder, content, reason):
    path = folder / "orders.csv"
    path.write_bytes(content)

    with pytest.raises(imports.UnreadableFile, match=reason):
        take(shop, path)
    assert not Order.objects.exists()


def test_an_export_whose_last_line_has_no_end_is_refused_whole(shop, folder):
    path = saved(folder, row(), row(order="576000009"))
    whole = path.read_bytes()
    path.write_bytes(whole.rstrip())

    with pytest.raises(imports.UnreadableFile, match="end it with a line break"):
        take(shop, path)
    assert not Order.objects.exists()

    path.write_bytes(whole)
    take(shop, path)
    assert Order.objects.count() == 2


def test_a_workbook_that_unpacks_to_too_much_is_refused(shop, folder, monkeypatch):
    path = workbook(folder, row())
    monkeypatch.setattr(_sheets, "_MOST_BYTES", 100)

    with pytest.raises(imports.UnreadableFile, match="unpacks to too much"):
        take(shop, path)


def test_days_before_and_after_months_are_refused_whole(shop, folder):
    one, other = row(created="31/10/2026"), row(created="10/31/2026")

    with pytest.raises(imports.UnreadableFile, match="line 2 and line 3"):
        take(shop, saved(folder, one, other))


def test_a_column_twice_is_refused_whole(shop, folder):
    header = [*HEADERS["en"], "order id"]

    with pytest.raises(imports.UnreadableFile, match="stands twice"):
        take(shop, saved(folder, [*row(), "1"], header=header))


def test_every_word_is_in_lower_case_and_means_one_thing():
    for known in (words.COLUMNS, words.STATUSES):
        said = [word for many in known.values() for word in many]
        assert said == [word.casefold() for word in said]
        assert len(said) == len(set(said))
