"""eks: what is planned from which facts, and what is left to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from djroadmap.catalog import load as load_catalog
from djroadmap.errors import Refused
from djroadmap.features.eks import FEATURE, Options
from djroadmap.features.eks.cluster import cluster, for_the_chart
from djroadmap.features.eks.infrastructure import CHANGE_ME, Environment, Infrastructure, infrastructure
from djroadmap.features.eks.manifests import left_out, manifests
from djroadmap.planning.deploying.facts import Celery, Deployment, Image, Process, Variable
from djroadmap.workflow.status import statuses
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.memory import Memory
from tests.projects import copy_layout

from .small import SMALL, Files, applied, project

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan

IMAGE = Image("Dockerfile", "", workdir="/app", user="django", entrypoint=("/entrypoint",))
WEB = Process("web", ("/start",), "start:1", program="gunicorn", port=5000, writes=("/app/static/files",))
WORKER = Process("worker", ("/work",), "work:1", program="celery")
BEAT = Process("beat", ("/beat",), "beat:1", program="celery")
CELERY = Celery("shop.celery_app", 300, "django_celery_beat.schedulers:DatabaseScheduler")
PARTS = (
    Variable("DB_HOST", required=True, secret=False, meaning="database-host"),
    Variable("DB_PORT", required=True, secret=False, meaning="database-port"),
    Variable("DB_NAME", required=True, secret=False, meaning="database-name"),
    Variable("DB_USER", required=False, secret=False, meaning="database-user", default="postgres"),
    Variable("DB_PASSWORD", required=True, secret=True, meaning="database-password"),
    Variable("DATABASE_URL", required=False, secret=True, meaning="database-url"),
)
OTHERS = (
    Variable("SECRET_KEY", required=True, secret=True, meaning="secret-key"),
    Variable(
        "HOSTS", required=False, secret=False, meaning="allowed-hosts", default=".shop.example,localhost"
    ),
    Variable("MAIL_DOMAIN", required=True, secret=False, where=("shop/settings.py:7",)),
    Variable("MAIL_KEY", required=True, secret=True),
    Variable("PAGE_SIZE", required=False, secret=False, default="10"),
    Variable("REDIS", required=False, secret=False, meaning="redis-url", default="redis://redis:6379/0"),
)
KNOWN = Deployment(
    slug="shop",
    image=IMAGE,
    processes=(WEB, WORKER, BEAT),
    settings_module="shop.production",
    environment=PARTS + OTHERS,
    postgres="18",
    redis=True,
    celery=CELERY,
    python_path="/app",
)
DEV, PRODUCTION = Environment("dev", production=False), Environment("live", production=True)
THERE = Infrastructure(
    environments=(DEV, PRODUCTION),
    region="eu-central-1",
    database_name="shop",
    database_user="django",
    database_url=False,
    secrets=(("database", "rds"), ("cache", "elasticache"), ("app", "secrets")),
    github=True,
    cache=True,
)
ADDONS = "infrastructure/modules/eks-addons/main.tf"
ENV = 'locals {\n  environment = "dev"\n  production  = false\n}\n'
TREE: Files = {
    **SMALL,
    "infrastructure/root.hcl": 'locals {\n  region     = "eu-central-1"\n}\n',
    "infrastructure/environments/dev/env.hcl": ENV,
    "infrastructure/environments/live/env.hcl": ENV.replace("false", "true"),
    "infrastructure/environments/shared/ecr/terragrunt.hcl": "",
    "infrastructure/environments/_env/rds.hcl": 'inputs = {\n  database_name  = "shop"\n}\n',
    "infrastructure/modules/rds/main.tf": 'resource "aws_secretsmanager_secret" "this" {\n  name = "${var.name}/db"\n}\n',
    "infrastructure/modules/rds/variables.tf": 'variable "username" {\n  type    = string\n  default = "owner"\n}\n',
}


def files(plan: Plan) -> dict[str, str]:
    return {path: str(text) for path, text in applied(plan, {}).items()}


def made(known: Deployment = KNOWN, there: Infrastructure = THERE, **options: Any) -> dict[str, str]:
    """The manifests."""
    return files(manifests(known, there, Options(**options)))


def terraform(there: Infrastructure = THERE, **options: Any) -> dict[str, str]:
    """Terraform's files."""
    return files(cluster(KNOWN, there, Options(**options)))


def load(text: str) -> Any:
    return YAML(typ="safe").load(text)


def pod(found: dict[str, str], path: str) -> Any:
    return load(found[path])["spec"]["template"]["spec"]


def data(found: dict[str, str], environment: str) -> dict[str, str]:
    """The ConfigMap of an environment."""
    base = load(found["k8s/base/configmap.yaml"])["data"]
    return {**base, **load(found[f"k8s/overlays/{environment}/patches/configmap.yaml"])["data"]}


def without_celery() -> Deployment:
    return KNOWN._replace(processes=(WEB,), celery=None)


# What Terraform's files say


def test_environments_are_folders_with_sizes_and_production_is_last() -> None:
    found = infrastructure(project(TREE), "shop")
    assert found.environments == (DEV, PRODUCTION)
    assert found.region == "eu-central-1"
    assert (found.database_name, found.database_user, found.database_url) == ("shop", "owner", False)
    assert found.secrets == (("db", "rds"),)
    assert not found.github
    assert not found.cache


def test_production_is_told_by_its_name_where_its_file_does_not_say() -> None:
    tree = {**TREE, "infrastructure/environments/production/env.hcl": "locals {}\n"}
    found = infrastructure(project(tree), "shop").environments
    assert [one.name for one in found if one.production] == ["live", "production"]


def test_what_is_not_said_is_left_to_people() -> None:
    tree = {**SMALL, "infrastructure/environments/dev/env.hcl": "locals {}\n"}
    found = infrastructure(project(tree), "shop")
    assert (found.region, found.database_name, found.database_user) == (CHANGE_ME,) * 3


def test_it_refuses_without_environments() -> None:
    with pytest.raises(Refused, match="no environment"):
        infrastructure(project(SMALL), "shop")


# The cluster


def test_units_of_every_environment() -> None:
    found = terraform(node_type="m7g.large", k8s_version="1.36")
    home = "infrastructure/environments"
    for name, least in (("dev", "node_min_size = 1"), ("live", "node_min_size = 2")):
        unit = found[f"{home}/{name}/eks/terragrunt.hcl"]
        assert least in unit
        assert 'node_type     = "m7g.large"' in unit
        assert "environments/_env/eks-addons.hcl" in found[f"{home}/{name}/eks-addons/terragrunt.hcl"]
    assert 'kubernetes_version = "1.36"' in found[f"{home}/_env/eks.hcl"]


def test_nobody_is_let_in_unasked() -> None:
    found = terraform()
    unit = found["infrastructure/environments/live/eks/terragrunt.hcl"]
    assert "public_access_cidrs = []" in unit
    assert "deploy_role_arns = []" in unit
    todo = cluster(KNOWN, THERE, Options()).todos[0]
    assert "public_access_cidrs" in todo.text
    assert "plan_role_arn " not in found["infrastructure/environments/_env/eks.hcl"].partition("inputs")[2]


def test_without_a_cache_nothing_asks_for_one() -> None:
    found = terraform(THERE._replace(cache=False))
    assert not [
        path for path, text in found.items() if "elasticache" in text.replace("elasticache_subnet", "")
    ]
    assert '"cache"' not in found["infrastructure/modules/eks/main.tf"]
    assert '"cache"' in terraform()["infrastructure/modules/eks/main.tf"]


def test_without_roles_of_github_nothing_asks_for_them() -> None:
    assert "github" in terraform()["infrastructure/environments/_env/eks.hcl"]
    assert "github" not in terraform(THERE._replace(github=False))["infrastructure/environments/_env/eks.hcl"]


@pytest.mark.parametrize(
    ("identity", "module", "other"),
    [
        ("irsa", "iam-role-for-service-accounts", "eks-pod-identity/aws"),
        ("pod-identity", "eks-pod-identity/aws", "iam-role-for-service-accounts"),
    ],
)
def test_identities_of_pods(identity: str, module: str, other: str) -> None:
    found = terraform(identity=identity)
    addons = found["infrastructure/modules/eks-addons/main.tf"]
    assert addons.count(module) == (2 if identity == "irsa" else 3)
    assert other not in addons
    trusts = (
        "oidc_provider_arn" in found["infrastructure/environments/_env/eks-addons.hcl"].partition("inputs")[2]
    )
    assert trusts == (identity == "irsa")
    assert "external_secrets_secrets_manager_arns = var.secret_arns" in addons


# The manifests


def test_what_kustomizations_name_is_there_and_the_other_way_round() -> None:
    found = made()
    for path, text in found.items():
        if not path.endswith("kustomization.yaml"):
            continue
        folder = path.rpartition("/")[0]
        named = [one for one in load(text)["resources"] if not one.startswith("..")]
        named += [patch["path"] for patch in load(text).get("patches", ())]
        there = {
            other.removeprefix(f"{folder}/")
            for other in found
            if other.startswith(f"{folder}/") and not other.endswith("kustomization.yaml")
        }
        assert set(named) == there


def test_the_configuration_is_what_the_containers_read() -> None:
    assert data(made(), "live") == {
        "DJANGO_SETTINGS_MODULE": "shop.production",
        "HOME": "/tmp",
        "PYTHONUNBUFFERED": "1",
        "DB_HOST": CHANGE_ME,
        "DB_PORT": "5432",
        "DB_NAME": "shop",
        "DB_USER": "django",
        "HOSTS": "shop.example",
        "MAIL_DOMAIN": CHANGE_ME,
    }
    assert data(made(), "dev")["HOSTS"] == "dev.shop.example"
    assert data(made(domain="shop.test"), "dev")["HOSTS"] == "dev.shop.test"


def test_what_the_image_sets_is_not_set_again() -> None:
    known = KNOWN._replace(image=IMAGE._replace(sets=("PYTHONUNBUFFERED",)))
    assert "PYTHONUNBUFFERED" not in data(made(known), "live")


def test_the_address_of_the_database_may_be_a_secret_as_a_whole() -> None:
    known = KNOWN._replace(
        environment=(Variable("DATABASE_URL", required=True, secret=True, meaning="database-url"),)
    )
    assert set(data_of_base(made(known, THERE._replace(database_url=True)))) == {
        "DJANGO_SETTINGS_MODULE",
        "HOME",
        "PYTHONUNBUFFERED",
    }


def data_of_base(found: dict[str, str]) -> dict[str, str]:
    mapping = load(found["k8s/base/configmap.yaml"])["data"]
    assert isinstance(mapping, dict)
    return mapping


def test_where_to_find_what_is_missing() -> None:
    found = made()
    patch = found["k8s/overlays/live/patches/configmap.yaml"]
    assert (
        f'terragrunt output -raw address, in infrastructure/environments/live/rds\n  DB_HOST: "{CHANGE_ME}"'
        in patch
    )
    assert f'Yours: read in shop/settings.py:7\n  MAIL_DOMAIN: "{CHANGE_ME}"' in patch
    readme = found["k8s/README.md"]
    assert (
        "| `DB_HOST` | `terragrunt output -raw address` in `infrastructure/environments/ENVIRONMENT/rds` |"
        in readme
    )
    assert "| `MAIL_DOMAIN` | you |" in readme


def test_secrets_of_each_environment() -> None:
    for name in ("dev", "live"):
        spec = load(made()[f"k8s/overlays/{name}/patches/externalsecret.yaml"])["spec"]
        keys = [one["extract"]["key"] for one in spec["dataFrom"]]
        assert keys == [f"shop-{name}/database", f"shop-{name}/cache", f"shop-{name}/app"]


def test_without_celery_there_are_neither_workers_nor_beat() -> None:
    found = made(without_celery())
    assert "k8s/base/deployment-web.yaml" in found
    assert not [
        path for path, text in found.items() if "worker" in path or "beat" in path or "celery" in text.lower()
    ]
    assert {"k8s/base/deployment-worker.yaml", "k8s/base/deployment-beat.yaml"} <= set(made())


def test_commands_go_behind_the_entrypoint() -> None:
    found = made()
    for path, words in {
        "k8s/base/deployment-web.yaml": ["/start"],
        "k8s/base/deployment-worker.yaml": ["/work"],
        "k8s/base/deployment-beat.yaml": ["/beat"],
        "k8s/jobs/migrate/job.yaml": ["python", "/app/manage.py", "migrate", "--noinput"],
    }.items():
        [container] = pod(found, path)["containers"]
        assert container["args"] == words
        assert "command" not in container
    probe = pod(found, "k8s/base/deployment-worker.yaml")["containers"][0]["livenessProbe"]["exec"]["command"]
    assert probe[0] == "/entrypoint"
    assert "celery -A shop.celery_app inspect ping" in probe[-1]


def test_a_command_for_migrations_of_the_project_is_used() -> None:
    known = KNOWN._replace(processes=(WEB, Process("migrate", ("/migrate",), "migrate:1")))
    assert pod(made(known), "k8s/jobs/migrate/job.yaml")["containers"][0]["args"] == ["/migrate"]


@pytest.mark.parametrize(
    ("image", "uid", "why"),
    [
        (IMAGE, 10001, 'says "USER django"'),
        (IMAGE._replace(uid=1500), 1500, "The number that the Dockerfile gives"),
        (IMAGE._replace(user=""), 10001, "would run as root"),
    ],
    ids=["name", "number", "root"],
)
def test_pods_run_as_a_number(image: Image, uid: int, why: str) -> None:
    found = made(KNOWN._replace(image=image))
    for path in ("k8s/base/deployment-web.yaml", "k8s/jobs/migrate/job.yaml"):
        security = pod(found, path)["securityContext"]
        assert (security["runAsUser"], security["runAsNonRoot"]) == (uid, True)
        assert why in found[path]


def test_what_the_server_writes_to_is_mounted() -> None:
    spec = pod(made(), "k8s/base/deployment-web.yaml")
    mounts = {one["mountPath"]: one["name"] for one in spec["containers"][0]["volumeMounts"]}
    assert mounts == {"/tmp": "tmp", "/app/static/files": "app-static-files"}
    assert [one["name"] for one in spec["volumes"]] == list(mounts.values())
    worker = pod(made(), "k8s/base/deployment-worker.yaml")
    assert [one["name"] for one in worker["volumes"]] == ["tmp"]


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("gunicorn", ["WEB_CONCURRENCY", "GUNICORN_CMD_ARGS"]),
        ("uvicorn", ["WEB_CONCURRENCY", "UVICORN_TIMEOUT_KEEP_ALIVE"]),
        ("daphne", []),
    ],
)
def test_servers_keep_connections_longer_than_the_load_balancer(program: str, names: list[str]) -> None:
    known = KNOWN._replace(processes=(WEB._replace(program=program),))
    container = pod(made(known), "k8s/base/deployment-web.yaml")["containers"][0]
    assert [one["name"] for one in container.get("env", ())] == names


@pytest.mark.parametrize(("limit", "grace"), [(None, 330), (120, 330), (900, 930)])
def test_workers_may_finish(limit: int | None, grace: int) -> None:
    known = KNOWN._replace(celery=CELERY._replace(time_limit=limit))
    assert pod(made(known), "k8s/base/deployment-worker.yaml")["terminationGracePeriodSeconds"] == grace


def test_production_has_more_of_everything() -> None:
    found = made()
    live, dev = (load(found[f"k8s/overlays/{name}/kustomization.yaml"]) for name in ("live", "dev"))
    assert live["replicas"] == [{"name": "shop-worker", "count": 2}]
    assert "replicas" not in dev
    assert "k8s/overlays/dev/patches/pdb.yaml" in found
    assert "k8s/overlays/live/patches/pdb.yaml" not in found
    assert "deletion_protection" in found["k8s/overlays/live/patches/ingress.yaml"]
    assert "deletion_protection" not in found["k8s/overlays/dev/patches/ingress.yaml"]


def test_with_pod_identity_nothing_names_a_role() -> None:
    found = made(identity="pod-identity")
    assert "k8s/overlays/live/patches/serviceaccount.yaml" not in found
    assert "auth" not in load(found["k8s/base/secretstore.yaml"])["spec"]["provider"]["aws"]
    assert "role-arn" not in "".join(found.values())
    store = load(made()["k8s/base/secretstore.yaml"])["spec"]["provider"]["aws"]
    assert store["auth"]["jwt"]["serviceAccountRef"] == {"name": "shop"}


def test_what_cannot_be_planned_is_said() -> None:
    def todos(known: Deployment) -> str:
        return " ".join(todo.text for todo in manifests(known, THERE, Options()).todos)

    assert todos(KNOWN).startswith("fill in what only you know")
    assert "beat" not in todos(KNOWN)
    assert "no command that starts beat" in todos(KNOWN._replace(processes=(WEB, WORKER)))
    assert "schedule in a file" in todos(KNOWN._replace(celery=CELERY._replace(scheduler="")))
    key = Variable("AWS_KEY", required=True, secret=True, meaning="aws-access-key")
    assert "AWS_KEY" in todos(KNOWN._replace(environment=(*KNOWN.environment, key)))


def test_no_secret_account_or_address_is_in_any_file() -> None:
    for text in (*made().values(), *terraform().values()):
        assert "MAIL_KEY" not in text
        assert "DB_PASSWORD" not in text


# The feature


def test_it_needs_an_image() -> None:
    assert "Dockerfile" in (FEATURE.unfit(project(SMALL)) or "")
    assert FEATURE.unfit(project({**SMALL, "Dockerfile": "FROM python:3.13\n"})) is None


def test_there_is_nothing_of_it_without_its_module() -> None:
    assert FEATURE.presence is not None
    assert FEATURE.presence(project(SMALL)) is not None
    assert FEATURE.presence(project({**SMALL, "infrastructure/modules/eks/main.tf": ""})) is None


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"k8s_version": "1.35.1"}, "--k8s-version"),
        ({"k8s_version": "latest"}, "--k8s-version"),
        ({"node_type": "large"}, "--node-type"),
        ({"node_type": 't3.large"'}, "--node-type"),
        ({"domain": "https://shop.example"}, "--domain"),
        ({"domain": "shop"}, "--domain"),
        ({"domain": "shop.example\nevil: true"}, "--domain"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, str], flag: str) -> None:
    with pytest.raises(Refused) as refused:
        FEATURE.plan(project(TREE), Options(**options))
    assert [problem.path for problem in refused.value.problems] == [flag]


def test_what_is_there_is_recognised_with_its_options() -> None:
    assert FEATURE.defaults(project(TREE)) == Options()
    addons = {"infrastructure/modules/eks-addons/main.tf": terraform(identity="pod-identity")[ADDONS]}
    there = {**TREE, **addons, "infrastructure/modules/eks/main.tf": ""}
    assert FEATURE.defaults(project(there)) == Options(identity="pod-identity", manifests="none")
    there["k8s/base/kustomization.yaml"] = ""
    assert FEATURE.defaults(project(there)).manifests == "kustomize"


def test_what_was_made_goes_before_its_files() -> None:
    commands = [str(one) for one in FEATURE.farewell(project(TREE), Options())]
    assert commands[:3] == [
        "kubectl delete --kustomize k8s/overlays/dev",
        "(cd infrastructure/environments/dev/eks-addons && terragrunt run -- destroy)",
        "(cd infrastructure/environments/dev/eks && terragrunt run -- destroy)",
    ]
    assert len(commands) == 6
    assert not any(
        "kubectl" in str(one) for one in FEATURE.farewell(project(TREE), Options(manifests="none"))
    )


@pytest.mark.parametrize(("identity", "todos"), [("irsa", 1), ("pod-identity", 2)])
def test_what_the_chart_needs_where_it_is_what_is_deployed(identity: str, todos: int) -> None:
    found = for_the_chart(KNOWN, THERE._replace(chart="charts/shop"), Options(identity=identity)).todos
    assert len(found) == todos
    assert found[0].path == "charts/shop/values-live.yaml"
    assert "release shop" in found[0].text
    assert ("role/shop-live-app" in found[0].snippet) == (identity == "irsa")
    assert identity == "irsa" or "namespace: shop-live" in found[1].snippet


def test_the_chart_is_found_wherever_it_is() -> None:
    tree = {**TREE, "deploy/shop/Chart.yaml": "name: shop\n", "deploy/other/Chart.yaml": "name: other\n"}
    found = infrastructure(project(tree), "shop")
    assert found.chart == "deploy/shop"
    assert "the [chart](../deploy/shop)," in made(there=THERE._replace(chart=found.chart))["k8s/README.md"]
    assert "the chart of Helm," in made()["k8s/README.md"]


@pytest.mark.parametrize(
    ("ignored", "line"),
    [
        ({".dockerignore": ".git\n"}, [".dockerignore"]),
        ({".dockerignore": ".git\nk8s\n"}, []),
        ({".dockerignore": "", "Dockerfile.dockerignore": ""}, ["Dockerfile.dockerignore"]),
        ({}, []),
    ],
)
def test_images_do_not_take_it_in(ignored: Files, line: list[str]) -> None:
    plan = left_out(project({**SMALL, **ignored}), KNOWN)
    assert [edit.path for edit in plan.edits] == line
    elsewhere = KNOWN._replace(image=IMAGE._replace(context="backend"))
    assert not left_out(project({**SMALL, **ignored}), elsewhere).edits


def test_it_says_that_servers_are_not_to_migrate() -> None:
    known = KNOWN._replace(processes=(WEB._replace(migrates=True),))
    assert "start:1 applies migrations" in manifests(known, THERE, Options()).todos[-1].text


def test_beat_with_a_file_in_its_place_is_left_alone() -> None:
    beat = BEAT._replace(command=("celery", "beat", "--schedule", "/tmp/schedule"))
    known = KNOWN._replace(processes=(WEB, WORKER, beat), celery=CELERY._replace(scheduler=""))
    assert "schedule" not in " ".join(todo.text for todo in manifests(known, THERE, Options()).todos)


# An environment that comes later


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    """A generated project, without the feature."""
    folder = copy_layout("turbo_minimal", tmp_path_factory.mktemp("eks") / "project")
    return Memory(Memory.of(folder).files, load_catalog())


@pytest.mark.parametrize("options", ["", "--manifests none"])
def test_an_environment_that_comes_later_gets_the_same(layout: Memory, options: str) -> None:
    memory, whole = Memory(dict(layout.files), layout.catalog), Memory(dict(layout.files), layout.catalog)
    memory.add(f"eks {options}".strip())
    before = dict(memory.files)
    env = "infrastructure/environments/qa/env.hcl"
    text = memory.files["infrastructure/environments/staging/env.hcl"].replace(b'"staging"', b'"qa"')
    memory.files[env] = text
    (found,) = statuses(memory.world.project(), memory.world.manifest(), (FEATURE,), memory.catalog)
    assert (found.state, found.new) == ("partial", found.missing)
    assert [str(one.what) for one in found.new] == ["qa has no unit of eks"]
    prepared = prepare_upgrade(memory.world, ())
    assert any("environments/qa/eks/terragrunt.hcl" in todo.path for todo in prepared.todos)
    prepared.commit(memory.world)
    whole.add("terraform")
    whole.files[env] = text
    whole.add(f"eks {options}".strip())
    new = {path for path in memory.files if path not in before and path != env}
    assert new == {path for path in whole.files if "/qa/" in path and path != env}
    assert "infrastructure/environments/qa/eks-addons/terragrunt.hcl" in new
    assert ("k8s/overlays/qa/kustomization.yaml" in new) is (options == "")
    assert {path: memory.files[path] for path in new} == {path: whole.files[path] for path in new}
    (found,) = statuses(memory.world.project(), memory.world.manifest(), (FEATURE,), memory.catalog)
    assert found.state == "installed"
    assert not prepare_upgrade(memory.world, ()).changes
    memory.remove("eks")
    assert memory.files == {**layout.files, env: text}


def test_environments_whose_owner_wants_none_of_it_are_left_alone(layout: Memory) -> None:
    units = dict.fromkeys(("infrastructure/environments/dev/env.hcl",), b"")
    alone = Memory({**layout.files, **units}, layout.catalog)
    assert FEATURE.growth is not None
    assert FEATURE.growth(alone.world.project(), Options()) is None
