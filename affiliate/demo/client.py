import json
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Self

from affiliate.demo.sales import Sale


class Unexpected(RuntimeError):  # noqa: N818  named for the state, as the house does
    """The API answered what a shop would not expect."""


class ShopClient:
    """A shop's system: it knows the product by its HTTP API alone."""

    def __init__(self, url: str, secret: str) -> None:
        """Speak to the API at `url` with this key."""
        self.base = f"{url}/api/v1"
        self.secret = secret

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget the key."""
        self.secret = ""

    def send_orders(self, orders: list[dict[str, Any]]) -> None:
        """Send a batch. Raises Unexpected when one is rejected."""
        answer = self._post("orders/batch", {"orders": orders})
        for result in answer["results"]:
            if result["status"] == "rejected":
                raise Unexpected(f"{result}")

    def deliver(self, sale: Sale) -> None:
        """Say that the parcel arrived, if it did."""
        if sale.delivered_at:
            body = {"delivered_at": sale.delivered_at.isoformat()}
            self._post(f"orders/{sale.order['external_id']}/deliveries", body)

    def take_back(self, sale: Sale) -> None:
        """Say what was refunded or called off, if anything was."""
        number = sale.order["external_id"]
        if sale.refund:
            self._post(f"orders/{number}/refunds", sale.refund)
        if sale.cancelled_at:
            body = {"cancelled_at": sale.cancelled_at.isoformat()}
            self._post(f"orders/{number}/cancel", body)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(  # noqa: S310  (our own server)
            f"{self.base}/{path}",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Unexpected(
                f"{path}: {error.code} {error.read().decode(errors='replace')[:500]}"
            ) from error
