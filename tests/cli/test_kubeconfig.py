"""The kubeconfig is read as kubectl reads it; what is not supported is refused by name."""

from __future__ import annotations

import base64
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from batchyard.cli.access import login as access
from batchyard.cli.access.kubeconfig import Target, contexts, files, target
from batchyard.cli.access.login import login, of_target
from batchyard.cli.outcome import Problem

Entry = dict[str, Any]


def written(path: Path, **parts: Any) -> Path:
    path.write_text(yaml.safe_dump(parts))
    return path


def simple(path: Path, user: Entry | None = None, cluster: Entry | None = None, **context: str) -> Path:
    return written(
        path,
        **{
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", **context}}],
            "clusters": [{"name": "c", "cluster": {"server": "http://10.0.0.1:8080/", **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {}}],
        },
    )


def headers(tmp_path: Path, user: Entry) -> dict[str, str]:
    return login(str(simple(tmp_path / "config", user)), None, {}).headers


def test_context_names_cluster_user_and_namespace(tmp_path: Path) -> None:
    found = login(str(simple(tmp_path / "config", namespace="team")), None, {})
    assert (found.server, found.namespace, found.headers, found.tls) == ("http://10.0.0.1:8080", "team", {}, None)
    assert login(str(simple(tmp_path / "config")), "here", {}).namespace == "default"
    with pytest.raises(Problem, match="has no context 'there'"):
        login(str(simple(tmp_path / "config")), "there", {})


def test_of_several_files_the_first_that_names_something_holds(tmp_path: Path) -> None:
    first = written(tmp_path / "first", contexts=[{"name": "a", "context": {"cluster": "c"}}])
    second = simple(tmp_path / "second")
    paths = files(None, {"KUBECONFIG": f"{first}:{tmp_path / 'missing'}:{second}"})
    assert paths == [first, second]
    assert contexts(paths) == ["a", "here"]
    assert target(paths, "a").cluster["server"] == "http://10.0.0.1:8080/"
    assert target(paths, None).namespace == "default"


def test_paths_are_relative_to_the_file_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    assert headers(tmp_path, {"tokenFile": "token", "token": "old"}) == {"Authorization": "Bearer secret"}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"token": "abc"}, {"Authorization": "Bearer abc"}),
        ({"username": "me", "password": "pw"}, {"Authorization": "Basic bWU6cHc="}),
        ({"token": "t", "as": "boss"}, {"Authorization": "Bearer t", "Impersonate-User": "boss"}),
    ],
)
def test_user_is_told_in_headers(tmp_path: Path, user: Entry, expected: dict[str, str]) -> None:
    assert headers(tmp_path, user) == expected


@pytest.mark.parametrize(
    ("user", "says"),
    [
        ({"auth-provider": {"name": "gcp"}}, "auth-provider, which Kubernetes gave up"),
        ({"as": "x", "as-groups": ["y"]}, "are not supported"),
        ({"tokenFile": "nowhere"}, "cannot read the token"),
        ({"token": "two\nlines"}, "for Authorization has characters that cannot be sent"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1alpha1", "command": "x"}}, "known are"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/nowhere/x"}}, "cannot run the credential plugin"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}}, "ended with exit code 1"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true"}}, "answered no ExecCredential"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "interactiveMode": "Always"}}, "wants to ask"),
    ],
)  # fmt: skip
def test_login_that_cannot_work_says_why(tmp_path: Path, user: Entry, says: str) -> None:
    with pytest.raises(Problem, match=says):
        headers(tmp_path, user)


@pytest.mark.parametrize(
    ("user", "cluster"),
    [
        ({}, {"server": 5}),
        ({}, {"server": ["http://x"]}),
        ({}, {"server": "https://x", "certificate-authority": 5}),
        ({}, {"server": "https://x", "certificate-authority-data": 5}),
        ({}, {"proxy-url": 5}),
        ({"token": 5}, {}),
        ({"username": "me", "password": 1234}, {}),
        ({"as": {"name": "x"}}, {}),
        ({"exec": "aws"}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": 5}}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "args": 5}}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "args": [5]}}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "env": [5]}}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "env": [{"name": "A", "value": 5}]}}, {}),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "provideClusterInfo": True}}, {"extensions": [5]}),
    ],
)  # fmt: skip
def test_value_of_another_type_is_refused(tmp_path: Path, user: Entry, cluster: Entry) -> None:
    with pytest.raises(Problem, match=r"wrong type|not as it should be"):
        login(str(simple(tmp_path / "config", user, cluster)), None, {})


@pytest.mark.parametrize("listed", ["contexts", "clusters", "users"])
@pytest.mark.parametrize(
    "value", [5, "x", {"name": "x"}, [5], [{"name": "here", "context": 5, "cluster": 5, "user": 5}]]
)
def test_list_that_is_none_is_refused(tmp_path: Path, listed: str, value: object) -> None:
    content = yaml.safe_load(simple(tmp_path / "config").read_text())
    with pytest.raises(Problem, match=f"{listed} is no list of entries"):
        login(str(written(tmp_path / "config", **{**content, listed: value})), None, {})


@pytest.mark.parametrize("text", ["- a list", "{", "current-context: x\ncontexts: null", "\x00"])
def test_file_that_is_no_kubeconfig_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(Problem):
        login(str(tmp_path / "config"), None, {})


def test_no_kubeconfig_at_all_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with pytest.raises(Problem, match="there is no kubeconfig"):
        login(None, None, {})
    with pytest.raises(Problem, match="there is no kubeconfig"):
        login(str(tmp_path / "missing"), None, {})


def test_in_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path)
    (tmp_path / "token").write_text("pod\n")
    (tmp_path / "namespace").write_text("team")
    with pytest.raises(Problem, match="cannot use the certificates"):
        login(None, None, {"KUBERNETES_SERVICE_HOST": "10.96.0.1"})
    found = of_target(Target({"server": "http://x"}, {"tokenFile": str(tmp_path / "token")}, "team"), {})
    assert found.headers == {"Authorization": "Bearer pod"}


def plugin(tmp_path: Path, status: Entry, **more: Any) -> Entry:
    """A credential plugin that writes down what it was told and answers with a status."""
    script = tmp_path / "plugin.py"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"open({str(tmp_path / 'told')!r}, 'w').write(json.dumps([sys.argv[1:], os.environ['KUBERNETES_EXEC_INFO'], os.environ['EXTRA']]))\n"
        f"print({json.dumps({'status': status})!r})\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    api = "client.authentication.k8s.io/v1"
    env = [{"name": "EXTRA", "value": "e"}]
    return {"exec": {"apiVersion": api, "command": "./plugin.py", "args": ["get"], "env": env, **more}}


def test_credential_plugin_is_run_beside_the_kubeconfig_and_gives_the_token(tmp_path: Path) -> None:
    user = plugin(tmp_path, {"token": "fresh"}, provideClusterInfo=True)
    assert headers(tmp_path, user) == {"Authorization": "Bearer fresh"}
    argv, info, extra = json.loads((tmp_path / "told").read_text())
    assert (argv, extra) == (["get"], "e")
    assert json.loads(info)["spec"]["cluster"]["server"] == "http://10.0.0.1:8080/"


def test_certificates_that_are_wrong_are_told_without_a_traceback(tmp_path: Path) -> None:
    nonsense = base64.b64encode(b"nonsense").decode()
    for cluster, user in (
        ({"certificate-authority-data": nonsense}, {}),
        ({}, {"client-certificate-data": nonsense, "client-key-data": nonsense}),
        ({}, {"client-certificate": "missing"}),
    ):
        config = simple(tmp_path / "config", user, {"server": "https://10.0.0.1", **cluster})
        with pytest.raises(Problem, match="cannot use the certificates"):
            login(str(config), None, {})
    assert not [*tmp_path.glob("tmp*")]
