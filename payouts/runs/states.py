from affiliate.common.errors import Refusal
from payouts.models import Run, RunStatus


class WrongState(Refusal):
    """The run is not where this step begins."""

    code = "run_in_wrong_state"
    title = "The run is not in the right state for this."


def locked(run_id: int) -> Run:
    """Return the run, locked until the caller's transaction ends."""
    return Run.objects.select_for_update().get(pk=run_id)


def demand(run: Run, *wanted: RunStatus) -> None:
    """Raise WrongState unless the run is in one of these states."""
    if run.status not in wanted:
        words = " or ".join(RunStatus(status).value for status in wanted)
        raise WrongState(
            f"Run {run.pk} is {run.status}, not {words}.",
            way_out=f"Bring it to {words} first.",
        )
