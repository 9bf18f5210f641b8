"""What users do, each as one function from first act to last wish. Time and faults are not theirs."""

from tests.simulation.workloads import (
    deletions,
    failing_steps,
    machines,
    ranges,
    reboots,
    resizes,
    sharing,
    task_ends,
    whole_lives,
)
from tests.simulation.workloads.workload import STEPS, WORKLOADS, inline

__all__ = [
    "STEPS",
    "WORKLOADS",
    "deletions",
    "failing_steps",
    "inline",
    "machines",
    "ranges",
    "reboots",
    "resizes",
    "sharing",
    "task_ends",
    "whole_lives",
]
