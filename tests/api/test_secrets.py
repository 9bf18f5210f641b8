"""What users wrote may be a secret: an object that cannot be read is told by its fields, never by their values."""

import pytest
from pydantic import ValidationError

from batchyard.api.job import Job
from batchyard.api.pool import Pool
from batchyard.api.task import Task

SECRET = "s3cr3t-t0ken"
METADATA = {"name": "a", "namespace": "b"}


@pytest.mark.parametrize(
    ("model", "spec"),
    [
        (Task, {"jobId": "job", "commandLine": [SECRET]}),
        (Task, {"jobId": "job", "commandLine": "true", "environmentSettings": [{"name": "A", "value": {"x": SECRET}}]}),
        (Job, {"poolInfo": {"poolId": "pool"}, "commonEnvironmentSettings": {SECRET: SECRET}}),
        (Pool, {"startTask": {"commandLine": SECRET * 3000}}),
    ],
)
def test_error_names_the_field_and_not_the_value(model: type[Task | Job | Pool], spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"metadata": METADATA, "spec": spec})
    assert SECRET not in str(caught.value)
    assert "spec." in str(caught.value)
