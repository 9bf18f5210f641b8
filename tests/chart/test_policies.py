"""The admission policies as the chart makes them; what they deny is asked of a real API server in tests/cluster/security."""

import pytest

from tests.chart.helm import NAMESPACE, Document, of_kind, rendered

pytestmark = pytest.mark.cluster
NAMES = {
    f"{NAMESPACE}-batchyard-{name}"
    for name in ("launch", "records", "identity", "outcome", "directories", "restricted", "operator", "expiry")
}


def policies(documents: list[Document]) -> dict[str, Document]:
    return {each["metadata"]["name"]: each["spec"] for each in of_kind(documents, "ValidatingAdmissionPolicy")}


def test_every_policy_is_bound_and_denies() -> None:
    bindings = of_kind(rendered(), "ValidatingAdmissionPolicyBinding")
    assert set(policies(rendered())) == NAMES
    assert {binding["spec"]["policyName"] for binding in bindings} == NAMES
    assert all(binding["spec"]["validationActions"] == ["Deny"] for binding in bindings)


def test_a_policy_that_cannot_be_judged_denies_too() -> None:
    assert {spec["failurePolicy"] for spec in policies(rendered()).values()} == {"Fail"}


def test_every_refusal_has_a_reason_for_people() -> None:
    said = [each for spec in policies(rendered()).values() for each in spec["validations"]]
    assert all(each["message"] and each["reason"] == "Forbidden" for each in said)


def test_the_operator_is_known_by_the_account_it_really_has() -> None:
    [known] = [
        condition["expression"]
        for condition in policies(rendered("serviceAccount.name=other"))[f"{NAMESPACE}-batchyard-operator"][
            "matchConditions"
        ]
        if condition["name"] == "asked-for-by-the-operator"
    ]
    assert known == f"request.userInfo.username == 'system:serviceaccount:{NAMESPACE}:other'"


def test_policies_can_be_left_out() -> None:
    assert policies(rendered("policies.enabled=false")) == {}
    assert of_kind(rendered("policies.enabled=false"), "ValidatingAdmissionPolicyBinding") == []
