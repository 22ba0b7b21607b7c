"""The words of TikTok Shop's export of affiliate orders, in five languages.

English as its exports say them, and the creator in French; the others are what the
same columns are called in translation. In lower case.
"""

COLUMNS = {
    "order": (
        "order id",
        "id de la commande", "id de commande", "identifiant de la commande",
        "numéro de commande", "n° de commande",
        "bestell-id", "bestellnummer", "auftrags-id",
        "id de pedido", "id del pedido", "número de pedido",
        "id ordine", "id dell'ordine", "numero ordine", "numero dell'ordine",
    ),
    "sku": (
        "sku id",
        "id du sku", "id de sku", "id sku", "identifiant du sku",
        "sku-id", "sku-nummer",
        "id del sku",
        "id dello sku", "sku",
    ),
    "product": (
        "product id",
        "id du produit", "id de produit", "identifiant du produit",
        "produkt-id", "produktnummer",
        "id de producto", "id del producto",
        "id prodotto", "id del prodotto",
    ),
    "price": ("price", "prix", "preis", "precio", "prezzo"),
    "payment": (
        "payment amount",
        "montant du paiement", "montant payé",
        "zahlungsbetrag", "gezahlter betrag",
        "importe del pago", "importe pagado", "monto del pago",
        "importo del pagamento", "importo pagato",
    ),
    "currency": ("currency", "devise", "währung", "moneda", "divisa", "valuta"),
    "quantity": (
        "quantity", "items sold",
        "quantité", "articles vendus",
        "menge", "anzahl", "verkaufte artikel",
        "cantidad", "artículos vendidos",
        "quantità", "articoli venduti",
    ),
    "back": (
        "items refunded",
        "articles remboursés",
        "erstattete artikel",
        "artículos reembolsados",
        "articoli rimborsati",
    ),
    "all_back": (
        "fully returned or refunded",
        "entièrement retourné ou remboursé", "entièrement retournée ou remboursée",
        "vollständig zurückgegeben oder erstattet",
        "totalmente devuelto o reembolsado", "devuelto o reembolsado en su totalidad",
        "completamente restituito o rimborsato", "reso o rimborsato completamente",
    ),
    "status": (
        "order status", "order settlement status",
        "statut de la commande", "statut de règlement de la commande",
        "bestellstatus", "abrechnungsstatus der bestellung",
        "estado del pedido", "estado de liquidación del pedido",
        "stato dell'ordine", "stato ordine",
    ),
    "creator": (
        "creator username",
        "nom d'utilisateur du/de la créateur(trice)", "nom d'utilisateur du créateur",
        "creator-nutzername", "nutzername des creators", "benutzername des creators",
        "nombre de usuario del creador",
        "nome utente del creator",
    ),
    "created": (
        "time created", "order date", "created time",
        "heure de création", "date de création", "date de la commande",
        "erstellungszeit", "erstellt am", "bestelldatum",
        "hora de creación", "fecha de creación", "fecha del pedido",
        "ora di creazione", "data di creazione", "data dell'ordine",
    ),
    "delivered": (
        "time order delivered", "order delivery time", "order delivered time",
        "heure de livraison de la commande", "date de livraison",
        "zustellzeit der bestellung", "lieferdatum",
        "hora de entrega del pedido", "fecha de entrega",
        "ora di consegna dell'ordine", "data di consegna",
    ),
}  # fmt: skip

# By rising rank: what follows replaces what stands before it.
UNPAID, FROZEN, RUNNING, SETTLED, INELIGIBLE = range(5)
STATUSES = {
    UNPAID: (
        "unpaid", "customer unpaid",
        "non payé", "non payée", "impayé", "impayée", "client impayé",
        "unbezahlt", "nicht bezahlt",
        "no pagado", "sin pagar", "impagado",
        "non pagato", "non pagata",
    ),
    FROZEN: (
        "frozen", "on_hold",
        "gelé", "gelée", "bloqué", "bloquée",
        "eingefroren",
        "congelado",
        "congelato", "bloccato",
    ),
    RUNNING: (
        "pending", "processing", "to be settled", "awaiting_shipment", "in_transit",
        "awaiting_collection", "partially_shipping", "delivered",
        "en attente", "en cours", "en cours de traitement", "à régler",
        "ausstehend", "in bearbeitung",
        "pendiente", "en proceso", "procesando",
        "in sospeso", "in attesa", "in elaborazione",
    ),
    SETTLED: (
        "settled", "completed",
        "réglé", "réglée", "terminé", "terminée",
        "abgerechnet", "abgeschlossen",
        "liquidado", "completado",
        "liquidato", "regolato", "completato",
    ),
    INELIGIBLE: (
        "ineligible", "cancelled", "canceled",
        "non éligible", "inéligible", "annulé", "annulée",
        "nicht berechtigt", "storniert",
        "no apto", "no elegible", "cancelado",
        "non idoneo", "non idonea", "annullato",
    ),
}  # fmt: skip
YES = {"yes", "oui", "ja", "sí", "si", "sì", "true"}
NO = {"", "no", "non", "nein", "false", "--", "-"}
