"""Request bodies as scripts send them to Azure Batch (REST), to be pasted under `spec`."""

JOB = {
    "id": "Render_2024",
    "displayName": "Nightly frames",
    "priority": 100,
    "maxParallelTasks": -1,
    "allowTaskPreemption": False,
    "constraints": {"maxWallClockTime": "PT1H", "maxTaskRetryCount": -1},
    "jobPreparationTask": {
        "id": "Prepare",
        "commandLine": "/bin/sh -c 'echo $AZ_BATCH_NODE_ID tasks: > $AZ_BATCH_NODE_SHARED_DIR/frames.txt'",
        "containerSettings": {"imageName": "ubuntu", "workingDirectory": "taskWorkingDirectory"},
        "environmentSettings": [{"name": "MODE", "value": "fast"}],
        "constraints": {
            "maxWallClockTime": "P10675199DT2H48M5.4775807S",
            "maxTaskRetryCount": 0,
            "retentionTime": "P7D",
        },
        "waitForSuccess": True,
        "userIdentity": {"autoUser": {"scope": "task", "elevationLevel": "admin"}},
        "rerunOnNodeRebootAfterSuccess": True,
    },
    "jobReleaseTask": {
        "id": "Release",
        "commandLine": "/bin/sh -c 'rm $AZ_BATCH_NODE_SHARED_DIR/frames.txt'",
        "maxWallClockTime": "PT15M",
        "retentionTime": "P7D",
    },
    "commonEnvironmentSettings": [{"name": "STUDIO", "value": "north"}],
    "poolInfo": {"poolId": "sample"},
    "onAllTasksComplete": "noaction",
    "onTaskFailure": "performexitoptionsjobaction",
    "usesTaskDependencies": True,
    "metadata": [{"name": "owner", "value": "me"}],
}

TASK = {
    "id": "Frame-0001",
    "displayName": "First frame",
    "commandLine": "/bin/sh -c 'render 1'",
    "containerSettings": {"imageName": "ubuntu", "containerRunOptions": "--rm"},
    "exitConditions": {
        "exitCodes": [{"code": 3, "exitOptions": {"jobAction": "none", "dependencyAction": "satisfy"}}],
        "exitCodeRanges": [{"start": 10, "end": 20, "exitOptions": {"jobAction": "disable"}}],
        "preProcessingError": {"jobAction": "terminate"},
        "fileUploadError": {"jobAction": "none"},
        "default": {"jobAction": "terminate", "dependencyAction": "block"},
    },
    "environmentSettings": [{"name": "FRAME", "value": "1"}],
    "affinityInfo": {"affinityId": "node1"},
    "constraints": {"maxWallClockTime": "PT10M", "retentionTime": "PT48H", "maxTaskRetryCount": 2},
    "requiredSlots": 2,
    "userIdentity": {"autoUser": {"scope": "pool", "elevationLevel": "nonadmin"}},
    "dependsOn": {"taskIds": ["Setup"], "taskIdRanges": [{"start": 1, "end": 4}]},
}

# Without what describes Azure's machines: vmSize, virtualMachineConfiguration, networkConfiguration.
POOL = {
    "id": "Sample_Pool",
    "displayName": "Render nodes",
    "resizeTimeout": "PT15M",
    "targetDedicatedNodes": 2,
    "targetLowPriorityNodes": 0,
    "taskSlotsPerNode": 4,
    "taskSchedulingPolicy": {"nodeFillType": "spread"},
    "startTask": {
        "commandLine": "/bin/sh -c 'echo hello'",
        "environmentSettings": [{"name": "MODE", "value": "fast"}],
        "userIdentity": {"autoUser": {"scope": "pool", "elevationLevel": "admin"}},
        "maxTaskRetryCount": 0,
        "waitForSuccess": True,
    },
    "userAccounts": [
        {"name": "render", "elevationLevel": "nonadmin", "linuxUserConfiguration": {"uid": 2000, "gid": 2000}}
    ],
    "metadata": [{"name": "owner", "value": "me"}],
}
