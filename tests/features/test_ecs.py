"""`ecs`: how variables are filled, what containers run, which units there are, and what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from djroadmap.catalog import load
from djroadmap.errors import Refused
from djroadmap.features.ecs import FEATURE, Options
from djroadmap.features.ecs.containers import containers
from djroadmap.features.ecs.filling import APP, CACHE, DATABASE, filling
from djroadmap.features.ecs.hcl import aligned, quoted
from djroadmap.features.ecs.sizes import MEMORY, memory_for
from djroadmap.features.ecs.todos import todos
from djroadmap.planning.deploying.discovery import deployment
from djroadmap.planning.deploying.facts import Celery, Deployment, Frontend, Image, Process, Variable
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.memory import Memory
from tests.projects import copy_layout

from .small import SMALL, project

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "infrastructure/environments/{}/ecs/terragrunt.hcl"
MAIN = "infrastructure/modules/ecs/main.tf"
WEB = "infrastructure/modules/django-app/main.tf"
KEYS = (
    Variable("AWS_ACCESS_KEY_ID", True, True, "aws-access-key", where=("config/settings/production.py:9",)),
    Variable("AWS_SECRET_ACCESS_KEY", True, True, "aws-secret-key"),
)
PARTS = (
    Variable("POSTGRES_PASSWORD", True, True, "database-password"),
    Variable("POSTGRES_HOST", True, False, "database-host"),
    Variable("DATABASE_URL", False, True, "database-url", exported=True),
)


def known(*environment: Variable, **others: object) -> Deployment:
    """A deployment with these variables; what else it is can be said."""
    facts: dict[str, object] = {
        "slug": "shop",
        "image": Image("Dockerfile", "", user="django", entrypoint=("/entrypoint",)),
        "processes": (Process("web", ("/start",), "start:3", "gunicorn", 8000, writes=("/app/static",)),),
        "settings_module": "config.settings.production",
        "environment": environment,
        "postgres": "18",
        "redis": True,
        "celery": None,
        **others,
    }
    return Deployment(**facts)  # type: ignore[arg-type]


def with_celery(**facts: object) -> Deployment:
    celery = Celery("config.celery_app", scheduler="django_celery_beat.schedulers:DatabaseScheduler", **facts)  # type: ignore[arg-type]
    web = Process("web", ("/start",), "start:3", "gunicorn", 8000)
    return known(celery=celery, processes=(web, Process("worker", ("/start-worker",), "w:1", "celery")))


@pytest.fixture(scope="module", params=["turbo", "turbo_requirements", "turbo_minimal", "cookiecutter"])
def layout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Memory:
    """A generated project with `ecs` in it."""
    return added(request.param, tmp_path_factory.mktemp("ecs"))


def added(name: str, folder: Path, options: str = "") -> Memory:
    memory = Memory(Memory.of(copy_layout(name, folder / name)).files, load())
    memory.add(f"ecs {options}".strip())
    return memory


def text(memory: Memory, path: str) -> str:
    return memory.files[path].decode()


def test_everything_that_is_required_is_set(layout: Memory) -> None:
    facts = deployment(layout.world.project())
    found = set(re.findall(r"^ {4,6}(\w+) += ", text(layout, MAIN), re.MULTILINE))
    operator = set(
        re.findall(r"^ {4}(\w+) = string$", text(layout, MAIN.replace("main", "variables")), re.MULTILINE)
    )
    required = {one.name for one in facts.environment if one.required}
    assert required
    assert required <= found | operator
    assert not {"DATABASE_URL", "CONN_MAX_AGE", "DJANGO_DEBUG"} & found


def test_secrets_are_asked_of_the_unit_that_writes_them(layout: Memory) -> None:
    asked = dict(re.findall(r'(\w+) += "\$\{var\.(\w+)_secret_arn\}:\1::"', text(layout, MAIN)))
    assert asked
    for unit, which in (("rds", "database"), ("elasticache", "cache"), ("secrets", "app")):
        written = text(layout, f"infrastructure/environments/_env/{unit}.hcl")
        assert all(key in written for key, one in asked.items() if one == which)
        assert which in asked.values()


def test_there_is_a_unit_for_every_environment(layout: Memory) -> None:
    for name in ("dev", "staging", "production"):
        unit = text(layout, UNIT.format(name))
        assert 'MAILGUN_DOMAIN = ""' in unit
        assert 'domain = ""' in unit
        assert f"enable_execute_command = {str(name == 'dev').lower()}" in unit
        assert (
            f"min_tasks{' ' * (3 if 'min_workers' in unit else 1)}= {2 if name == 'production' else 1}"
            in unit
        )
    assert UNIT.format("shared") not in layout.files


def test_no_secret_and_no_account_is_written(layout: Memory) -> None:
    ours = [
        data.decode() for path, data in layout.files.items() if re.search(r"/(ecs|django-app|celery)", path)
    ]
    assert not any(re.search(r"arn:aws|\b\d{12}\b", one) for one in ours)


def test_without_celery_there_is_nothing_of_it(tmp_path: Path) -> None:
    memory = added("turbo_minimal", tmp_path)
    ours = [path for path in memory.files if path.startswith("infrastructure/") and "celery" in path]
    assert not ours
    assert "worker" not in text(memory, MAIN)
    outputs = text(memory, "infrastructure/modules/ecs/outputs.tf")
    assert re.search(r"worker_service_names.*?value += \[\]", outputs, re.DOTALL)
    assert re.search(r"beat_service_name.*?value += null", outputs, re.DOTALL)
    assert "max(1, floor(var.cpu / 1024))" in text(memory, WEB)


def test_outputs_are_those_that_a_deployment_asks_for(layout: Memory) -> None:
    names = set(
        re.findall(r'^output "(\w+)"', text(layout, "infrastructure/modules/ecs/outputs.tf"), re.MULTILINE)
    )
    assert names >= {
        "cluster_name",
        "web_service_name",
        "worker_service_names",
        "beat_service_name",
        "migrate_task_family",
        "container_name",
        "private_subnet_ids",
        "task_security_group_id",
        "task_role_arn",
        "execution_role_arn",
        "alb_dns_name",
    }


def test_options_reach_what_they_are_for(tmp_path: Path) -> None:
    memory = Memory(Memory.of(copy_layout("turbo", tmp_path / "turbo")).files, load())
    memory.add("terraform")
    options = Options(
        cpu=1024,
        min=3,
        max=8,
        domain="example.com",
        worker_queue=("emails",),
        arch="arm64",
        spot_workers=True,
    )
    plan = FEATURE.plan(memory.world.project(), options)
    files = {edit.path: edit.apply(None) or "" for edit in plan.edits}
    unit = files["infrastructure/environments/_env/ecs.hcl"]
    assert re.search(
        r"cpu += 1024\n +memory += 2048\n +cpu_architecture = \"ARM64\"\n\n +spot_workers = true", unit
    )
    assert 'domain = "example.com"' in files[UNIT.format("production")]
    assert 'domain = "dev.example.com"' in files[UNIT.format("dev")]
    assert re.search(r"min_tasks += 3\n +max_tasks += 8\n", files[UNIT.format("production")])
    assert (
        'worker-emails = ["celery", "-A", "config.celery_app", "worker", "-l", "INFO", "-Q", "emails"]'
        in files[MAIN]
    )
    assert not any("domain name of each environment" in todo.text for todo in plan.todos)


def test_an_environment_that_comes_later_gets_its_unit(tmp_path: Path) -> None:
    memory = added("turbo_minimal", tmp_path)
    env = text(memory, "infrastructure/environments/staging/env.hcl")
    memory.files["infrastructure/environments/qa/env.hcl"] = env.replace('"staging"', '"qa"').encode()
    plan = FEATURE.plan(memory.world.project(), Options())
    assert UNIT.format("qa") in {edit.path for edit in plan.edits}


def test_upgrade_adds_the_unit_of_an_environment(tmp_path: Path) -> None:
    memory = added("turbo_minimal", tmp_path)
    env = text(memory, "infrastructure/environments/staging/env.hcl")
    memory.files["infrastructure/environments/qa/env.hcl"] = env.replace('"staging"', '"qa"').encode()
    prepare_upgrade(memory.world, ("ecs",)).commit(memory.world)
    assert 'domain = ""' in text(memory, UNIT.format("qa"))


def test_what_was_made_is_named_before_its_files_go(tmp_path: Path) -> None:
    memory = added("turbo_minimal", tmp_path)
    commands = FEATURE.farewell(memory.world.project(), Options())
    assert [command.cwd for command in commands] == [
        f"infrastructure/environments/{name}/ecs" for name in ("dev", "production", "staging")
    ]
    assert all(command.argv == ("terragrunt", "destroy") for command in commands)


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        (Options(cpu=500), "--cpu"),
        (Options(memory=512), "--memory"),
        (Options(cpu=256, memory=1536), "--memory"),
        (Options(min=0), "--min"),
        (Options(min=4, max=3), "--min"),
        (Options(domain="https://example.com"), "--domain"),
        (Options(domain="localhost"), "--domain"),
        (Options(worker_queue=("a b",)), "--worker-queue"),
        (Options(arch="ARM64"), "--arch"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Options, flag: str, tmp_path: Path) -> None:
    memory = Memory(Memory.of(copy_layout("turbo", tmp_path / "turbo")).files, load())
    memory.add("terraform")
    with pytest.raises(Refused) as refused:
        FEATURE.plan(memory.world.project(), options)
    assert [problem.path for problem in refused.value.problems] == [flag]


@pytest.mark.parametrize("options", [Options(worker_queue=("emails",)), Options(spot_workers=True)])
def test_workers_without_celery_are_refused(options: Options, tmp_path: Path) -> None:
    memory = Memory(Memory.of(copy_layout("turbo_minimal", tmp_path / "turbo_minimal")).files, load())
    memory.add("terraform")
    with pytest.raises(Refused, match="no Celery"):
        FEATURE.plan(memory.world.project(), options)


def test_without_environments_there_is_nothing_to_put_units_into(tmp_path: Path) -> None:
    memory = Memory(Memory.of(copy_layout("turbo", tmp_path / "turbo")).files, load())
    with pytest.raises(Refused, match=r"no environment is found"):
        FEATURE.plan(memory.world.project(), Options())


def test_without_an_image_it_does_not_apply() -> None:
    assert FEATURE.supports(project(SMALL)) == "it has no Dockerfile, so there is no image to run"


def test_every_size_of_fargate_has_a_memory_by_default() -> None:
    assert all(memory_for(cpu, 0) in sizes for cpu, sizes in MEMORY.items())
    assert memory_for(256, 2048) == 2048


def test_the_address_of_the_database_is_read_whole_or_in_parts() -> None:
    whole = filling(known(Variable("DATABASE_URL", True, True, "database-url")), cache=True, bucket=False)
    assert whole.secret == (("DATABASE_URL", DATABASE),)
    parts = filling(known(*PARTS), cache=True, bucket=False)
    assert parts.secret == (("POSTGRES_PASSWORD", DATABASE),)
    assert parts.plain[1:] == (("POSTGRES_HOST", "var.database_host"),)


def test_every_variable_with_an_address_of_the_cache_gets_it() -> None:
    both = (
        Variable("REDIS_URL", False, True, "redis-url"),
        Variable("CELERY_BROKER_URL", False, True, "redis-url"),
    )
    assert filling(known(*both), cache=True, bucket=False).secret == (
        ("REDIS_URL", CACHE),
        ("CELERY_BROKER_URL", CACHE),
    )
    assert filling(known(*both), cache=False, bucket=False).secret == ()


def test_what_has_a_default_is_left_alone() -> None:
    optional = (Variable("CONN_MAX_AGE", False, False), Variable("SENTRY_DSN", False, True))
    filled = filling(known(*optional), cache=True, bucket=True)
    assert filled.plain == (("DJANGO_SETTINGS_MODULE", '"config.settings.production"'),)
    assert (filled.secret, filled.required) == ((), ())


def test_only_processes_that_run_count() -> None:
    flower = Variable("CELERY_FLOWER_PASSWORD", False, True, needed_by=("flower",))
    worker = Variable("WORKER_NAME", False, False, needed_by=("worker",))
    filled = filling(known(flower, worker), cache=True, bucket=False)
    assert (filled.secret, filled.required) == ((), ("WORKER_NAME",))


def test_the_bucket_is_named_where_uploads_go_there() -> None:
    bucket = Variable("DJANGO_AWS_STORAGE_BUCKET_NAME", True, False, "bucket")
    region = Variable("DJANGO_AWS_S3_REGION_NAME", False, False, "aws-region")
    with_it = filling(known(bucket, region), cache=False, bucket=True)
    assert with_it.plain[1:] == (
        ("DJANGO_AWS_STORAGE_BUCKET_NAME", "var.media_bucket_name"),
        ("DJANGO_AWS_S3_REGION_NAME", "data.aws_region.current.region"),
    )
    assert filling(known(bucket), cache=False, bucket=False).required == ("DJANGO_AWS_STORAGE_BUCKET_NAME",)


def test_keys_that_settings_insist_on_are_secrets_until_they_do_not() -> None:
    filled = filling(known(*KEYS), cache=False, bucket=False)
    assert filled.secret == (("AWS_ACCESS_KEY_ID", APP), ("AWS_SECRET_ACCESS_KEY", APP))
    plan = todos(known(*KEYS), filled, Options(domain="example.com"))
    [todo] = [one for one in plan.todos if "AWS_ACCESS_KEY_ID" in one.text]
    assert (
        todo.snippet == 'env("AWS_ACCESS_KEY_ID", default=None)\nenv("AWS_SECRET_ACCESS_KEY", default=None)'
    )
    assert todo.path == "config/settings/production.py"


def test_what_stands_in_the_way_is_named() -> None:
    nothing = filling(known(), cache=False, bucket=False)
    web = Process("web", ("/start",), "start:3", "gunicorn", 8000, migrates=True)
    facts = known(
        processes=(web,), frontends=(Frontend("admin", "apps/admin"), Frontend("x", "apps/x", served=True))
    )
    found = " ".join(todo.text for todo in todos(facts, nothing, Options()).todos)
    assert "take the migrations out of what starts the web server (start:3)" in found
    assert "host apps/admin elsewhere" in found
    assert "apps/x" not in found
    assert "acknowledge tasks late" not in found
    late = " ".join(todo.text for todo in todos(with_celery(late=True), nothing, Options()).todos)
    assert "acknowledge tasks late" not in late
    early = " ".join(todo.text for todo in todos(with_celery(time_limit=300), nothing, Options()).todos)
    assert "tasks of Celery may take 300" in early


@pytest.mark.parametrize(
    ("program", "asgi", "names"),
    [
        ("gunicorn", False, ["GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"]),
        ("gunicorn", True, ["GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"]),
        ("uvicorn", True, ["UVICORN_TIMEOUT_KEEP_ALIVE", "WEB_CONCURRENCY"]),
        ("daphne", True, []),
    ],
)
def test_the_server_is_told_what_it_reads(program: str, asgi: bool, names: list[str]) -> None:
    web = Process("web", ("/start",), "start:3", program, 8000, asgi)
    facts = containers(known(processes=(web,)), ())
    assert [line.split()[0] for line in facts["server"]] == names
    assert facts["kept"] == (75 if names else None)


@pytest.mark.parametrize(
    ("command", "script", "names", "kept"),
    [
        (("uvicorn", "a:b", "--workers=2", "--timeout-keep-alive=35"), "", [], 35),
        (("/start",), "exec gunicorn a.wsgi --keep-alive 90\n", ["WEB_CONCURRENCY"], 90),
        (
            ("/start",),
            "exec gunicorn a.wsgi -w 4 --worker-class gthread\n",
            ["UVICORN_TIMEOUT_KEEP_ALIVE"],
            75,
        ),
    ],
)
def test_what_its_command_says_counts_for_more(
    command: tuple[str, ...], script: str, names: list[str], kept: int
) -> None:
    web = Process("web", command, "start:3", "uvicorn", 8000, True)
    facts = known(processes=(web,))
    found = containers(facts, (), script)
    assert [line.split()[0] for line in found["server"]] == names
    assert found["kept"] == kept
    said = " ".join(
        todo.text for todo in todos(facts, filling(facts, cache=False, bucket=False), Options(), script).todos
    )
    assert ("with 35 (start:3)" in said) == (kept == 35)


@pytest.mark.parametrize("command", ["--keep-alive 35", ""])
def test_the_load_balancer_is_told_once(command: str, tmp_path: Path) -> None:
    memory = Memory(Memory.of(copy_layout("turbo_minimal", tmp_path / "turbo_minimal")).files, load())
    start = "docker/production/django/start"
    memory.files[start] = text(memory, start).replace(" --bind", f" {command} --bind").encode()
    memory.add("ecs")
    balancer = text(memory, WEB.replace("main", "load_balancer"))
    assert ("keeps connections for 75 seconds" in balancer) == (not command)
    assert re.search(r"= true\n\n(  #[^\n]*\n)?  idle_timeout = 60\n", balancer)
    assert ("GUNICORN_CMD_ARGS" in text(memory, WEB)) == (not command)


def test_what_is_written_is_in_memory() -> None:
    mounts = containers(known(), ())["mounts"]
    assert [(mount.path, mount.size) for mount in mounts] == [("/app/static", 256), ("/tmp", 128)]


def test_queues_get_workers_of_their_own() -> None:
    queues = ("emails", "celery", "Slow.jobs", "emails")
    found = containers(with_celery(), queues)["workers"]
    assert [one.name.strip() for one in found] == ["worker", "worker-emails", "worker-slow-jobs"]
    assert '"-Q", "Slow.jobs"]' in found[2].command


def test_what_waits_is_counted_for_each_worker() -> None:
    facts = containers(with_celery(), ("emails",))
    assert [one.queues for one in facts["workers"]] == ['["celery"]', '["emails"]']
    assert facts["counted"]
    elsewhere = with_celery()._replace(python_path="/srv/shop")
    assert not containers(elsewhere, ())["counted"]
    assert not containers(known(), ())["counted"]


@pytest.mark.parametrize(
    ("command", "python"),
    [
        (("python", "manage.py", "migrate"), '"python"'),
        (("uv", "run", "python", "/app/manage.py", "migrate"), '"uv", "run", "python"'),
        (("/migrate",), '"python"'),
    ],
)
def test_python_is_started_as_for_migrations(command: tuple[str, ...], python: str) -> None:
    facts = with_celery()
    migrate = Process("migrate", command, "m:1")
    assert containers(facts._replace(processes=(*facts.processes, migrate)), ())["python"] == python


def test_a_queue_that_the_worker_has_gets_no_other() -> None:
    facts = with_celery()
    worker = Process("worker", ("/start-worker",), "w:1", "celery", queues=("emails",))
    facts = facts._replace(processes=(facts.processes[0], worker))
    assert len(containers(facts, ("emails",))["workers"]) == 1


def test_workers_are_pinged_behind_the_entrypoint() -> None:
    assert containers(with_celery(), ())["ping"] == (
        '"/entrypoint celery -A config.celery_app inspect ping -d celery@$HOSTNAME"'
    )
    bare = with_celery()._replace(image=Image("Dockerfile", "", user="django"))
    assert containers(bare, ())["ping"].startswith('"celery -A')


def test_a_schedule_in_a_file_needs_a_writable_folder() -> None:
    facts = with_celery()
    assert facts.celery is not None
    beat = Process("beat", ("celery", "beat"), "b:1", "celery")
    stored = facts._replace(celery=facts.celery._replace(scheduler=""), processes=(*facts.processes, beat))
    assert containers(stored, ())["beat_writable"]
    kept = beat._replace(command=("celery", "beat", "--schedule", "/tmp/schedule"))
    assert not containers(stored._replace(processes=(*facts.processes, kept)), ())["beat_writable"]
    assert not containers(facts, ())["beat_writable"]


def test_capabilities_are_kept_where_the_image_runs_as_root() -> None:
    assert containers(known(), ())["drop"]
    assert not containers(known(image=Image("Dockerfile", "")), ())["drop"]
    assert not containers(known(image=Image("Dockerfile", "", user="root")), ())["drop"]


def test_strings_are_not_filled_in_by_terraform() -> None:
    assert quoted('a "b" ${c} %{d}') == '"a \\"b\\" $${c} %%{d}"'
    assert aligned([("a", "1"), ("bcd", "2")]) == ["a   = 1", "bcd = 2"]
