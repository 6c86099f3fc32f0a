"""The chart that `helm` writes: rendered by Helm itself, checked object by object and as a whole, and made wrong."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from djroadmap.features.helm import FEATURE
from djroadmap.planning.deploying.discovery import deployment
from tests.features.small import applied, project as detected
from tests.features.test_helm import CELERY, DATABASE, DOCKED
from tests.infrastructure.checkov import checkov
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.helm import (
    lint,
    load,
    render,
    undefined_values,
    unused_values,
)
from tests.infrastructure.kubernetes import (
    component,
    environment_of,
    environment_problems,
    hook_problems,
    named,
    of_kind,
    pod_problems,
    reference_problems,
    schema_problems,
    template,
    title,
)
from tests.infrastructure.workflows import block, execute, lint_blocks, lint_workflow
from tests.matrix.cases import project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from djroadmap.planning.deploying.facts import Deployment
    from tests.features.small import Files
    from tests.infrastructure.helm import Render

    Make: TypeAlias = Callable[..., "Made"]

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "turbo_minimal", "cookiecutter")
WITH_CELERY = ("turbo", "cookiecutter")
ENVIRONMENTS = ("dev", "staging", "production")
CI = "ci/values.yaml"
EXISTING = {"externalSecrets": {"enabled": False}, "secrets": {"existing": "given"}}
KEDA = {
    "worker": {
        "autoscaling": {"enabled": False},
        "keda": {"enabled": True, "minReplicas": 2, "address": "redis:6379", "passwordKey": "REDIS_PASSWORD"},
    }
}
ROUTE = {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public", "sectionName": "https"}]}}


class Made(NamedTuple):
    """A project with a chart."""

    root: Path
    chart: Path
    known: Deployment

    def render(self, values: Mapping[str, Any] | None = None, environment: str = "dev", **how: Any) -> Render:
        """The chart for one environment, with what only an environment knows."""
        return render(self.chart, values, files=(f"values-{environment}.yaml", CI), **how)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A project of a layout with a chart, on disk, once for all."""
    folder = tmp_path_factory.mktemp("charts")
    known: dict[tuple[str, str], Made] = {}

    def make(layout: str, options: str = "") -> Made:
        if (layout, options) not in known:
            memory = project(layout, folder / "layouts")
            memory.add(f"helm{options}")
            facts = deployment(memory.world.project())
            root = folder / f"{layout}{options.replace(' ', '_')}"
            for path, data in memory.files.items():
                if path.startswith(("charts/", ".github/workflows/")):
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_bytes(data)
            known[layout, options] = Made(root, root / "charts" / facts.slug, facts)
        return known[layout, options]

    return make


def problems(
    rendered: Render,
    known: Deployment,
    secrets: Sequence[str] = (),
    namespace: str = "test",
) -> list[str]:
    """Everything that is wrong with a render."""
    if rendered.error:
        return [rendered.error]
    given = dict.fromkeys(secrets, ())
    hooks = [(hook.weight, hook.events, hook.policies, hook.object) for hook in rendered.hooks]
    return [
        *schema_problems(rendered.all),
        *reference_problems(rendered.all, namespace=namespace, secrets=given),
        *hook_problems(hooks, secrets=secrets),
        *pod_problems(rendered.all, known),
        *environment_problems(rendered.all, known),
    ]


def kinds(rendered: Render, kind: str) -> list[str]:
    """The components that have an object of this kind."""
    return sorted(component(one) for one in of_kind(rendered.all, kind))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_lints(layout: str, environment: str, made: Make) -> None:
    found = lint(made(layout).chart, f"values-{environment}.yaml", CI)
    # An icon is only for catalogues.
    assert found.severities == (("Chart.yaml", 1),)


@pytest.mark.parametrize("options", ["", " --ingress nginx", " --ingress none", " --secrets existing"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_environment_holds(layout: str, environment: str, options: str, made: Make) -> None:
    one = made(layout, options)
    secrets = (f"{one.known.slug}-secrets",) if "existing" in options else ()
    found = one.render(environment=environment)
    assert problems(found, one.known, secrets) == []
    assert kinds(found, "Ingress") == ([] if "none" in options else ["web"])
    assert kinds(found, "ExternalSecret") == ([] if secrets else ["migrate", "secrets"])
    scaled = ["web", *(["worker"] if one.known.celery else [])] if environment == "production" else []
    assert kinds(found, "HorizontalPodAutoscaler") == scaled
    assert kinds(found, "Deployment") == (["beat", "web", "worker"] if one.known.celery else ["web"])


URL = str(DOCKED["shop/settings.py"]).replace(
    DATABASE, '\nimport dj_database_url\n\nDATABASES = {"default": dj_database_url.config()}\n'
)
OTHERS: dict[str, Files] = {
    "no entrypoint": DOCKED,
    "Celery without scripts": {**DOCKED, **CELERY},
    "one address of the database": {**DOCKED, "shop/settings.py": URL},
    "an entrypoint": {
        **DOCKED,
        "Dockerfile": str(DOCKED["Dockerfile"]).replace(
            "USER shop", 'USER shop\nENTRYPOINT ["/srv/docker/entrypoint.sh"]'
        ),
        "docker/entrypoint.sh": '#!/bin/sh\nset -eu\n: "${LICENCE_KEY:?}"\nexec "$@"\n',
    },
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", OTHERS)
def test_other_projects_hold(name: str, environment: str, tmp_path: Path) -> None:
    files = OTHERS[name]
    known = deployment(detected(files))
    for path, text in applied(FEATURE.plan(detected(files), FEATURE.options()), files).items():
        if path.startswith("charts/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(str(text))
    one = Made(tmp_path, tmp_path / "charts" / "shop", known)
    found = one.render(environment=environment)
    assert problems(found, known) == []
    assert ("beat" in kinds(found, "Deployment")) is (name == "Celery without scripts")
    variables = environment_of(named(found.all, "Deployment", "shop-web") or {}, found.all, {})
    assert ("DATABASE_URL" in variables) is (name == "one address of the database")
    assert ("LICENCE_KEY" in variables) is (name == "an entrypoint")
    assert unused_values(one.chart) == [] and undefined_values(one.chart) == []


TOGGLES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "ingress off": ({"ingress": {"enabled": False}}, "Ingress", []),
    "route": (ROUTE, "HTTPRoute", ["web"]),
    "web HPA on": ({"web": {"autoscaling": {"enabled": True}}}, "HorizontalPodAutoscaler", ["web"]),
    "web HPA off": (
        {"web": {"autoscaling": {"enabled": False}, "replicas": 3}},
        "HorizontalPodAutoscaler",
        [],
    ),
    "budget": ({"web": {"replicas": 2}}, "PodDisruptionBudget", ["web"]),
    "budget off": (
        {"web": {"replicas": 2, "podDisruptionBudget": {"enabled": False}}},
        "PodDisruptionBudget",
        [],
    ),
    "budget of one": ({"web": {"replicas": 1}}, "PodDisruptionBudget", []),
    "external secrets off": (EXISTING, "ExternalSecret", []),
    "a store that is there": (
        {"externalSecrets": {"store": {"create": False, "kind": "ClusterSecretStore", "name": "aws"}}},
        "SecretStore",
        [],
    ),
    "the controller's role": (
        {
            "externalSecrets": {"store": {"useServiceAccount": False}},
            "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": ""}},
        },
        "SecretStore",
        ["migrate", "secrets"],
    ),
    "migrations off": ({"migrate": {"enabled": False}}, "Job", []),
    "network policy off": ({"networkPolicy": {"enabled": False}}, "NetworkPolicy", []),
    "network policy out": (
        {
            "networkPolicy": {
                "ingressFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
                "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
            }
        },
        "NetworkPolicy",
        ["others", "web"],
    ),
    "service account of theirs": (
        {"serviceAccount": {"create": False, "name": "default"}},
        "ServiceAccount",
        [],
    ),
    "role": (
        {"serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::0:role/x"}}},
        "ServiceAccount",
        ["serviceaccount"],
    ),
    "digest": ({"image": {"tag": "", "digest": f"sha256:{'0' * 64}"}}, "Job", ["migrate"]),
    "placed": (
        {
            "web": {
                "nodeSelector": {"disk": "ssd"},
                "tolerations": [{"key": "spot", "operator": "Exists"}],
                "affinity": {
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {
                                "topologyKey": "kubernetes.io/hostname",
                                "labelSelector": {"matchLabels": {"app": "a"}},
                            }
                        ]
                    }
                },
                "podAnnotations": {"reloader.stakater.com/auto": "true"},
                "podLabels": {"team": "shop"},
                "env": {"SENTRY_ENVIRONMENT": "dev"},
            },
            "imagePullSecrets": [{"name": "registry"}],
            "service": {"annotations": {"a": "b"}},
            "extraVolumes": [{"name": "media", "persistentVolumeClaim": {"claimName": "media"}}],
            "extraVolumeMounts": [{"name": "media", "mountPath": "/media"}],
        },
        "Deployment",
        ["web"],
    ),
    "objects of theirs": (
        {
            "extraObjects": [
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": "{{ .Release.Name }}-more", "namespace": "{{ .Release.Namespace }}"},
                }
            ]
        },
        "ConfigMap",
        ["", "config", "migrate"],
    ),
}
OF_CELERY: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "worker off": ({"worker": {"enabled": False}}, "Deployment", ["beat", "web"]),
    "beat off": ({"beat": {"enabled": False}}, "Deployment", ["web", "worker"]),
    "celery off": ({"worker": {"enabled": False}, "beat": {"enabled": False}}, "Deployment", ["web"]),
    "KEDA": (KEDA, "ScaledObject", ["worker"]),
    "KEDA without password": (
        {"worker": {"keda": {"enabled": True, "address": "redis:6379"}}},
        "TriggerAuthentication",
        [],
    ),
    "worker HPA": ({"worker": {"autoscaling": {"enabled": True}}}, "PodDisruptionBudget", ["worker"]),
}


@pytest.mark.parametrize("toggle", TOGGLES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_toggle_holds(layout: str, toggle: str, made: Make) -> None:
    values, kind, expected = TOGGLES[toggle]
    one = made(layout)
    found = one.render(values)
    known_objects = ("media",)
    assert [said for said in problems(found, one.known, ("given",)) if known_objects[0] not in said] == []
    if kind == "Deployment" and one.known.celery:
        expected = sorted([*expected, "beat", "worker"])
    assert kinds(found, kind) == expected


@pytest.mark.parametrize("toggle", OF_CELERY)
@pytest.mark.parametrize("layout", WITH_CELERY)
def test_every_toggle_of_celery_holds(layout: str, toggle: str, made: Make) -> None:
    values, kind, expected = OF_CELERY[toggle]
    found = made(layout).render(values)
    assert problems(found, made(layout).known) == []
    assert kinds(found, kind) == expected


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "misspelt": ({"replicaCount": 3}, "additional properties 'replicaCount' not allowed"),
    "misspelt inside": ({"web": {"replica": 3}}, "additional properties 'replica' not allowed"),
    "text for a number": ({"web": {"replicas": "3"}}, "/web/replicas"),
    "latest": ({"image": {"tag": "latest"}}, "/image/tag"),
    "a number for a tag": ({"image": {"tag": 1234567}}, "/image/tag"),
    "no port": ({"web": {"port": 70000}}, "/web/port"),
    "no command": ({"web": {"args": []}}, "/web/args"),
    "a broker's URL": ({"worker": {"keda": {"address": "rediss://redis:6379/0"}}}, "/worker"),
    "a host with a scheme": ({"hosts": ["https://shop.example.com"]}, "/hosts/0"),
    "a number for a variable": ({"web": {"env": {"SIZE": 10000000}}}, "/web/env/SIZE"),
    "a kind of service": ({"service": {"type": "ExternalName"}}, "/service/type"),
    "a digest": ({"image": {"digest": "sha1:00"}}, "/image/digest"),
    "a name of a variable": ({"config": {"NOT-A-NAME": "x"}}, "'NOT-A-NAME' does not match pattern"),
    "a folder": ({"web": {"writable": ["static"]}}, "/web/writable/0"),
    "an account's annotation": (
        {"serviceAccount": {"annotations": {"a": True}}},
        "/serviceAccount/annotations",
    ),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_schema_rejects(layout: str, bad: str, made: Make) -> None:
    values, said = BAD[bad]
    error = made(layout).render(values).error
    assert "values don't meet the specifications of the schema" in error
    assert (said if "worker" not in values or layout in WITH_CELERY else "'worker' not allowed") in error


@pytest.mark.parametrize("layout", LAYOUTS)
def test_global_is_allowed(layout: str, made: Make) -> None:
    """Charts that have this one for a part pass it on."""
    assert made(layout).render({"global": {"anything": 1}}).error == ""


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"image": {"tag": ""}}, "image.tag is empty"),
    "no repository": ({"image": {"repository": ""}}, "image.repository is empty"),
    "no host": ({"hosts": []}, "hosts is empty"),
    "no variable": ({"config": {"POSTGRES_HOST": ""}}, "config.POSTGRES_HOST is empty"),
    "no region": ({"externalSecrets": {"store": {"region": ""}}}, "externalSecrets.store.region is empty"),
    "no entries": ({"externalSecrets": {"entries": []}}, "externalSecrets.entries is empty"),
    "no store": ({"externalSecrets": {"store": {"create": False}}}, "externalSecrets.store.name is empty"),
    "no Secret": ({"externalSecrets": {"enabled": False}}, "secrets.existing is empty"),
    "no role": (
        {"serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": ""}}},
        "serviceAccount.annotations has no eks.amazonaws.com/role-arn",
    ),
    "no gateway": ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs is empty"),
}


@pytest.mark.parametrize("refused", REFUSED)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_missing_is_named(layout: str, refused: str, made: Make) -> None:
    values, said = REFUSED[refused]
    assert said in made(layout).render(values).error


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_that_is_not_filled_in_is_refused(layout: str, environment: str, made: Make) -> None:
    chart = made(layout).chart
    values = {"image": {"repository": "registry.example.com/shop", "tag": "1"}}
    error = render(chart, values, files=(f"values-{environment}.yaml",)).error
    assert "is empty" in error or "has no eks.amazonaws.com/role-arn" in error


def test_two_may_not_scale_workers(made: Make) -> None:
    both = {"worker": {**KEDA["worker"], "autoscaling": {"enabled": True}}}
    assert "exclude each other" in made("turbo").render(both).error
    assert (
        "worker.keda.address is empty" in made("turbo").render({"worker": {"keda": {"enabled": True}}}).error
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_notes_say_where_it_is(layout: str, made: Make) -> None:
    one = made(layout)
    slug = one.known.slug
    notes = one.render().notes
    assert f"https://{slug}.example.com/" in notes
    assert f"rollout status deployment/{slug}-web" in notes
    assert f"describe externalsecret {slug}-secrets" in notes
    inside = one.render({"ingress": {"enabled": False}, **EXISTING, "migrate": {"enabled": False}}).notes
    assert f"port-forward service/{slug}-web 8080:80" in inside and "https://" not in inside
    assert "externalsecret" not in inside and "Migrations are off" in inside


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hooks_are_these(layout: str, made: Make) -> None:
    one = made(layout)
    slug, before = one.known.slug, ("pre-install", "pre-upgrade")
    found = {(hook.weight, title(hook.object), hook.events) for hook in one.render().hooks}
    assert found == {
        (-10, f"ServiceAccount/{slug}", before),
        (-9, f"ConfigMap/{slug}-migrate", before),
        (-8, f"SecretStore/{slug}-migrate", before),
        (-7, f"ExternalSecret/{slug}-migrate", before),
        (0, f"Job/{slug}-migrate", before),
        (0, f"Pod/{slug}-test-health", ("test",)),
    }
    without = one.render({"migrate": {"enabled": False}})
    assert [title(hook.object) for hook in without.hooks] == [f"Pod/{slug}-test-health"]
    assert named(without.objects, "ServiceAccount", slug) is not None


@pytest.mark.parametrize("upgrade", [False, True], ids=["the first time", "later"])
def test_migrations_come_before_everything_else(upgrade: bool, made: Make) -> None:
    one = made("turbo")
    found = one.render(run_hooks=True, upgrade=upgrade)
    assert found.error == ""
    order = found.order
    assert order[:5] == (
        "ServiceAccount/bakery",
        "ConfigMap/bakery-migrate",
        "SecretStore/bakery-migrate",
        "ExternalSecret/bakery-migrate",
        "Job/bakery-migrate",
    )
    # The others are there when it is not the first time.
    assert ({"Deployment/bakery-web", "ConfigMap/bakery-config"} <= set(order[5:])) is not upgrade


def test_a_hook_that_stays_is_in_the_way_of_the_next_release(made: Make, tmp_path: Path) -> None:
    """So says Helm itself, where `hook_problems` reads it off the policies."""
    chart = shutil.copytree(made("turbo").chart, tmp_path / "bakery")
    path = chart / "templates" / "serviceaccount.yaml"
    path.write_text(path.read_text().replace("before-hook-creation", "hook-failed"))
    files = ("values-dev.yaml", CI)
    assert render(chart, files=files, run_hooks=True).error == ""
    assert "already exists" in render(chart, files=files, run_hooks=True, upgrade=True).error


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hooks_leave_nothing_behind_but_the_account(layout: str, made: Make) -> None:
    for hook in made(layout).render().hooks:
        assert "before-hook-creation" in hook.policies
        assert ("hook-succeeded" in hook.policies) is (hook.object["kind"] != "ServiceAccount")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_value_is_used_and_every_use_defined(layout: str, made: Make) -> None:
    chart = made(layout).chart
    assert unused_values(chart) == []
    assert undefined_values(chart) == []
    schema = json.loads((chart / "values.schema.json").read_text())
    assert set(load(chart / "values.yaml")) == set(schema["properties"]) - {"global"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_fit_and_selectors_stay(layout: str, made: Make) -> None:
    one = made(layout)
    long = "a-release-with-a-name-as-long-as-helm-allows-it-53-ch"
    found = one.render({"web": {"replicas": 2}}, release=long)
    assert problems(found, one.known) == []
    later = one.render({"web": {"replicas": 2}, "image": {"tag": "f" * 40}}, release=long)
    for old, new in zip(of_kind(found.all, "Deployment"), of_kind(later.all, "Deployment"), strict=True):
        assert old["spec"]["selector"] == new["spec"]["selector"]
        assert template(old) != template(new)


def test_a_new_configuration_makes_new_pods_and_nothing_else_does(made: Make) -> None:
    def checksum(**values: Any) -> list[str]:
        found = made("turbo").render(values)
        return [
            template(one)["metadata"]["annotations"]["checksum/config"]
            for one in of_kind(found.objects, "Deployment")
        ]

    assert checksum() == checksum(web={"replicas": 5})
    assert not set(checksum()) & set(checksum(config={"MAILGUN_DOMAIN": "other.example.com"}))
    assert not set(checksum()) & set(checksum(hosts=["other.example.com"]))


TEMPLATES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "_helpers.tpl": ({}, set()),
    "configmap.yaml": ({}, {"ConfigMap/bakery-config", "ConfigMap/bakery-migrate"}),
    "serviceaccount.yaml": ({}, {"ServiceAccount/bakery"}),
    "secretstore.yaml": ({}, {"SecretStore/bakery-secrets", "SecretStore/bakery-migrate"}),
    "externalsecret.yaml": ({}, {"ExternalSecret/bakery-secrets", "ExternalSecret/bakery-migrate"}),
    "job-migrate.yaml": ({}, {"Job/bakery-migrate"}),
    "deployment-web.yaml": ({}, {"Deployment/bakery-web"}),
    "service.yaml": ({}, {"Service/bakery-web"}),
    "ingress.yaml": ({}, {"Ingress/bakery-web"}),
    "httproute.yaml": (ROUTE, {"HTTPRoute/bakery-web"}),
    "hpa.yaml": ({"web": {"autoscaling": {"enabled": True}}}, {"HorizontalPodAutoscaler/bakery-web"}),
    "pdb.yaml": (
        {"web": {"replicas": 2}, "worker": {"replicas": 2}},
        {"PodDisruptionBudget/bakery-web", "PodDisruptionBudget/bakery-worker"},
    ),
    "deployment-worker.yaml": ({}, {"Deployment/bakery-worker"}),
    "worker-hpa.yaml": (
        {"worker": {"autoscaling": {"enabled": True}}},
        {"HorizontalPodAutoscaler/bakery-worker"},
    ),
    "worker-scaledobject.yaml": (KEDA, {"ScaledObject/bakery-worker", "TriggerAuthentication/bakery-worker"}),
    "deployment-beat.yaml": ({}, {"Deployment/bakery-beat"}),
    "networkpolicy.yaml": ({}, {"NetworkPolicy/bakery-web", "NetworkPolicy/bakery-others"}),
    "extra-objects.yaml": (
        {"extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}}]},
        {"ConfigMap/more"},
    ),
    "NOTES.txt": ({}, set()),
    "tests/test-health.yaml": ({}, {"Pod/bakery-test-health"}),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_renders_its_objects_and_no_other_does(name: str, made: Make, tmp_path: Path) -> None:
    values, expected = TEMPLATES[name]
    one = made("turbo")
    whole = {title(thing) for thing in one.render(values).all}
    assert expected <= whole
    if name.endswith(".tpl"):
        return
    chart = shutil.copytree(one.chart, tmp_path / "bakery")
    (chart / "templates" / name).unlink()
    without = render(chart, values, files=("values-dev.yaml", CI))
    assert without.error == ""
    assert whole - {title(thing) for thing in without.all} == expected
    assert bool(without.notes) is (name != "NOTES.txt")


def test_every_template_has_such_a_test(made: Make) -> None:
    home = made("turbo").chart / "templates"
    assert {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()} == set(TEMPLATES)


def test_without_celery_there_is_nothing_of_it(made: Make) -> None:
    chart = made("turbo_minimal").chart
    home = chart / "templates"
    names = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert set(TEMPLATES) - names == {
        "deployment-worker.yaml",
        "worker-hpa.yaml",
        "worker-scaledobject.yaml",
        "deployment-beat.yaml",
    }
    trace = re.compile(r"""(?i)celery|\bbeat\b|\.worker\b|"worker"|^worker:""", re.MULTILINE)
    for path in chart.rglob("*"):
        if path.is_file():
            assert not trace.search(path.read_text()), path


SKIPPED = {
    "CKV_K8S_8": "beat answers no probe, and a test ends by itself",
    "CKV_K8S_9": "nothing sends requests to workers, beat and tests",
    "CKV_K8S_11": "a limit of CPU slows pods down although the node is idle",
    "CKV_K8S_15": "a tag never moves, and latest is refused, so an image that is there is the right one",
    "CKV_K8S_35": "settings read variables",
    "CKV_K8S_43": "image.digest is there for it",
}


def test_checkov_has_nothing_against_it(made: Make, tmp_path: Path) -> None:
    for layout in LAYOUTS:
        one = made(layout)
        for number, thing in enumerate(one.render(KEDA if one.known.celery else {}, "production").all):
            (tmp_path / f"{layout}-{number}.json").write_text(json.dumps(thing))
    # One that is wrong, to see that it would be found.
    wrong = json.loads(json.dumps(named(made("turbo").render().all, "Deployment", "bakery-web")))
    wrong["metadata"]["name"] = "wrong"
    template(wrong)["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    report = checkov(tmp_path, "kubernetes", SKIPPED)
    assert {one.resource for one in report.failed} == {"Deployment.test.wrong"}
    assert {"CKV_K8S_16", "CKV_K8S_22"} <= {one.check for one in report.failed}
    assert report.passed > 500
    assert report.unused == []


def test_the_workflow_is_in_order(made: Make) -> None:
    workflow = made("turbo").root / ".github" / "workflows" / "helm.yml"
    assert lint_workflow(workflow) == []
    assert lint_blocks(workflow) == []


STEP = "Lint and Render the Chart for Every Environment"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_workflow_renders_every_environment(layout: str, made: Make, tmp_path: Path) -> None:
    one = made(layout)
    fakes = Fakes(tmp_path)
    fakes.answer("helm")
    ran = execute(block(one.root / ".github" / "workflows" / "helm.yml", STEP), fakes, cwd=one.root)
    assert ran.returncode == 0, ran.stderr
    home = f"charts/{one.known.slug}"
    called = [" ".join(call.arguments) for call in fakes.calls("helm")]
    assert called == [
        f"{command} {home} {strict}--values {home}/values-{environment}.yaml --values {home}/{CI}"
        for environment in sorted(ENVIRONMENTS)
        for command, strict in (("lint", "--strict "), (f"template {one.known.slug}", ""))
    ]


def test_the_workflow_fails_with_the_first_that_does(made: Make, tmp_path: Path) -> None:
    one = made("turbo")
    fakes = Fakes(tmp_path)
    fakes.answer("helm")
    fakes.answer("helm lint charts/bakery/values-dev.yaml", code=1)
    ran = execute(block(one.root / ".github" / "workflows" / "helm.yml", STEP), fakes, cwd=one.root)
    assert ran.returncode == 1
    assert len(fakes.calls("helm")) == 1


class Mistake(NamedTuple):
    """Something that is easily done wrong in a chart: a replacement in a file, and what is to be said of it."""

    file: str
    old: str
    new: str
    said: str
    values: Mapping[str, Any] = {}
    environment: str = "dev"


HELPERS, WEB, WORKER, BEAT, JOB = (
    f"templates/{name}"
    for name in (
        "_helpers.tpl",
        "deployment-web.yaml",
        "deployment-worker.yaml",
        "deployment-beat.yaml",
        "job-migrate.yaml",
    )
)
MISTAKES = {
    "command for args": Mistake(HELPERS, "\nargs: {{", "\ncommand: {{", "replaces ENTRYPOINT"),
    "service links": Mistake(HELPERS, "enableServiceLinks: false\n", "", "REDIS_PORT"),
    "a token": Mistake("values.yaml", "automount: false", "automount: true", "nothing needs the token"),
    "USER is a name": Mistake("values.yaml", "  runAsUser: 10001\n", "", "kubelet needs a number"),
    "root": Mistake("values.yaml", "runAsUser: 10001", "runAsUser: 0", "kubelet needs a number"),
    "no fsGroup": Mistake("values.yaml", "  fsGroup: 10001\n", "", "may not write to its volumes"),
    "no seccomp": Mistake("values.yaml", "RuntimeDefault", "Unconfined", "seccompProfile"),
    "capabilities": Mistake("values.yaml", "      - ALL", "      - NET_RAW", "capabilities"),
    "a writable image": Mistake("values.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnly"),
    "no place for static files": Mistake("values.yaml", 'writable: ["/app/staticfiles"]', "writable: []", "/app/staticfiles is written to"),
    "no /tmp": Mistake(HELPERS, "mountPath: /tmp", "mountPath: /cache", "/tmp is written to"),
    "a mount of nothing": Mistake(HELPERS, "  - name: tmp\n    emptyDir", "  - name: temp\n    emptyDir", "mounts tmp, which is no volume"),
    "no memory limit": Mistake("values.yaml", "    limits:\n      memory: 512Mi\n", "", "resources.limits.memory"),
    "latest": Mistake(HELPERS, '{{- printf "%s:%s" $repository $tag }}', '{{- printf "%s:latest" $repository }}', "moves"),
    "no tag": Mistake(HELPERS, '{{- printf "%s:%s" $repository $tag }}', "{{- $repository }}", "moves"),
    "no settings": Mistake(HELPERS, "DJANGO_SETTINGS_MODULE: {{ .Values.settingsModule | quote }}\n", "", "DJANGO_SETTINGS_MODULE is None"),
    "local settings": Mistake("values.yaml", "config.settings.production", "config.settings.local", "not config.settings.production"),
    "a variable less": Mistake("values.yaml", "    - DJANGO_SECRET_KEY\n", "", "DJANGO_SECRET_KEY is not set"),
    "a plain variable less": Mistake("values.yaml", '  POSTGRES_PORT: "5432"\n', "", "POSTGRES_PORT is not set"),
    "another port": Mistake("values.yaml", "port: 5000", "port: 8000", "listens at 5000"),
    "another command": Mistake("values.yaml", '["/start"]', '["gunicorn"]', "args: ['gunicorn']"),
    "a port without a name": Mistake(WEB, "- name: http\n              containerPort", "- containerPort", "has no port http"),
    "readiness on liveness": Mistake(WEB, "livenessProbe:\n            httpGet:\n              path: /healthz/", "livenessProbe:\n            httpGet:\n              path: /readyz/", "asks /readyz/"),
    "no preStop": Mistake("values.yaml", "drainSeconds: 15", "drainSeconds: 1", "still send requests"),
    "too short": Mistake("values.yaml", "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 40", "cut off"),
    "replicas with an HPA": Mistake(WEB, "{{- if not .Values.web.autoscaling.enabled }}", "{{- if true }}", "which a scaler sets", environment="production"),
    "nobody says how many": Mistake(WEB, "{{- if not .Values.web.autoscaling.enabled }}", "{{- if false }}", "nothing says how many"),
    "a selector with a version": Mistake(WEB, '  selector:\n    matchLabels:\n', '  selector:\n    matchLabels:\n      app.kubernetes.io/version: "0123abc"\n', "which change"),
    "a selector that fits nothing": Mistake(WEB, '  selector:\n    matchLabels:\n      {{- include "bakery.selectorLabels" (list . "web")', '  selector:\n    matchLabels:\n      {{- include "bakery.selectorLabels" (list . "www")', "does not fit its pods"),
    "a selector for all": Mistake(HELPERS, "app.kubernetes.io/component: {{ last . }}\n", "", "takes pods of"),
    "a service for nobody": Mistake("templates/service.yaml", '(list . "web") | nindent 4 }}\n', '(list . "www") | nindent 4 }}\n', "leads to nothing"),
    "a service for the worker": Mistake("templates/service.yaml", '  selector:\n    {{- include "bakery.selectorLabels" (list . "web")', '  selector:\n    {{- include "bakery.selectorLabels" (list . "worker")', "leads to Deployment/bakery-worker"),
    "an ingress to nowhere": Mistake("templates/ingress.yaml", "$ }}-web", "$ }}", "there is no Service bakery"),
    "an ingress to no port": Mistake("templates/ingress.yaml", "name: http", "name: web", "has no port web"),
    "a route to no port": Mistake("templates/httproute.yaml", "port: {{ $.Values.service.port }}", "port: 5000", "has no port 5000", ROUTE),
    "a ConfigMap less": Mistake("templates/configmap.yaml", "-config\n", "-settings\n", "there is no ConfigMap bakery-config"),
    "a Secret of another name": Mistake("templates/externalsecret.yaml", "  target:\n    name: {{ include \"bakery.fullname\" $ }}-{{ . }}", "  target:\n    name: other-{{ . }}", "there is no Secret bakery-secrets"),
    "a store of another name": Mistake("templates/secretstore.yaml", '  name: {{ include "bakery.fullname" $ }}-{{ . }}', "  name: other-{{ . }}", "there is no SecretStore bakery-secrets"),
    "an account of another name": Mistake("templates/serviceaccount.yaml", '{{ include "bakery.serviceAccountName" . }}', "other", "there is no ServiceAccount bakery"),
    "an unknown field of a CRD": Mistake("templates/externalsecret.yaml", "refreshInterval:", "refresh:", "'refresh' was unexpected"),
    "an old version of a CRD": Mistake("templates/externalsecret.yaml", "external-secrets.io/v1\n", "external-secrets.io/v1beta1\n", 'no matches for kind "ExternalSecret"'),
    "an unknown field": Mistake(WEB, "revisionHistoryLimit", "revisionHistory", "'revisionHistory' was unexpected"),
    "a field in the wrong place": Mistake(WEB, "      terminationGracePeriodSeconds: {{ .Values.web.terminationGracePeriodSeconds }}\n", "      timeoutSeconds: 5\n", "'timeoutSeconds' was unexpected"),
    "no weight": Mistake("templates/configmap.yaml", 'include "bakery.hook" "-9"', 'include "bakery.hook" "0"', "hook Job/bakery-migrate: there is no ConfigMap bakery-migrate"),
    "the account after the store": Mistake("templates/serviceaccount.yaml", 'helm.sh/hook-weight: "-10"', 'helm.sh/hook-weight: "-8"', "hook SecretStore/bakery-migrate: there is no ServiceAccount"),
    "an account that is no hook": Mistake("templates/serviceaccount.yaml", "{{- if .Values.migrate.enabled }}", "{{- if false }}", "there is no ServiceAccount bakery"),
    "migrations with the release's own Secret": Mistake(HELPERS, "{{- $secret = $config }}", "", "there is no Secret bakery-secrets"),
    "only the first time": Mistake(HELPERS, "helm.sh/hook: pre-install,pre-upgrade", "helm.sh/hook: pre-install", "runs at pre-install"),
    "a Job in the way": Mistake(HELPERS, "before-hook-creation,hook-succeeded", "hook-succeeded", "in the way of the next release"),
    "a Job without an end": Mistake(JOB, "  activeDeadlineSeconds: {{ .Values.migrate.activeDeadlineSeconds }}\n", "", "no activeDeadlineSeconds"),
    "a Job that tries for ever": Mistake(JOB, "  backoffLimit: {{ .Values.migrate.backoffLimit }}\n", "", "no backoffLimit"),
    "no checksum": Mistake(HELPERS, "checksum/config:", "checksum/nothing:", "restarts nothing"),
    "two beats": Mistake(BEAT, "replicas: 1", "replicas: 2", "tasks are sent as often"),
    "two beats in a rollout": Mistake(BEAT, "type: Recreate", "type: RollingUpdate", "two while it is replaced"),
    "a web that is away": Mistake(WEB, "    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 25%\n      maxUnavailable: 0\n", "    type: Recreate\n", "nobody serves"),
    "pods on one node": Mistake(WEB, '      {{- include "bakery.spread" (dict "root" . "component" "web") | nindent 6 }}\n', "", "topologySpreadConstraints"),
    "pods of others are spread": Mistake(WEB, '"bakery.spread" (dict "root" . "component" "web")', '"bakery.spread" (dict "root" . "component" "worker")', "spreads pods of others"),
    "a ping past ENTRYPOINT": Mistake("values.yaml", "    - /entrypoint\n", "", "does not pass through ENTRYPOINT"),
    "a ping that all answer": Mistake("values.yaml", " --destination celery@$HOSTNAME", "", "another worker may answer"),
    "a ping all the time": Mistake(WORKER, "periodSeconds: 60", "periodSeconds: 10", "loads Django each time"),
    "tasks that are cut off": Mistake("values.yaml", "terminationGracePeriodSeconds: 330", "terminationGracePeriodSeconds: 30", "a task may take 300 s"),
    "a budget for one": Mistake("templates/pdb.yaml", "(gt (int $web) 1)", "true", "keeps nodes from being drained"),
    "a budget by the other end": Mistake("templates/pdb.yaml", "maxUnavailable: 1", "minAvailable: 1", "should be maxUnavailable", {"web": {"replicas": 2}}),
    "HPA and KEDA": Mistake("templates/worker-hpa.yaml", '{{- fail "worker.autoscaling and worker.keda exclude each other: two would set the number of pods" }}', "", "2 scale it", {"worker": {**KEDA["worker"], "autoscaling": {"enabled": True}}}),
    "an HPA for beat": Mistake("templates/hpa.yaml", "    name: {{ include \"bakery.fullname\" . }}-web\n  minReplicas", "    name: {{ include \"bakery.fullname\" . }}-beat\n  minReplicas", "is scaled, and must be one", environment="production"),
    "an HPA for nothing": Mistake("templates/hpa.yaml", "    name: {{ include \"bakery.fullname\" . }}-web\n  minReplicas", "    name: {{ include \"bakery.fullname\" . }}\n  minReplicas", "there is no Deployment bakery", environment="production"),
    "KEDA without its authentication": Mistake("templates/worker-scaledobject.yaml", "      authenticationRef:\n        name: {{ include \"bakery.fullname\" . }}-worker", "      authenticationRef:\n        name: other", "there is no TriggerAuthentication other", KEDA),
    "another namespace": Mistake("templates/service.yaml", "namespace: {{ .Release.Namespace }}", "namespace: default", "is in the namespace default"),
    "one name twice": Mistake("templates/configmap.yaml", "}}-migrate\n", "}}-config\n", "is there 2 times"),
    "a name that is too long": Mistake(HELPERS, "trunc 50", "trunc 63", "is no name", {"fullnameOverride": "x" * 63}),
    "a policy for nobody": Mistake("templates/networkpolicy.yaml", '  podSelector:\n    matchLabels:\n      {{- include "bakery.selectorLabels" (list . "web")', '  podSelector:\n    matchLabels:\n      {{- include "bakery.selectorLabels" (list . "www")', "is for nothing"),
    "a policy for no port": Mistake("templates/networkpolicy.yaml", "- port: http", "- port: web", "has no port web"),
    "bogus values": Mistake("values-dev.yaml", "web:\n  replicas: 1\n", "web:\n  replica: 1\n", "additional properties 'replica' not allowed"),
    "no YAML": Mistake(WEB, "      containers:\n", "      containers\n", "error converting YAML to JSON"),
    "a value of a list": Mistake(WEB, ".Values.web.replicas", ".Values.web.replicas.count", "can't evaluate field count"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(name: str, made: Make, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    one = made("turbo")
    chart = shutil.copytree(one.chart, tmp_path / "bakery")
    path = chart / mistake.file
    text = path.read_text()
    assert mistake.old in text, "there is nothing like that to do wrong"
    right = one.render(mistake.values, mistake.environment)
    assert not [said for said in problems(right, one.known) if mistake.said in said]
    path.write_text(text.replace(mistake.old, mistake.new))
    wrong = render(chart, mistake.values, files=(f"values-{mistake.environment}.yaml", CI))
    found = problems(wrong, one.known)
    assert [said for said in found if mistake.said in said], found


def test_a_value_that_nothing_uses_is_found(made: Make, tmp_path: Path) -> None:
    chart = shutil.copytree(made("turbo").chart, tmp_path / "bakery")
    values = chart / "values.yaml"
    values.write_text(
        values.read_text().replace("web:\n", "web:\n  surge: 2\n", 1) + "\nother:\n  thing: 1\n"
    )
    assert unused_values(chart) == ["web.surge", "other.thing"]


def test_a_use_of_no_value_is_found(made: Make, tmp_path: Path) -> None:
    chart = shutil.copytree(made("turbo").chart, tmp_path / "bakery")
    path = chart / WEB
    path.write_text(path.read_text().replace(".Values.web.replicas", ".Values.web.replicaCount"))
    helpers = chart / HELPERS
    helpers.write_text(helpers.read_text().replace(".values.resources", ".values.limits"))
    assert undefined_values(chart) == [
        "beat.limits",
        "migrate.limits",
        "web.limits",
        "web.replicaCount",
        "worker.limits",
    ]


def test_lint_sees_a_broken_chart(made: Make, tmp_path: Path) -> None:
    chart = shutil.copytree(made("turbo").chart, tmp_path / "bakery")
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: bakery\n")
    assert ("Chart.yaml", 3) in lint(chart, "values-dev.yaml", CI).severities
