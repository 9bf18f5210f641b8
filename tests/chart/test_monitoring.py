"""Monitor, alerts and dashboard of the chart, against the metrics that the operator really has."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from batchyard import metrics  # noqa: F401 - declares them
from batchyard.core.numbers import TASK_STATES
from batchyard.metrics.registry import DECLARED
from tests.chart.helm import ROOT, container, of_kind, refusal, rendered, the

pytestmark = pytest.mark.cluster
DASHBOARD = Path(ROOT, "charts/batchyard/files/dashboards/batchyard.json")
TARGET = {"namespace"}
"""Labels that Prometheus gives to what it reads from a Pod, unless the series has them."""
ALL = ("metrics.serviceMonitor.enabled=true", "metrics.rules.enabled=true", "metrics.dashboard.enabled=true")


@cache
def series() -> dict[str, set[str]]:
    """Labels of every series of ours."""
    found: dict[str, set[str]] = {}
    for name, each in DECLARED.items():
        if each.type == "histogram":
            found |= {
                f"{name}_bucket": {*each.labels, "le"},
                f"{name}_count": {*each.labels},
                f"{name}_sum": {*each.labels},
            }
        else:
            found[name] = {*each.labels}
    return found


def alerts(*values: str) -> list[dict[str, Any]]:
    [rule] = of_kind(rendered("metrics.rules.enabled=true", *values), "PrometheusRule")
    [group] = rule["spec"]["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [a["expr"] for a in alerts()] + [target["expr"] for panel in panels for target in panel["targets"]]


def test_nothing_of_it_is_made_unless_asked_for() -> None:
    kinds = {document["kind"] for document in rendered()}
    assert not kinds & {"ServiceMonitor", "PrometheusRule", "ConfigMap", "NetworkPolicy", "PodDisruptionBudget"}


def test_expressions_know_only_metrics_and_labels_that_are_there() -> None:
    for expression in expressions():
        used = re.findall(r"(batchyard_\w+)(?:\{([^}]*)\})?", expression)
        assert used
        for name, selector in used:
            assert name in series(), expression
            assert set(re.findall(r"(\w+)\s*[=!]~?", selector)) <= series()[name] | TARGET, expression


def test_every_metric_is_on_the_dashboard_or_raises_an_alert() -> None:
    used = {name for e in expressions() for name in re.findall(r"batchyard_\w+", e)}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in used} == DECLARED.keys()


def test_states_in_expressions_are_words_that_the_operator_says() -> None:
    states = {
        s for e in expressions() for text in re.findall(r'tasks\{[^}]*state[=!]~?"([^"]+)"', e) for s in text.split("|")
    }
    assert states <= set(TASK_STATES)


def test_every_alert_has_a_runbook_and_every_runbook_its_alert() -> None:
    page = (ROOT / "docs/alerts.md").read_text()
    assert re.findall(r"^## (Batchyard\w+)$", page, re.MULTILINE) == [a["alert"] for a in alerts()]
    url = "https://example.org/alerts"
    named = [
        a["annotations"]["description"].endswith(f"docs/alerts.md of Batchyard 0.1.0, {a['alert']}.") for a in alerts()
    ]
    assert all(named)
    linked = alerts(f"metrics.rules.runbooks={url}")
    assert [a["annotations"]["runbook_url"] for a in linked] == [f"{url}#{a['alert'].lower()}" for a in linked]


def test_labels_asked_for_are_on_monitor_rules_and_alerts() -> None:
    documents = rendered(
        *ALL, "metrics.serviceMonitor.labels.a=1b", "metrics.rules.labels.c=d", "metrics.rules.alertLabels.e=f"
    )
    assert the(documents, "ServiceMonitor", "batchyard")["metadata"]["labels"]["a"] == "1b"
    assert the(documents, "PrometheusRule", "batchyard")["metadata"]["labels"]["c"] == "d"
    assert all(a["labels"]["e"] == "f" and a["labels"]["severity"] for a in alerts("metrics.rules.alertLabels.e=f"))


def test_an_alert_can_be_changed_or_left_out_by_its_name() -> None:
    change = "metrics.rules.alerts.BatchyardPoolBelowTarget."
    usual = {each["alert"]: each for each in alerts()}
    for threshold in ("2", "0"):
        of = alerts(f"{change}threshold={threshold}", f"{change}for=2h", f"{change}severity=info")
        found = {each["alert"]: each for each in of}
        one = found.pop("BatchyardPoolBelowTarget")
        assert one["expr"].endswith(f" > {threshold}")
        assert (one["for"], one["labels"]["severity"]) == ("2h", "info")
        assert found.items() <= usual.items()
    assert usual.keys() - {a["alert"] for a in alerts(f"{change}enabled=false")} == {"BatchyardPoolBelowTarget"}


def test_every_alert_has_its_threshold_written_into_it_or_none() -> None:
    assert "THRESHOLD" not in json.dumps(alerts())
    names = [a["alert"] for a in alerts()]
    assert all(refusal("metrics.rules.enabled=true", f"metrics.rules.alerts.{name}.for=1h") == "" for name in names)
    refused = [n for n in names if refusal("metrics.rules.enabled=true", f"metrics.rules.alerts.{n}.threshold=1")]
    assert refused == ["BatchyardOperatorDown", "BatchyardNoProgress"]


def test_threshold_that_no_bucket_reaches_is_refused() -> None:
    """A quantile is never more than the last bucket's bound: the alert would never fire."""
    of_histograms = {
        each["alert"]: name
        for each in alerts()
        for name in re.findall(r"histogram_quantile\(.*?(batchyard_\w+)_bucket", each["expr"])
    }
    assert [*of_histograms] == ["BatchyardPassesSlow", "BatchyardEventLoopLags"]
    for alert, name in of_histograms.items():
        bounds = {s.labels["le"] for m in REGISTRY.collect() for s in m.samples if s.name == f"{name}_bucket"}
        last = max(map(float, bounds - {"+Inf"}))
        value = f"metrics.rules.alerts.{alert}.threshold"
        assert refusal("metrics.rules.enabled=true", f"{value}={last - 1:g}") == ""
        assert f"must be less than {last:g}," in refusal("metrics.rules.enabled=true", f"{value}={last:g}")


def test_dashboard_is_found_by_grafanas_sidecar_as_it_stands() -> None:
    made = the(rendered(*ALL), "ConfigMap", "batchyard-dashboard")
    assert made["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(made["data"]["batchyard.json"]) == json.loads(DASHBOARD.read_text())


def test_monitor_reads_the_port_that_the_service_has() -> None:
    documents = rendered(*ALL)
    monitor, service = the(documents, "ServiceMonitor", "batchyard"), the(documents, "Service", "batchyard-metrics")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [e["port"] for e in monitor["spec"]["endpoints"]] == [p["name"] for p in service["spec"]["ports"]]
    assert service["spec"]["ports"][0]["targetPort"] in [p["name"] for p in container(documents)["ports"]]


@pytest.mark.parametrize("what", ["serviceMonitor", "rules"])
def test_what_reads_metrics_is_refused_where_none_are_served(what: str) -> None:
    told = refusal("metrics.enabled=false", f"metrics.{what}.enabled=true")
    assert f"metrics.{what}.enabled needs metrics.enabled: true" in told


def test_metrics_can_be_left_out() -> None:
    documents = rendered("metrics.enabled=false")
    assert of_kind(documents, "Service") == []
    assert {"name": "BATCHYARD_METRICS_PORT", "value": "0"} in container(documents)["env"]


def test_budget_for_a_single_operator_is_refused() -> None:
    assert "needs replicas: 2" in refusal("podDisruptionBudget.enabled=true")


def test_network_policy_lets_the_operator_speak_with_the_api_server_only() -> None:
    documents = rendered("networkPolicy.enabled=true", "networkPolicy.apiServerPorts={8443}")
    policy = the(documents, "NetworkPolicy", "batchyard")["spec"]
    pod = the(documents, "Deployment", "batchyard")["spec"]["template"]
    assert policy["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert policy["egress"] == [{"ports": [{"port": 8443}]}]
    assert not policy["ingress"]
