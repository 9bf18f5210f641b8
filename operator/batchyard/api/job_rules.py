"""What the API server checks in a job across fields and against its former self, as CEL. Messages say what is allowed."""

from __future__ import annotations

from .model import SchemaExtra, immutable, rule

FIXED: tuple[SchemaExtra, ...] = (
    immutable("id", "create a new job"),
    immutable("jobPreparationTask", "create a new job"),
    immutable("jobReleaseTask", "create a new job"),
    immutable("commonEnvironmentSettings", "create a new job, or set variables on single tasks"),
    immutable("onTaskFailure", "create a new job"),
    immutable("usesTaskDependencies", "create a new job"),
    immutable("tasks", "add BatchTask objects instead, or create a new job"),
)

POOL = rule(
    "self.spec.poolInfo.poolId == oldSelf.spec.poolInfo.poolId"
    " || (has(oldSelf.status) && has(oldSelf.status.state) && oldSelf.status.state == 'disabled')",
    "poolInfo can be changed only while the job is disabled: set desiredState to disabled and wait until status.state is disabled",
    ".spec.poolInfo",
)

ONE_WAY: tuple[SchemaExtra, ...] = (
    rule(
        "self.desiredState == 'terminated' || oldSelf.desiredState != 'terminated'",
        "terminated is final: create a new job",
        ".desiredState",
    ),
    rule(
        "self.onAllTasksComplete == 'terminatejob' || oldSelf.onAllTasksComplete != 'terminatejob'",
        "can change from noaction to terminatejob, never back",
        ".onAllTasksComplete",
    ),
)

STEPS: tuple[SchemaExtra, ...] = (
    rule(
        "!has(self.jobReleaseTask) || has(self.jobPreparationTask)",
        "jobReleaseTask needs a jobPreparationTask, because release undoes preparation: add one or remove jobReleaseTask",
        ".jobReleaseTask",
    ),
    rule(
        "!has(self.jobReleaseTask) || !has(self.jobPreparationTask)"
        " || self.jobReleaseTask.id.lowerAscii() != self.jobPreparationTask.id.lowerAscii()",
        "id must differ from jobPreparationTask's, without regard to case",
        ".jobReleaseTask.id",
    ),
)

_SINGLE = ("preProcessingError", "fileUploadError", "default")

TASKS: tuple[SchemaExtra, ...] = (
    rule(
        "!has(self.tasks) || !has(self.jobPreparationTask)"
        " || !self.tasks.exists(t, t.id.lowerAscii() == self.jobPreparationTask.id.lowerAscii())",
        "TaskIdSameAsJobPreparationTask: a task must not have the id of jobPreparationTask, without regard to case",
        ".tasks",
    ),
    rule(
        "!has(self.tasks) || !has(self.jobReleaseTask)"
        " || !self.tasks.exists(t, t.id.lowerAscii() == self.jobReleaseTask.id.lowerAscii())",
        "TaskIdSameAsJobReleaseTask: a task must not have the id of jobReleaseTask, without regard to case",
        ".tasks",
    ),
    # Equal ids are refused by the list's key; two that differ only by case must include one with upper case.
    rule(
        "!has(self.tasks) || [self.tasks.map(t, t.id.lowerAscii())].all(ids,"
        " self.tasks.filter(t, t.id.matches('[A-Z]')).map(t, t.id.lowerAscii())"
        ".all(id, ids.indexOf(id) == ids.lastIndexOf(id)))",
        "TaskExists: ids of tasks must differ from each other without regard to case",
        ".tasks",
    ),
    rule(
        "self.usesTaskDependencies || !has(self.tasks) || !self.tasks.exists(t, has(t.dependsOn))",
        "TaskDependenciesNotSpecifiedOnJob: dependsOn needs usesTaskDependencies: true on the job",
        ".tasks",
    ),
    rule(
        "self.onTaskFailure == 'performexitoptionsjobaction' || !has(self.tasks)"
        " || !self.tasks.exists(t, has(t.exitConditions) && ("
        + " || ".join(f"(has(t.exitConditions.{m}) && has(t.exitConditions.{m}.jobAction))" for m in _SINGLE)
        + "".join(
            f" || (has(t.exitConditions.{m}) && t.exitConditions.{m}.exists(e, has(e.exitOptions.jobAction)))"
            for m in ("exitCodes", "exitCodeRanges")
        )
        + "))",
        "InvalidPropertyValue: a jobAction in exitConditions needs onTaskFailure: performexitoptionsjobaction on the job",
        ".tasks",
    ),
)

RULES = (*FIXED, *ONE_WAY, *STEPS, *TASKS)
