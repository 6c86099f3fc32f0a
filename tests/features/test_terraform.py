"""terraform: what is made of which facts, what is refused, and what is left alone."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from djroadmap.catalog import load
from djroadmap.errors import Refused
from djroadmap.features.terraform import FEATURE, Options
from djroadmap.workflow.status import statuses
from tests.memory import Memory

from .small import SMALL, Files, applied, project

HOME = "infrastructure"
ENVIRONMENTS = f"{HOME}/environments"
WORKFLOW = ".github/workflows/terraform.yml"
READ = """
import environ

env = environ.Env()
SECRET_KEY = env("DJANGO_SECRET_KEY")
ADMIN_URL = env("DJANGO_ADMIN_URL")
MAILGUN_API_KEY = env("MAILGUN_API_KEY")
"""
PARTS = """
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env("POSTGRES_DB"),
        "USER": env("POSTGRES_USER"),
        "PASSWORD": env("POSTGRES_PASSWORD"),
        "HOST": env("POSTGRES_HOST"),
        "PORT": env("POSTGRES_PORT"),
    }
}
"""
URL = 'DATABASES = {"default": env.db("DATABASE_URL")}\n'
REDIS = 'CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": env("REDIS_URL", default="redis://redis:6379/3")}}\n'
COMPOSE = "services:\n  web:\n    build: .\n  postgres:\n    image: postgres:17\n"
DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8000"]
"""
SETTINGS = str(SMALL["shop/settings.py"])
SHOP: Files = {
    **SMALL,
    "requirements.txt": "django\ndjango-environ\ngunicorn\npsycopg\ndjango-redis\n",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
    "shop/settings.py": SETTINGS + READ + PARTS + REDIS,
    "Dockerfile": DOCKERFILE,
    "compose.yml": COMPOSE,
    ".gitignore": "*.pyc\n",
    ".dockerignore": ".git\n",
}
CI = "on:\n  push:\n    branches: [{}]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python manage.py test\n"
GITHUB: Files = {".github/workflows/ci.yml": CI.format("main")}
GITLAB: Files = {".gitlab-ci.yml": "test:\n  script:\n    - python manage.py test\n"}


def options(files: Files, **given: Any) -> Options:
    found: Options = FEATURE.defaults(project(files))
    return found._replace(**given)


def add(files: Files, **given: Any) -> Files:
    return applied(FEATURE.plan(project(files), options(files, **given)), files)


def todos(files: Files, **given: Any) -> list[str]:
    return [todo.text for todo in FEATURE.plan(project(files), options(files, **given)).todos]


def memory(files: Files) -> Memory:
    return Memory({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def state(files: Files) -> tuple[str, str]:
    [found] = statuses(project(files), memory(files).world.manifest(), (FEATURE,), load())
    return found.state, found.reason


def problems(files: Files, **given: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        FEATURE.plan(project(files), options(files, **given))
    return [str(problem) for problem in refused.value.problems]


def local(text: object, name: str) -> str:
    """The value of a plain assignment in HCL."""
    found = re.search(rf"(?m)^\s*{name}\s*= (.*)$", str(text))
    assert found, name
    return found[1]


def with_settings(text: str) -> Files:
    return {**SHOP, "shop/settings.py": SETTINGS + READ + text}


# --- when it fits


def test_it_needs_a_dockerfile() -> None:
    without = {path: text for path, text in SHOP.items() if path != "Dockerfile"}
    assert (FEATURE.unfit(project(without)) or "").startswith("it has no Dockerfile")
    assert FEATURE.defaults(project(without)).pg_version == ""
    assert FEATURE.unfit(project(SHOP)) is None
    assert state(SHOP)[0] == "available"


@pytest.mark.parametrize("path", ["deploy/main.tf", "live/dev/terragrunt.hcl"])
def test_infrastructure_of_ones_own_counts(path: str) -> None:
    files = {**SHOP, path: "# mine\n"}
    assert state(files) == ("installed", "put in by hand")
    assert not memory(files).add("terraform").changes


def test_a_root_of_ones_own_is_not_overwritten() -> None:
    files = {**SHOP, f"{HOME}/root.hcl": "# mine\n"}
    assert state(files)[0] != "installed"
    prepared = memory(files).plan("terraform")
    assert [problem.path for problem in prepared.problems] == [f"{HOME}/root.hcl"]


# --- options


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"region": "frankfurt"}, "'frankfurt' is no region of AWS"),
        ({"region": "eu-central-1a"}, "is no region of AWS"),
        ({"environments": ()}, "from 1 to 20 environments"),
        ({"environments": tuple(f"e{number}" for number in range(21))}, "from 1 to 20 environments"),
        ({"environments": ("dev", "dev")}, "each needs a name of its own"),
        ({"environments": ("shared", "production")}, "'shared' is no name for one"),
        ({"environments": ("_env",)}, "'_env' is no name for one"),
        ({"environments": ("Prod",)}, "'Prod' is no name for one"),
        ({"environments": ("a-very-long-one",)}, "is no name for one"),
        ({"environments": ("dev-",)}, "is no name for one"),
        ({"environments": ("../etc",)}, "is no name for one"),
        ({"state_bucket": "My_Bucket"}, "'My_Bucket' is no name of a bucket"),
        ({"state_bucket": "a" * 64}, "is no name of a bucket"),
        ({"pg_version": "17.2"}, "'17.2' is no major version"),
        ({"pg_version": "latest"}, "'latest' is no major version"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems(SHOP, **given))


def test_every_mistake_is_named_at_once() -> None:
    assert len(problems(SHOP, region="here", state_bucket="X", pg_version="new")) == 3


def test_the_version_of_postgres_is_the_one_of_the_project() -> None:
    assert options(SHOP).pg_version == "17"
    assert local(add(SHOP)[f"{ENVIRONMENTS}/_env/rds.hcl"], "engine_version") == '"17"'
    assert local(add(SHOP, pg_version="")[f"{ENVIRONMENTS}/_env/rds.hcl"], "engine_version") == '"17"'
    assert local(add(SHOP, pg_version="18")[f"{ENVIRONMENTS}/_env/rds.hcl"], "engine_version") == '"18"'


def test_without_a_version_of_postgres_it_is_asked_for() -> None:
    files = {**SHOP, "compose.yml": "services:\n  web:\n    build: .\n"}
    [said] = problems(files)
    assert said.startswith("--pg-version: nothing in the project says")
    assert add(files, pg_version="18")


def test_environments_are_as_given_and_the_last_is_production() -> None:
    after = add(SHOP, environments=("staging", "live"))
    found = {path.split("/")[2] for path in after if path.startswith(ENVIRONMENTS)}
    assert found == {"_env", "shared", "staging", "live"}
    staging, live = (after[f"{ENVIRONMENTS}/{name}/env.hcl"] for name in ("staging", "live"))
    assert [local(one, "production") for one in (staging, live)] == ["false", "true"]
    assert [local(one, "single_nat_gateway") for one in (staging, live)] == ["true", "false"]
    assert [local(one, "database_multi_az") for one in (staging, live)] == ["false", "true"]
    assert [local(one, "deletion_protection") for one in (staging, live)] == ["false", "true"]
    assert 'environments = ["staging", "live"]' in str(
        after[f"{ENVIRONMENTS}/shared/github-oidc/terragrunt.hcl"]
    )


def test_no_two_environments_share_addresses() -> None:
    names = tuple(f"e{number}" for number in range(20))
    after = add(SHOP, environments=names)
    networks = [
        ipaddress.ip_network(local(after[f"{ENVIRONMENTS}/{name}/env.hcl"], "vpc_cidr").strip('"'))
        for name in names
    ]
    assert all(network.is_private and network.prefixlen == 16 for network in networks)
    assert len(set(networks)) == len(names)


def test_every_environment_has_the_same_units() -> None:
    after = add(SHOP)
    for name in ("dev", "staging", "production"):
        units = {path.split("/")[3] for path in after if path.startswith(f"{ENVIRONMENTS}/{name}/")}
        assert units == {"env.hcl", "vpc", "rds", "elasticache", "s3", "secrets"}


def test_the_bucket_of_the_states() -> None:
    after = add(SHOP)
    assert local(after[f"{HOME}/root.hcl"], "bucket") == '"shop-tfstate-${local.account_id}"'
    named = add(SHOP, state_bucket="our-states")
    assert local(named[f"{HOME}/root.hcl"], "bucket") == '"our-states"'
    oidc = named[f"{ENVIRONMENTS}/shared/github-oidc/terragrunt.hcl"]
    assert local(oidc, "state_bucket") == '"our-states"'
    assert "`our-states`" in str(named[f"{HOME}/README.md"])


@pytest.mark.parametrize("cache", ["valkey", "redis"])
def test_the_engine_of_the_cache(cache: str) -> None:
    after = add(SHOP, cache=cache)
    assert local(after[f"{ENVIRONMENTS}/_env/elasticache.hcl"], "engine") == f'"{cache}"'
    assert cache.capitalize() in str(after[f"{HOME}/README.md"])


def test_the_region() -> None:
    after = add({**SHOP, **GITHUB}, region="eu-central-1")
    assert local(after[f"{HOME}/root.hcl"], "region") == '"eu-central-1"'
    assert YAML(typ="safe").load(str(after[WORKFLOW]))["env"]["AWS_REGION"] == "eu-central-1"


def test_options_are_those_of_what_is_there() -> None:
    given = Options("eu-central-1", ("test", "live"), "redis", "our-states", "16")
    for ending in ("\n", "\r\n"):
        after = {path: str(text).replace("\n", ending) for path, text in add(SHOP, **given._asdict()).items()}
        assert FEATURE.defaults(project(after)) == given


# --- what the containers read


def test_a_database_that_is_read_in_parts_gets_its_password() -> None:
    unit = add(SHOP)[f"{ENVIRONMENTS}/_env/rds.hcl"]
    assert local(unit, "password_key") == '"POSTGRES_PASSWORD"'
    assert "url_key" not in str(unit)


def test_a_database_that_is_read_as_an_address_gets_that() -> None:
    unit = add(with_settings(URL + REDIS))[f"{ENVIRONMENTS}/_env/rds.hcl"]
    assert local(unit, "url_key") == '"DATABASE_URL"'
    assert "password_key" not in str(unit)


def test_a_database_that_nobody_reads_is_refused() -> None:
    files = with_settings('DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n')
    assert any("no variable tells production where its database is" in problem for problem in problems(files))


def test_a_database_whose_password_is_written_into_settings_is_refused() -> None:
    files = with_settings(PARTS.replace('env("POSTGRES_PASSWORD")', '"postgres"'))
    assert any("connect to the database" in problem for problem in problems(files))


def test_another_database_is_refused() -> None:
    files = with_settings(PARTS.replace("postgresql", "mysql"))
    assert any("not PostgreSQL" in problem for problem in problems(files))


def test_the_cache_is_read_under_its_names_and_numbers() -> None:
    more = REDIS + 'CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="redis://redis:6379/0")\n'
    unit = str(add(with_settings(PARTS + more))[f"{ENVIRONMENTS}/_env/elasticache.hcl"])
    assert "    REDIS_URL         = 3\n" in unit
    assert "    CELERY_BROKER_URL = 0\n" in unit


def test_a_cache_that_is_written_into_settings_is_refused() -> None:
    files = with_settings(
        PARTS + REDIS.replace('env("REDIS_URL", default="redis://redis:6379/3")', '"redis://redis:6379/3"')
    )
    assert any("no variable holds its whole address" in problem for problem in problems(files))


def test_without_redis_there_is_no_cache() -> None:
    after = add({**with_settings(PARTS), "requirements.txt": "django\ngunicorn\npsycopg\n"})
    assert not any("elasticache/" in path or path.endswith("_env/elasticache.hcl") for path in after)
    assert "cache_nodes" not in str(after[f"{ENVIRONMENTS}/production/env.hcl"])
    assert "elasticache" not in str(after[f"{HOME}/README.md"])


def test_secrets_are_made_up_or_left_to_the_operator() -> None:
    unit = str(add(SHOP)[f"{ENVIRONMENTS}/_env/secrets.hcl"])
    assert '    DJANGO_SECRET_KEY = ""\n' in unit
    assert '    DJANGO_ADMIN_URL  = "/"\n' in unit
    assert '    "MAILGUN_API_KEY",\n' in unit
    assert "POSTGRES" not in unit
    assert "REDIS" not in unit
    assert any("fill in these secrets" in text and "MAILGUN_API_KEY" in text for text in todos(SHOP))
    assert "read -rs MAILGUN_API_KEY" in str(add(SHOP)[f"{HOME}/README.md"])


def test_without_secrets_of_the_operator_nothing_is_left_to_fill() -> None:
    files = with_settings(PARTS)
    files["shop/settings.py"] = str(files["shop/settings.py"]).replace(
        'MAILGUN_API_KEY = env("MAILGUN_API_KEY")', ""
    )
    after = add(files)
    assert "  operator_keys = []\n" in str(after[f"{ENVIRONMENTS}/_env/secrets.hcl"])
    assert "put-secret-value" not in str(after[f"{HOME}/README.md"])
    assert not any("fill in" in text for text in todos(files))


def test_uploads_that_stay_in_the_container_are_told() -> None:
    assert any("uploads still go into the container" in text for text in todos(SHOP))
    assert "does not use the bucket yet" in str(add(SHOP)[f"{HOME}/README.md"])
    s3 = 'STORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}\n'
    files = with_settings(PARTS + REDIS + s3)
    assert not any("uploads" in text for text in todos(files))
    assert "does not use the bucket yet" not in str(add(files)[f"{HOME}/README.md"])


# --- CI


@pytest.mark.parametrize("more", [{}, GITHUB], ids=["none", "GitHub"])
def test_github_gets_a_workflow(more: Files) -> None:
    after = add({**SHOP, **more})
    workflow = YAML(typ="safe").load(str(after[WORKFLOW]))
    assert list(workflow["jobs"]) == ["check", "plan", "apply-dev", "apply-staging", "apply-production"]
    for name, after_which in (("dev", "check"), ("staging", "apply-dev"), ("production", "apply-staging")):
        job = workflow["jobs"][f"apply-{name}"]
        assert job["environment"] == name
        assert job["needs"] == after_which
        assert job["concurrency"] == {"group": f"terraform-{name}", "cancel-in-progress": False}
    assert workflow["permissions"] == {"contents": "read"}
    assert all("id-token" not in job.get("permissions", {}) for job in [workflow["jobs"]["check"]])
    uses = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.search(r"@[0-9a-f]{40}$", one) for one in uses)


def test_the_branch_and_the_ending_are_those_of_the_other_workflows() -> None:
    after = add({**SHOP, ".github/workflows/ci.yaml": CI.format("develop, master")})
    text = str(after[".github/workflows/terraform.yaml"])
    assert "branches: [master]" in text
    assert "      - .github/workflows/terraform.yaml\n" in text


def test_another_ci_gets_no_workflow_and_no_role() -> None:
    after = add({**SHOP, **GITLAB})
    assert not any("github" in path for path in after)
    assert "GitHub" not in str(after[f"{HOME}/README.md"])
    assert any("there is a workflow for GitHub alone" in text for text in todos({**SHOP, **GITLAB}))


# --- what is written


def test_what_terraform_leaves_behind_is_left_out() -> None:
    after = add({**SHOP, ".gitignore": "*.pyc\n*.tfstate\n"})
    assert str(after[".gitignore"]) == (
        "*.pyc\n*.tfstate\n.terraform/\n.terragrunt-cache/\n*.tfplan\n*.tfstate.*\n"
    )
    assert str(after[".dockerignore"]) == ".git\ninfrastructure\n"


def test_no_account_no_arn_and_no_secret_is_written() -> None:
    after = add({**SHOP, **GITHUB})
    for path in set(after) - set(SHOP):
        assert not re.search(r"(?<![\d.])\d{12}(?!\d)", re.sub(r"@[0-9a-f]{40}", "", str(after[path]))), path
        assert "arn:aws:" not in str(after[path]), path


def test_files_look_as_if_written_by_hand() -> None:
    for more in ({}, GITLAB):
        after = add({**SHOP, **more})
        for path in set(after) - set(SHOP):
            text = str(after[path])
            assert text.endswith("\n"), path
            assert not text.endswith("\n\n"), path
            assert "\n\n\n" not in text, path
            assert not re.search(r"[ \t]\n", text), path
            assert "[=" not in text.replace("[=]", ""), path


def test_without_ci_the_workflow_is_not_taken_for_that_of_the_project() -> None:
    api: Files = {"openapi/api.yaml": "openapi: 3.0.3\n", **SHOP}
    both, alone = memory(api), memory(api)
    both.add("terraform")
    both.add("oasdiff")
    both.remove("terraform")
    alone.add("oasdiff")
    assert both.files == alone.files


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_it_comes_and_goes_without_a_trace(ending: str) -> None:
    one = memory({path: str(text).replace("\n", ending) for path, text in {**SHOP, **GITHUB}.items()})
    before = dict(one.files)
    one.add("terraform")
    assert state(dict(one.files))[0] == "installed"
    assert not one.plan("terraform").changes
    one.remove("terraform")
    assert one.files == before


def test_what_was_made_is_named_before_its_files_go() -> None:
    one = memory(SHOP)
    one.add("terraform")
    notes = [note for note in one.remove("terraform").notes if "terragrunt run --all -- destroy" in note]
    folders = [note.split("(cd ")[1].split(" ")[0] for note in notes]
    assert folders == [f"{ENVIRONMENTS}/{name}" for name in ("production", "staging", "dev", "shared")]
