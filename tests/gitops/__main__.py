"""`python -m tests.gitops` builds Helm 4 and the program that asks kstatus, before two workers wait for it."""

from tests.cluster import programs
from tests.gitops.judging import MODULE

programs.build(MODULE)
