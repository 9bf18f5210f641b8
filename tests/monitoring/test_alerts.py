"""The chart's alerts, judged by Prometheus' own promtool: each fires when it should, with the words that it should say, and else keeps silent."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import of_kind, rendered
from tests.monitoring.cases import CASES, Case, Series
from tests.monitoring.prometheus import promtool

pytestmark = pytest.mark.cluster
RUNBOOKS = "https://example.org/alerts"


@cache
def spec() -> dict[str, Any]:
    [rule] = of_kind(rendered("metrics.rules.enabled=true", f"metrics.rules.runbooks={RUNBOOKS}"), "PrometheusRule")
    found: dict[str, Any] = rule["spec"]
    return found


def rules() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for group in spec()["groups"] for rule in group["rules"]}


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(spec()))
    return path


def told(case: Case) -> dict[str, Any]:
    """All that the alert says when it fires."""
    rule = rules()[case.alert]
    annotations = {**rule["annotations"], "summary": case.summary}
    return {"exp_labels": {**rule["labels"], **case.labels}, "exp_annotations": annotations}


def one(name: str, case: Case, series: Series, expected: list[dict[str, Any]]) -> dict[str, Any]:
    """One test in promtool's words."""
    return {
        "name": f"{case.alert} {name}",
        "interval": "1m",
        "input_series": [{"series": each, "values": values} for each, values in series.items()],
        "alert_rule_test": [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": expected}],
    }


def run(path: Path, tests: list[dict[str, Any]]) -> str:
    """What promtool complains about; empty when all is as expected."""
    file = path.with_name("tests.yaml")
    file.write_text(yaml.safe_dump({"rule_files": [path.name], "evaluation_interval": "1m", "tests": tests}))
    done = promtool("test", "rules", file)
    return done.stdout + done.stderr if done.returncode else ""


def test_rules_are_well_formed(rules_file: Path) -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", rules_file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_case() -> None:
    assert {case.alert for case in CASES} == set(rules())


def test_every_alert_fires_and_says_what_is_wrong(rules_file: Path) -> None:
    assert run(rules_file, [one("fires", case, case.fires, [told(case)]) for case in CASES]) == ""


def test_no_alert_fires_while_nothing_is_wrong(rules_file: Path) -> None:
    silent = [
        one(f"is silent {number}", case, series, []) for case in CASES for number, series in enumerate(case.silent)
    ]
    assert run(rules_file, silent) == ""


def test_silence_is_no_accident_of_the_test(rules_file: Path) -> None:
    """What fires is found where silence is expected."""
    complaint = run(rules_file, [one("fires", case, case.fires, []) for case in CASES])
    assert all(f"alertname: {case.alert}," in complaint for case in CASES)
