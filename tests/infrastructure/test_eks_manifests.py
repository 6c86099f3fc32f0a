"""The manifests of eks: Kustomize renders them, Kubernetes takes them, they fit each other and the containers."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from ruamel.yaml import YAML

from djroadmap.detect import detect
from djroadmap.features.eks import Options
from djroadmap.model.memory import MemoryTree
from djroadmap.planning.deploying.discovery import deployment
from tests.infrastructure.eks import write_tree
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.kubernetes import (
    VERSION,
    Object,
    component,
    containers,
    environment_problems,
    of_kind,
    pod_problems,
    reference_problems,
    schema_problems,
)
from tests.infrastructure.tools import output, tool
from tests.infrastructure.workflows import execute, lint_shell
from tests.memory import SKIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from djroadmap.planning.deploying.facts import Deployment

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "turbo_minimal", "cookiecutter")
ENVIRONMENTS = {"dev": False, "staging": False, "production": True}
TAG = "0123456789ab"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app"
NOT_OURS = "checksum/config"
"""Kustomize could only put a digest into the ConfigMap's name, which the Job of migrations would not know. Releases
restart all pods anyway, and README.md says what does otherwise."""
SKIPS = {
    "CKV_K8S_8": "beat answers to nothing",
    "CKV_K8S_9": "workers and beat serve nothing that could be ready",
    "CKV_K8S_11": "a limit of CPU slows down what could use idle cores",
    "CKV_K8S_15": "a tag never changes in the repository of images",
    "CKV_K8S_35": "settings read the environment",
    "CKV_K8S_43": "a tag never changes in the repository of images",
}
"""Checks of checkov that do not fit, and why."""
HTTPS = '[{"HTTP": 80}, {"HTTPS": 443}]'


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    @cache
    def made(layout: str, identity: str = "irsa") -> Path:
        return write_tree(tmp_path_factory.mktemp(layout), layout, identity=identity)

    return made


class Unrendered(Exception):
    """Kustomize refuses it, and says why."""


@cache
def facts(folder: Path) -> Deployment:
    """What the containers of the project are."""
    source = folder / "project"
    return deployment(
        detect(
            MemoryTree(
                {
                    path.relative_to(source).as_posix(): path.read_bytes()
                    for path in sorted(source.rglob("*"))
                    if path.is_file() and not SKIPPED & set(path.relative_to(source).parts)
                }
            )
        )
    )


def rendered(folder: Path) -> list[Object]:
    """What `kubectl kustomize` makes of a folder."""
    ran = output(tool("kubectl"), "kustomize", folder)
    if ran.returncode:
        raise Unrendered(ran.stderr)
    return [one for one in YAML(typ="safe").load_all(ran.stdout) if one]


def release(folder: Path, slug: str, environment: str) -> list[Object]:
    """The objects of a release: an overlay and the Job, with what the deployment says with `kustomize edit`."""
    k8s = folder / "k8s"
    overlay = rendered(k8s / "overlays" / environment)
    job = k8s / "jobs" / "migrate"
    with edited(job / "kustomization.yaml", suffix=f"-{TAG}"):
        [migrate] = rendered(job)
    migrate["metadata"]["namespace"] = f"{slug}-{environment}"
    for one in [*overlay, migrate]:
        if one["kind"] in {"Deployment", "Job"}:
            for container in containers(one):
                assert container["image"] == f"CHANGE-ME/{slug}:CHANGE-ME"
                container["image"] = f"{IMAGE}:{TAG}"
    return [*overlay, migrate]


class edited:  # noqa: N801 - it is used like a function
    """A kustomization with another suffix, for as long as it is rendered."""

    def __init__(self, path: Path, *, suffix: str) -> None:
        self.path, self.text, self.suffix = path, path.read_text(), suffix

    def __enter__(self) -> None:
        self.path.write_text(re.sub(r"(?m)^nameSuffix: .*$", f"nameSuffix: {self.suffix}", self.text))

    def __exit__(self, *_: object) -> None:
        self.path.write_text(self.text)


def secret_keys(folder: Path, objects: list[Object]) -> dict[str, set[str]]:
    """The keys of the Secret: what Terraform's units put into those that the ExternalSecret names."""
    [external] = of_kind(objects, "ExternalSecret")
    home = folder / "infrastructure"
    found: set[str] = set()
    for source in external["spec"]["dataFrom"]:
        prefix, _, what = source["extract"]["key"].partition("/")
        if prefix != external["metadata"]["namespace"]:
            continue
        [module] = [
            path.parent.name
            for path in sorted((home / "modules").glob("*/main.tf"))
            if f'"${{var.name}}/{what}"' in path.read_text()
        ]
        unit = (home / "environments" / "_env" / f"{module}.hcl").read_text()
        found |= set(re.findall(r'(?:password_key|url_key)\s*= "(\w+)"', unit))
        for block in re.findall(r"(?ms)^  \w+_keys = [\[{]\n(.*?)^  [\]}]", unit):
            found |= set(re.findall(r'(?m)^ +"?(\w+)"?', block))
    return {external["spec"]["target"]["name"]: found}


def problems(folder: Path, known: Deployment, environment: str) -> list[str]:
    """All that is wrong with a release."""
    sources = "\n".join(path.read_text() for path in sorted((folder / "k8s").rglob("*.yaml")))
    found = [word for word in ("commonLabels:", "generateName:", "kind: Namespace") if word in sources]
    try:
        objects = release(folder, known.slug, environment)
    except Unrendered as error:
        return [str(error)]
    keys = secret_keys(folder, objects)
    found += schema_problems(objects)
    found += reference_problems(objects, namespace=f"{known.slug}-{environment}", secrets=keys)
    found += [one for one in pod_problems(objects, known) if NOT_OURS not in one]
    found += environment_problems(objects, known, secrets=keys)
    found += numbers(objects, production=ENVIRONMENTS[environment])
    found += ways_in(objects)
    return found


def numbers(objects: list[Object], *, production: bool) -> Iterator[str]:
    """How many of what."""
    [scaler] = of_kind(objects, "HorizontalPodAutoscaler")
    least = scaler["spec"]["minReplicas"]
    if least != (2 if production else 1):
        yield f"{least} web pods at least"
    for one in of_kind(objects, "Deployment"):
        wanted = {"worker": 2 if production else 1, "beat": 1, "web": None}[component(one)]
        if one["spec"].get("replicas") != wanted:
            yield f"{component(one)}: {one['spec'].get('replicas')} replicas, not {wanted}"
    if bool(of_kind(objects, "PodDisruptionBudget")) != production:
        yield "a budget is for several pods"
    if [component(one) for one in of_kind(objects, "Job")] != ["migrate"]:
        yield "one Job, which migrates"


def ways_in(objects: list[Object]) -> Iterator[str]:
    """What the load balancer is told, and what pods may do in AWS."""
    [ingress] = of_kind(objects, "Ingress")
    prefix = "alb.ingress.kubernetes.io/"
    wanted = {
        "target-type": "ip",
        "healthcheck-path": "/healthz/",
        "success-codes": "200",
        "listen-ports": HTTPS,
        "ssl-redirect": "443",
        "certificate-arn": "CHANGE-ME",
    }
    annotations = ingress["metadata"].get("annotations", {})
    for name, value in wanted.items():
        if annotations.get(f"{prefix}{name}") != value:
            yield f"ingress: {name} is {annotations.get(f'{prefix}{name}')}, not {value}"
    if ingress["spec"].get("ingressClassName") != "alb":
        yield "ingress: is for another controller"
    hosts = [one["host"] for one in ingress["spec"]["rules"]]
    [config] = of_kind(objects, "ConfigMap")
    if hosts != [config["data"].get("DJANGO_ALLOWED_HOSTS")]:
        yield f"ingress: {hosts} is no host that Django allows"
    [store] = of_kind(objects, "SecretStore")
    [account] = of_kind(objects, "ServiceAccount")
    borrows = "auth" in store["spec"]["provider"]["aws"]
    if borrows != ("eks.amazonaws.com/role-arn" in (account["metadata"].get("annotations") or {})):
        yield "secrets: the service account has a role, and the store does not use it, or the other way round"


def test_objects_are_checked_for_the_version_that_clusters_get() -> None:
    assert Options().k8s_version == VERSION


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_release_is_sound(tree: Callable[..., Path], layout: str, environment: str) -> None:
    folder = tree(layout)
    assert problems(folder, facts(folder), environment) == []


def test_a_release_is_sound_with_pod_identity(tree: Callable[..., Path]) -> None:
    folder = tree("cookiecutter", "pod-identity")
    assert problems(folder, facts(folder), "production") == []


def test_without_celery_only_the_server_runs(tree: Callable[..., Path]) -> None:
    minimal = release(tree("turbo_minimal"), "tidepool", "production")
    assert [component(one) for one in of_kind(minimal, "Deployment")] == ["web"]
    full = release(tree("turbo"), "bakery", "production")
    assert sorted(component(one) for one in of_kind(full, "Deployment")) == ["beat", "web", "worker"]


def test_configuration_can_be_applied_before_the_rest(tree: Callable[..., Path]) -> None:
    """What the migrations need has one label: `kubectl apply -k ... -l app.kubernetes.io/component=config`."""
    objects = release(tree("turbo"), "bakery", "dev")
    kinds = sorted(one["kind"] for one in objects if component(one) == "config")
    assert kinds == ["ConfigMap", "ExternalSecret", "SecretStore", "ServiceAccount"]


def test_roles_that_manifests_name_are_made(tree: Callable[..., Path]) -> None:
    folder = tree("turbo")
    [account] = of_kind(release(folder, "bakery", "staging"), "ServiceAccount")
    role = account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].rpartition("/")[2]
    environments = folder / "infrastructure" / "environments"
    [name] = re.findall(r'name\s+= "(.+)"', (environments / "staging" / "env.hcl").read_text())
    addons = (folder / "infrastructure/modules/eks-addons/main.tf").read_text()
    assert role == f"{name}-app"
    assert '= "${var.name}-app"' in addons
    inputs = (environments / "_env" / "eks-addons.hcl").read_text()
    assert f'service_account = "{account["metadata"]["name"]}"' in inputs
    assert re.search(r"namespace\s+= local\.env\.name", inputs)
    assert name == account["metadata"]["namespace"]


def test_security_scanners_find_nothing_unreasoned(tree: Callable[..., Path], tmp_path: Path) -> None:
    for environment in ("dev", "production"):
        with (tmp_path / f"{environment}.yaml").open("w") as stream:
            YAML().dump_all(release(tree("turbo"), "bakery", environment), stream)
    command = ("--skip-download", "--framework", "kubernetes", "--output", "json", "--directory", tmp_path)
    report = json.loads(output(tool("checkov"), *command).stdout)
    failed = {one["check_id"] for one in report["results"]["failed_checks"]}
    assert report["summary"]["passed"] > 100
    assert failed == set(SKIPS)


def script(folder: Path) -> str:
    """What README.md says that deploys."""
    return re.findall(r"(?ms)^```sh\n(.*?)^```", (folder / "k8s" / "README.md").read_text())[0]


def deployed(folder: Path, tmp_path: Path, **answers: str) -> tuple[int, list[str]]:
    """The exit code of the script in README.md, and how it called kubectl and kustomize."""
    fakes = Fakes(tmp_path / "fakes", "git", "kustomize")
    fakes.answer("git rev-parse HEAD", f"{TAG}{'0' * 28}")
    fakes.answer("terragrunt output -raw repository_url", IMAGE)
    for command in ("aws eks update-kubeconfig", "kustomize edit set", "kubectl"):
        fakes.answer(command)
    fakes.answer("kubectl get job", answers.get("succeeded", "1"))
    fakes.answer("kubectl wait externalsecret/bakery", code=int(answers.get("waited", "0")))
    ran = execute(script(folder), fakes, cwd=folder)
    assert not fakes.unanswered
    return ran.returncode, [str(call) for call in (*fakes.calls("kubectl"), *fakes.calls("kustomize"))]


@pytest.mark.parametrize("layout", ["turbo", "turbo_minimal"])
def test_the_readme_says_clean_shell(tree: Callable[..., Path], layout: str) -> None:
    for block in re.findall(r"(?ms)^```sh\n(.*?)^```", (tree(layout) / "k8s" / "README.md").read_text()):
        assert [str(finding) for finding in lint_shell(f"#!/bin/bash\n{block}")] == []


def test_what_the_readme_says_deploys(tree: Callable[..., Path], tmp_path: Path) -> None:
    code, calls = deployed(tree("turbo"), tmp_path)
    assert code == 0
    overlay = "kubectl apply -k k8s/overlays/dev"
    assert calls.index(f"{overlay} -l app.kubernetes.io/component=config") < calls.index(
        "kubectl -n bakery-dev apply -k k8s/jobs/migrate"
    )
    assert calls.index("kubectl -n bakery-dev apply -k k8s/jobs/migrate") < calls.index(overlay)
    assert [one for one in calls if "rollout status" in one] == [
        f"kubectl -n bakery-dev rollout status deployment/bakery-{name} --timeout 10m"
        for name in ("web", "worker", "beat")
    ]
    assert f"kustomize edit set namesuffix -- -{TAG}" in calls
    assert calls.count(f"kustomize edit set image bakery={IMAGE}:{TAG}{'0' * 28}") == 2


@pytest.mark.parametrize(
    ("answers", "last"), [({"succeeded": ""}, "get job"), ({"waited": "1"}, "wait externalsecret")]
)
def test_pods_stay_where_something_fails(
    tree: Callable[..., Path], tmp_path: Path, answers: dict[str, str], last: str
) -> None:
    code, calls = deployed(tree("turbo"), tmp_path, **answers)
    assert code != 0
    assert "kubectl apply -k k8s/overlays/dev" not in calls
    assert not [one for one in calls if "rollout" in one]
    assert last in [one for one in calls if one.startswith("kubectl")][-1]


class Mutation(NamedTuple):
    """A mistake in a file of k8s/, and what is said of it."""

    path: str
    old: str
    new: str
    said: str


WEB, WORKER, BEAT = (f"base/deployment-{name}.yaml" for name in ("web", "worker", "beat"))
JOB, INGRESS = "jobs/migrate/job.yaml", "base/ingress.yaml"
OVERLAY = "overlays/production"
MUTATIONS = {
    "command": Mutation(WEB, "args: [", "command: [", "replaces ENTRYPOINT"),
    "other arguments": Mutation(WORKER, 'args: ["/start-celeryworker"]', 'args: ["/start"]', "args:"),
    "commonLabels": Mutation(
        "base/kustomization.yaml",
        "labels:\n  - pairs:\n      app.kubernetes.io/part-of: bakery\n    includeTemplates: true",
        "commonLabels:\n  app.kubernetes.io/part-of: bakery",
        "commonLabels",
    ),
    "generateName": Mutation(
        JOB,
        "  name: bakery-migrate\n",
        "  name: bakery-migrate\n  generateName: bakery-migrate-\n",
        "generateName",
    ),
    "migrations in the base": Mutation(
        "base/kustomization.yaml",
        "  - configmap.yaml\n",
        "  - configmap.yaml\n  - ../jobs/migrate\n",
        "one Job",
    ),
    "target type": Mutation(INGRESS, "target-type: ip", "target-type: instance", "target-type is instance"),
    "no health check": Mutation(
        INGRESS, "    alb.ingress.kubernetes.io/healthcheck-path: /healthz/\n", "", "healthcheck-path is None"
    ),
    "any answer is healthy": Mutation(
        INGRESS, 'success-codes: "200"', 'success-codes: "200-499"', "success-codes"
    ),
    "no user": Mutation(WEB, "        runAsUser: 10001\n", "", "runAsUser"),
    "a user by name": Mutation(WEB, "runAsUser: 10001", "runAsUser: django", "runAsUser"),
    "service links": Mutation(BEAT, "      enableServiceLinks: false\n", "", "enableServiceLinks"),
    "a token": Mutation(
        WORKER,
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
        "automountServiceAccountToken",
    ),
    "a writable root": Mutation(
        JOB, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"
    ),
    "no place for static files": Mutation(
        WEB,
        "            - name: app-staticfiles\n              mountPath: /app/staticfiles\n",
        "",
        "/app/staticfiles is written to",
    ),
    "the wrong port": Mutation(WEB, "containerPort: 5000", "containerPort: 8000", "listens at 5000"),
    "readiness asks liveness": Mutation(WEB, "/readyz/", "/healthz/", "readinessProbe: asks /healthz/"),
    "a probe past the entrypoint": Mutation(WORKER, '                - "/entrypoint"\n', "", "ENTRYPOINT"),
    "two beats": Mutation(BEAT, "  replicas: 1\n", "  replicas: 2\n", "beat: 2 replicas"),
    "beat is rolled": Mutation(
        BEAT, "    type: Recreate", "    type: RollingUpdate", "two while it is replaced"
    ),
    "replicas beside the autoscaler": Mutation(
        WEB, "spec:\n  # No", "spec:\n  replicas: 3\n  # No", "has replicas"
    ),
    "a selector for others": Mutation(
        WORKER,
        "    matchLabels:\n      app.kubernetes.io/name: bakery\n      app.kubernetes.io/component: worker",
        "    matchLabels:\n      app.kubernetes.io/name: bakery\n      app.kubernetes.io/component: web",
        "selector",
    ),
    "a Secret that nobody makes": Mutation(
        JOB, "name: bakery-secrets", "name: bakery-secret", "there is no Secret bakery-secret"
    ),
    "a ConfigMap that is not there": Mutation(
        BEAT, "name: bakery-config", "name: bakery-configuration", "there is no ConfigMap"
    ),
    "another account": Mutation(
        "base/secretstore.yaml",
        "            name: bakery",
        "            name: default-account",
        "there is no ServiceAccount",
    ),
    "an old version of External Secrets": Mutation(
        "base/externalsecret.yaml", "external-secrets.io/v1", "external-secrets.io/v1beta1", "ExternalSecret"
    ),
    "a field that is none": Mutation(
        "base/externalsecret.yaml", "refreshInterval", "refreshinterval", "refreshinterval"
    ),
    "a field of no pod": Mutation(
        WEB, "enableServiceLinks: false", "enableServiceLink: false", "enableServiceLink"
    ),
    "no settings": Mutation(
        "base/configmap.yaml",
        '  DJANGO_SETTINGS_MODULE: "config.settings.production"\n',
        "",
        "DJANGO_SETTINGS_MODULE",
    ),
    "a missing variable": Mutation(
        f"{OVERLAY}/patches/configmap.yaml",
        "  MAILGUN_DOMAIN:",
        "  MAILGUN_DOMAINS:",
        "MAILGUN_DOMAIN is not set",
    ),
    "a missing secret": Mutation(
        f"{OVERLAY}/patches/externalsecret.yaml",
        "    - extract:\n        key: bakery-production/database\n",
        "",
        "POSTGRES_PASSWORD is not set",
    ),
    "another namespace": Mutation(
        f"{OVERLAY}/kustomization.yaml", "namespace: bakery-production", "namespace: bakery", "namespace"
    ),
    "no host": Mutation(
        f"{OVERLAY}/patches/ingress.yaml",
        "host: bakery.example.com",
        "host: www.example.com",
        "no host that Django allows",
    ),
    "no certificate": Mutation(
        f"{OVERLAY}/patches/ingress.yaml",
        "certificate-arn: CHANGE-ME",
        "certificate: CHANGE-ME",
        "certificate-arn is None",
    ),
    "no role": Mutation(
        f"{OVERLAY}/kustomization.yaml",
        "  - path: patches/serviceaccount.yaml\n",
        "",
        "the service account has a role",
    ),
    "one worker in production": Mutation(
        f"{OVERLAY}/kustomization.yaml", "    count: 2", "    count: 1", "worker: 1 replicas"
    ),
    "cut off requests": Mutation(
        WEB, "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 30", "requests are cut off"
    ),
    "cut off tasks": Mutation(
        WORKER, "terminationGracePeriodSeconds: 330", "terminationGracePeriodSeconds: 30", "a task may take"
    ),
    "a service for all": Mutation(
        "base/service.yaml", "    app.kubernetes.io/component: web\n  ports", "  ports", "leads to"
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_noticed(tree: Callable[..., Path], name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    source = tree("turbo")
    shutil.copytree(source / "k8s", tmp_path / "k8s")
    (tmp_path / "infrastructure").symlink_to(source / "infrastructure")
    path = tmp_path / "k8s" / mutation.path
    assert mutation.old in path.read_text()
    path.write_text(path.read_text().replace(mutation.old, mutation.new, 1))
    found = problems(tmp_path, facts(source), "production")
    assert any(mutation.said in one for one in found), found
