"""The infrastructure that `ecs` writes, by real Terraform: what every environment plans, and mistakes that are found."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from djroadmap.features.ecs import Options
from djroadmap.planning.deploying.discovery import deployment
from djroadmap.workflow.add import prepare_add
from djroadmap.workflow.world import Request
from tests.e2e.services import running_redis
from tests.infrastructure import hcl
from tests.infrastructure.checkov import checkov
from tests.infrastructure.ecs_rules import Planned, broken
from tests.infrastructure.terraform import fmt_check, inputs_and_outputs, object_keys, plan, validate
from tests.infrastructure.terragrunt import outdated, validate_environment
from tests.infrastructure.tools import output, tool
from tests.memory import Memory
from tests.projects import copy_layout, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from djroadmap.planning.deploying.facts import Deployment

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "turbo_minimal", "cookiecutter")
OPTIONS = {"turbo": Options(worker_queue=("emails",), spot_workers=True, arch="arm64", domain="example.com")}
MODULES = "infrastructure/modules"
ENVIRONMENTS = "infrastructure/environments"
IN_S3 = " in S3"
"""A layout whose uploads go to S3, as cookiecutter-django has them."""
PRODUCTION = "config/settings/production.py"
FOLDER, BUCKET = "django.core.files.storage.FileSystemStorage", "storages.backends.s3.S3Storage"
STORAGE = """
AWS_ACCESS_KEY_ID = env("DJANGO_AWS_ACCESS_KEY_ID")
AWS_SECRET_ACCESS_KEY = env("DJANGO_AWS_SECRET_ACCESS_KEY")
AWS_STORAGE_BUCKET_NAME = env("DJANGO_AWS_STORAGE_BUCKET_NAME")
AWS_S3_REGION_NAME = env("DJANGO_AWS_S3_REGION_NAME", default=None)
BRANCH = env("BRANCH")
"""
SHOWN = {
    "django-app": 'output "given" {\n  value = { web = module.web.standin_inputs, '
    "migrate = module.migrate.standin_inputs, alb = module.alb.standin_inputs }\n}\n",
    "celery-worker": 'output "given" {\n  value = module.worker.standin_inputs\n}\n',
    "celery-beat": 'output "given" {\n  value = module.beat.standin_inputs\n}\n',
    "ecs-cluster": 'output "given" {\n  value = module.cluster.standin_inputs\n}\n',
}
"""Put into copies of the modules, so that a plan says what those of the registry are given."""


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A layout with `ecs` in it; only what is infrastructure is there."""

    @cache
    def made(layout: str) -> Path:
        folder = tmp_path_factory.mktemp("ecs")
        one = Memory.of(copy_layout(layout.removesuffix(IN_S3), folder / "before"))
        if layout.endswith(IN_S3):
            settings = one.files[PRODUCTION].decode().replace(FOLDER, BUCKET)
            one.files[PRODUCTION] = f"{settings}{STORAGE}".encode()
        request = Request(feature="ecs", options=OPTIONS.get(layout, Options()))
        prepare_add(one.world, (request,)).commit(one.world)
        for path, data in one.files.items():
            if path.startswith("infrastructure/"):
                target = folder / "after" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        KNOWN[folder / "after"] = deployment(one.world.project())
        return folder / "after"

    return made


KNOWN: dict[Path, Deployment] = {}


@pytest.fixture(scope="session")
def planned(
    tree: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Planned]:
    """What an environment of a layout plans."""

    @cache
    def made(layout: str, environment: str) -> Planned:
        source = tree(layout)
        return planned_in(source, environment, tmp_path_factory.mktemp("plan"), KNOWN[source])

    return made


def planned_in(tree: Path, environment: str, folder: Path, known: Deployment) -> Planned:
    """Plan the unit `ecs` of an environment of a tree, with what stands in for other units."""
    modules = folder / "modules"
    shutil.copytree(tree / MODULES, modules)
    parts = [name for name in SHOWN if (modules / name).exists()]
    for name in parts:
        (modules / name / "standin.tf").write_text(SHOWN[name])
    (modules / "ecs" / "standin.tf").write_text(_shown(parts))
    found = plan(modules / "ecs", composed(tree, environment))
    given = found["output_changes"]["given"]["after"]
    resources = {
        one["address"]: one["change"]["after"]
        for one in found["resource_changes"]
        if one["mode"] == "managed"
    }
    return Planned(given, resources, _references(found["configuration"]["root_module"]), known)


def _shown(parts: list[str]) -> str:
    merged = ["module.web.given", "{ cluster = module.cluster.given }"]
    if "celery-beat" in parts:
        merged.append("{ beat = module.beat.given }")
    if "celery-worker" in parts:
        merged.append("{ for name, worker in module.worker : name => worker.given }")
    return f'output "given" {{\n  value = merge({", ".join(merged)})\n}}\n'


def _references(module: dict[str, Any], above: str = "") -> dict[str, Any]:
    found = {}
    for name, call in module.get("module_calls", {}).items():
        for each, value in call.get("expressions", {}).items():
            if isinstance(value, dict):
                found[f"{above}{name}.{each}"] = value.get("references", [])
        found |= _references(call["module"], f"{above}{name}.")
    return found


FILLED = {
    "domain": '"www.example.com"',
    "required_environment": '{ MAILGUN_DOMAIN = "mg.example.com", BRANCH = "main street" }',
}
"""What people fill in."""


def composed(tree: Path, environment: str) -> str:
    """The inputs of the unit `ecs` of an environment, as a .tfvars: with outputs and sizes put in.

    Raises KeyError for an output that no mock has, or a size that the environment does not say.
    """
    home = tree / ENVIRONMENTS
    shared = hcl.parse((home / "_env" / "ecs.hcl").read_text())
    here = _attributes(hcl.parse((home / environment / "env.hcl").read_text()).all("locals")[0].body)
    mocks = {
        one.labels[0]: _attributes(_within(one.body, "mock_outputs")) for one in shared.all("dependency")
    }
    own = hcl.parse((home / environment / "ecs" / "terragrunt.hcl").read_text())
    inputs = {**_attributes(_within(shared, "inputs")), **_attributes(_within(own, "inputs"))}
    lines = []
    for name, source in {**inputs, **{key: FILLED[key] for key in inputs.keys() & FILLED}}.items():
        value = re.sub(r"dependency\.(\w+)\.outputs\.(\w+)", lambda one: mocks[one[1]][one[2]], source)
        value = re.sub(r"local\.env\.(\w+)", lambda one: here[one[1]], value)
        lines.append(f"{name} = {value}\n")
    return "".join(lines)


def _within(body: hcl.Body, name: str) -> hcl.Body:
    return hcl.parse(body.attributes[name].source.strip()[1:-1])


def _attributes(body: hcl.Body) -> dict[str, str]:
    return {name: one.source for name, one in body.attributes.items()}


PLANS = [
    ("turbo", "production"),
    ("turbo", "dev"),
    ("turbo_minimal", "production"),
    ("cookiecutter", "staging"),
]


# --- what is written


@pytest.mark.parametrize("layout", LAYOUTS)
def test_modules_are_valid_and_formatted(tree: Callable[[str], Path], layout: str) -> None:
    assert validate(tree(layout) / MODULES / "ecs") == []
    assert [one for path in ours(tree(layout)) for one in object_keys(path)] == []
    assert [one for path in ours(tree(layout)) for one in fmt_check(path)] == []
    assert fmt_check(tree(layout) / ENVIRONMENTS / "production" / "ecs") == []
    text = (tree(layout) / ENVIRONMENTS / "_env" / "ecs.hcl").read_text()
    assert output(tool("terraform"), "fmt", "-", stdin=text).stdout == text


def ours(tree: Path) -> list[Path]:
    """The modules of this feature."""
    return [path for path in (tree / MODULES).iterdir() if path.name.startswith(("ecs", "django", "celery"))]


@pytest.mark.parametrize(("layout", "environment"), PLANS, ids=["-".join(one) for one in PLANS])
def test_every_rule_holds(planned: Callable[[str, str], Planned], layout: str, environment: str) -> None:
    assert broken(planned(layout, environment)) == {}


def test_without_celery_there_is_the_web_server_alone(planned: Callable[[str, str], Planned]) -> None:
    assert set(planned("turbo_minimal", "production").services()) == {"web", "migrate"}


def test_options_reach_the_services(planned: Callable[[str, str], Planned]) -> None:
    found = planned("turbo", "production")
    assert found.workers() == ["worker", "worker-emails"]
    assert found.container("worker-emails")["command"][-2:] == ["-Q", "emails"]
    strategy = found.given["worker"]["capacity_provider_strategy"]
    assert strategy["spot"] == {"base": 0, "capacity_provider": "FARGATE_SPOT", "weight": 1}
    assert strategy["on_demand"] == {"base": 1, "capacity_provider": "FARGATE", "weight": 0}
    assert {one["runtime_platform"]["cpu_architecture"] for one in found.services().values()} == {"ARM64"}
    other = planned("cookiecutter", "staging").given
    assert set(other["worker"]["capacity_provider_strategy"]) == {"on_demand"}
    assert other["web"]["runtime_platform"]["cpu_architecture"] == "X86_64"


def test_uploads_in_a_bucket(tree: Callable[[str], Path], planned: Callable[[str, str], Planned]) -> None:
    found = planned(f"cookiecutter{IN_S3}", "production")
    assert broken(found) == {"roles_are_limited": ["module.cluster.aws_iam_role_policy.media"]}
    assert [one for path in ours(tree(f"cookiecutter{IN_S3}")) for one in fmt_check(path)] == []
    policy = json.loads(found.resources["module.cluster.aws_iam_role_policy.media"]["policy"])
    assert [one["Resource"] for one in policy["Statement"]] == ["mock/*", "mock"]
    environment = {one["name"]: one["value"] for one in found.container("worker")["environment"]}
    assert environment["DJANGO_AWS_STORAGE_BUCKET_NAME"] == "mock"
    assert environment["BRANCH"] == "main street"
    assert environment["DJANGO_AWS_S3_REGION_NAME"] == "eu-central-1"
    # Until settings do without.
    assert "DJANGO_AWS_SECRET_ACCESS_KEY" in {one["name"] for one in found.container("web")["secrets"]}


def test_what_waits_is_counted(planned: Callable[[str, str], Planned], tmp_path: Path) -> None:
    python, minus, code, name, *services = counting(planned)
    assert [python, minus, name, *services] == [
        "python",
        "-c",
        "config.celery_app",
        "worker=celery",
        "worker-emails=emails",
    ]
    celery = environment("cookiecutter")
    with running_redis() as url:
        (tmp_path / "shop.py").write_text(
            f"from celery import Celery\n\napp = Celery('shop', broker={url!r})\n"
        )
        sending = "import shop\nfor number in range(3):\n    shop.app.send_task('bake')\n"
        assert output(celery, "-c", sending, cwd=tmp_path).returncode == 0
        command = [celery, minus, code, "shop", *services]
        lines = [json.loads(line) for line in output(*command, cwd=tmp_path).stdout.splitlines()]
    assert lines == [
        {"service": "worker", "waiting": 3, "backlog": 3.0},
        {"service": "worker-emails", "waiting": 0, "backlog": 0.0},
    ]


def counting(planned: Callable[[str, str], Planned]) -> list[str]:
    """The command that counts what waits."""
    found = planned("turbo", "production").counting()
    [container] = json.loads(found["input"])["containerOverrides"]
    words: list[str] = container["command"]
    return words


FAKE = """
class Fake:
    class control:
        def inspect(timeout):
            return Fake
    def active_queues():
        return {"a": [{"name": "emails"}], "b": [{"name": "emails"}, {"name": "mail"}], "c": [{"name": "celery"}]}
    class connection_for_read:
        channel_errors = ()
        def __enter__(self):
            return self
        def __exit__(self, *error):
            pass
        channel = lambda self: self
        message_count = 6
        def queue_declare(self, queue, passive):
            return self
print(json.dumps(list(backlogs(Fake, {"worker": ["celery"], "worker-emails": ["emails", "mail"], "other": ["x"]}))))
"""


def test_what_waits_is_for_each_worker(planned: Callable[[str, str], Planned]) -> None:
    code = counting(planned)[2]
    ran = output(environment("cookiecutter"), "-c", code.partition("if __name__")[0] + FAKE)
    assert ran.returncode == 0, ran.stderr
    assert [one["backlog"] for one in json.loads(ran.stdout)] == [6, 6, 6]
    assert [one["waiting"] for one in json.loads(ran.stdout)] == [6, 12, 6]


def test_environments_differ_in_what_they_cost(planned: Callable[[str, str], Planned]) -> None:
    production, dev = (planned("turbo", name).given for name in ("production", "dev"))
    assert production["alb"]["enable_deletion_protection"]
    assert not dev["alb"]["enable_deletion_protection"]
    assert (production["web"]["desired_count"], dev["web"]["desired_count"]) == (2, 1)
    assert planned("turbo", "production").counting() is not None
    assert planned("turbo", "dev").counting() is None
    assert production["cluster"]["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    assert dev["cluster"]["setting"] == [{"name": "containerInsights", "value": "disabled"}]
    assert set(dev["cluster"]["cluster_capacity_providers"]) == {"FARGATE", "FARGATE_SPOT"}


def test_what_is_not_filled_in_is_not_planned(tree: Callable[[str], Path], tmp_path: Path) -> None:
    modules = shutil.copytree(tree("cookiecutter") / MODULES, tmp_path / "modules")
    variables = composed(tree("cookiecutter"), "dev")
    for name, empty in (("domain", '""'), ("required_environment", '{ MAILGUN_DOMAIN = " " }')):
        variables = variables.replace(FILLED[name], empty)
    with pytest.raises(AssertionError) as refused:
        plan(modules / "ecs", variables)
    assert "Fill in the domain name" in str(refused.value)
    assert "Fill in every variable of required_environment" in str(refused.value)


def test_units_give_every_input_and_no_other(tree: Callable[[str], Path]) -> None:
    for layout in LAYOUTS:
        inputs, _ = inputs_and_outputs(tree(layout) / MODULES / "ecs")
        needed = {name for name, block in inputs.items() if "default" not in block.body.attributes}
        for name in ("dev", "staging", "production"):
            given = set(hcl.parse(composed(tree(layout), name)).attributes)
            assert needed <= given <= set(inputs)


def test_mocks_have_the_outputs_of_the_modules(tree: Callable[[str], Path]) -> None:
    for layout in LAYOUTS:
        for one in hcl.parse((tree(layout) / ENVIRONMENTS / "_env" / "ecs.hcl").read_text()).all(
            "dependency"
        ):
            _, outputs = inputs_and_outputs(tree(layout) / MODULES / one.labels[0])
            assert set(_attributes(_within(one.body, "mock_outputs"))) == set(outputs)


SKIPPED = {
    "CKV2_AWS_5": "the group is that of the services, which modules of the registry make",
    "CKV_TF_1": "modules of the registry are pinned to a version, which is never another",
}
"""What checkov asks for and is not done, and why."""


def test_checkov_finds_what_is_accepted_and_nothing_else(tree: Callable[[str], Path], tmp_path: Path) -> None:
    for path in ours(tree("turbo")):
        shutil.copytree(path, tmp_path / path.name)
    found = checkov(tmp_path, "terraform", SKIPPED)
    assert (found.failed, found.unused) == ([], [])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_environments_are_whole(tree: Callable[[str], Path], tmp_path: Path, layout: str) -> None:
    root = tree(layout) / "infrastructure"
    filled = FILLED | {"required_environment": '{ MAILGUN_DOMAIN = "mg.example.com" }'}
    assert validate_environment(root, "production", tmp_path, {"ecs": filled}) == []
    assert outdated(*(path for path in (root / "environments").rglob("*.hcl"))) == []


# --- mistakes are found


REQUIRED, SETTINGS = "everything_that_is_required_is_set", "settings_are_those_of_production"
MISTAKES = [
    ("ecs/main.tf", "POSTGRES_HOST          = var.database_host", "", REQUIRED),
    ("ecs/main.tf", '"config.settings.production"', '"config.settings.local"', SETTINGS),
    ("ecs/main.tf", 'DJANGO_SETTINGS_MODULE = "config.settings.production"', "", f"{REQUIRED} {SETTINGS}"),
    ("ecs/main.tf", 'DJANGO_SECRET_KEY = "${var.app_secret_arn}:DJANGO_SECRET_KEY::"', "", REQUIRED),
    ("ecs/main.tf", ":REDIS_URL::", ":REDIS_URL", "secrets_are_addresses_of_keys"),
    ("ecs/main.tf", "      DJANGO_ALLOWED_HOSTS ", "      DJANGO_HOSTS ", "nothing_else_is_set"),
    ("ecs/main.tf", '"/start-celeryworker"', '"/start"', "commands_are_those_of_the_image"),
    ("django-app/main.tf", "= 5000", "= 8000", "the_server_listens_where_it_is_asked"),
    ("django-app/load_balancer.tf", '= "200"', '= "200-499"', "only_200_is_healthy"),
    ("django-app/load_balancer.tf", '"ip"', '"instance"', "targets_are_addresses_that_drain"),
    ("django-app/load_balancer.tf", "TLS13-1-2-Res-2021-06", "2016-08", "everybody_is_sent_to_tls"),
    (
        "django-app/main.tf",
        "--keep-alive 75",
        "--keep-alive 5",
        "connections_outlive_those_of_the_load_balancer",
    ),
    ("django-app/main.tf", "restartPolicy = { enabled = false }", "", "migrations_run_once"),
    (
        "django-app/main.tf",
        "ignore_task_definition_changes = true",
        "",
        "releases_are_not_taken_back_by_an_apply",
    ),
    ("django-app/main.tf", "deployment_minimum_healthy_percent = 100", "", "web_and_workers_are_never_fewer"),
    (
        "django-app/main.tf",
        'size = 256, mountOptions = ["mode=1777"]',
        "size = 256",
        "nothing_can_be_written_but_what_is_mounted",
    ),
    ("django-app/main.tf", "var.execution_role_arn", "var.task_role_arn", "each_has_its_role"),
    ("celery-worker/main.tf", "/entrypoint celery", "celery", "workers_are_pinged_behind_the_entrypoint"),
    ("celery-worker/main.tf", "stopTimeout = 120", "stopTimeout = 30", "workers_have_the_time_that_there_is"),
    ("celery-worker/main.tf", "rollback = true", "rollback = false", "a_failed_deployment_is_taken_back"),
    (
        "celery-queues/main.tf",
        "/worker",
        "/web",
        "what_waits_is_counted_by_the_newest_worker",
    ),
    (
        "celery-worker/main.tf",
        "|| var.backlog_namespace != null",
        "",
        "workers_scale_by_cpu_and_what_waits",
    ),
    ("celery-beat/main.tf", "deployment_minimum_healthy_percent = 0", "", "there_is_one_beat_at_most"),
    ("celery-beat/main.tf", '"DISABLED"', '"ENABLED"', "there_is_one_beat_at_most"),
    ("celery-beat/main.tf", '"FARGATE"', '"FARGATE_SPOT"', "there_is_one_beat_at_most"),
    (
        "ecs-cluster/network.tf",
        'ip_protocol       = "-1"',
        'ip_protocol = "tcp"',
        "tasks_reach_what_they_need",
    ),
    ("ecs-cluster/roles.tf", "Resource = var.secret_arns", 'Resource = ["*"]', "roles_are_limited"),
]


def turns() -> list[list[tuple[str, str, str, str]]]:
    """The mistakes that are made together: no two break the same rule."""
    found: list[list[tuple[str, str, str, str]]] = []
    for one in MISTAKES:
        rules = set(one[3].split())
        free = (turn for turn in found if all(rules.isdisjoint(other[3].split()) for other in turn))
        turn = next(free, None)
        if turn is None:
            found.append([one])
        else:
            turn.append(one)
    return found


@pytest.mark.parametrize("turn", range(len(turns())))
def test_mistakes_are_found(tree: Callable[[str], Path], tmp_path: Path, turn: int) -> None:
    """Several at once, since planning takes its time: each breaks its own rules, and no other is broken."""
    mistakes = turns()[turn]
    wrong = mutated(tree("cookiecutter"), tmp_path, *(one[:3] for one in mistakes))
    found = planned_in(wrong, "production", tmp_path / "plan", KNOWN[tree("cookiecutter")])
    assert set(broken(found)) == {rule for one in mistakes for rule in one[3].split()}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("django-app/main.tf", "portMappings", "port_mappings"),
        ("django-app/main.tf", "readonlyRootFilesystem", "readonly_root_filesystem"),
        ("celery-worker/main.tf", "healthCheck", "health_check"),
        ("django-app/load_balancer.tf", "      protocol    =", "      backend_protocol ="),
    ],
)
def test_keys_that_would_be_dropped_are_found(
    tree: Callable[[str], Path], tmp_path: Path, path: str, old: str, new: str
) -> None:
    wrong = (
        mutated(tree("cookiecutter"), tmp_path, (path, old, new)) / MODULES / path.split("/", maxsplit=1)[0]
    )
    assert any(new.split(maxsplit=1)[0] in str(one) for one in object_keys(wrong))


def test_an_output_that_is_not_there_is_found(tree: Callable[[str], Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tree("cookiecutter"), copy)
    unit = copy / ENVIRONMENTS / "_env" / "ecs.hcl"
    unit.write_text(unit.read_text().replace("dependency.rds.outputs.address", "dependency.rds.outputs.host"))
    with pytest.raises(KeyError, match="host"):
        composed(copy, "dev")


def mutated(tree: Path, folder: Path, *mistakes: tuple[str, str, str]) -> Path:
    """A copy of the tree with mistakes in modules: in which file what is replaced by what."""
    copy = folder / "mutated"
    shutil.copytree(tree, copy)
    for path, old, new in mistakes:
        target = copy / MODULES / path
        text = target.read_text()
        assert old in text
        target.write_text(text.replace(old, new))
    return copy
