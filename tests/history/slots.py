"""The rule about all tasks on one machine."""

from collections.abc import Iterator

from tests.history.history import History
from tests.history.process import Place, Process, Step


def slots_kept(history: History) -> Iterator[str]:
    """S12: at no moment do the tasks on a node take more slots than it has."""
    live: dict[Place, list[Process]] = {}
    for task in history.of(Step.TASK):
        beside = [other for other in live.get(task.place, ()) if other.end > task.start]
        live[task.place] = [*beside, task]
        taken = sum(history.terms.job(each.job).task(each.task).slots for each in live[task.place])
        slots = history.terms.slots.get(task.place.pool, 1)
        if taken > slots:
            yield f"{task} takes slot {taken} of {slots}, beside {', '.join(map(str, beside))}"
