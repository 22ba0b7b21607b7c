from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from affiliate.common import audit
from affiliate.management.base import ProductCommand
from payouts import invariants


class Command(ProductCommand):
    """Proves the invariants on the live data."""

    help = "Prove the invariants of the money; exit status 1 if anything is found."

    def perform(self, *_: Any, **options: Any) -> dict[str, Any]:
        """Return how many proofs were made and what they found."""
        found = [asdict(finding) for finding in invariants.findings()]
        for chain in audit.chains():
            if bad := audit.verify(chain):
                found.append(
                    {
                        "proof": "audit_chain_is_whole",
                        "meaning": "The audit trail was changed here.",
                        "subject": chain,
                        "figures": f"first bad entry {bad.pk}",
                    }
                )
        figures = {"proofs": len(invariants.PROOFS) + 1, "findings": len(found)}
        if options["json"]:
            figures["found"] = found  # type: ignore[assignment]
        else:
            for finding in found:
                self.stdout.write(
                    "{proof}: {subject}: {figures}. {meaning}".format(**finding)
                )
        self._status = 1 if found else 0
        return figures

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with status 1 after printing, if anything was found."""
        super().handle(*args, **options)
        if self._status:
            raise CommandError("The self-check found something.", returncode=1)
