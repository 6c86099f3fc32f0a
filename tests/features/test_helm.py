"""helm: what the chart takes from a project, what it leaves out, what goes beside it, and what is refused."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from djroadmap.catalog import load
from djroadmap.errors import Refused
from djroadmap.features.helm import FEATURE, Options
from djroadmap.workflow.status import statuses
from tests.memory import Memory

from .small import SMALL, Files, applied, project

SETTINGS = str(SMALL["shop/settings.py"]).replace(
    "DEBUG = True\n",
    "import os\n\nDEBUG = False\n"
    'SECRET_KEY = os.environ["SECRET_KEY"]\n'
    'ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")\n'
    'MAIL_DOMAIN = os.environ["MAIL_DOMAIN"]\n',
)
DATABASE = (
    '\nDATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["DB_NAME"],'
    ' "USER": os.environ["DB_USER"], "PASSWORD": os.environ["DB_PASSWORD"], "HOST": os.environ["DB_HOST"]}}\n'
)
DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /srv
RUN useradd --uid 1234 shop
COPY . /srv
USER shop
CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8080"]
"""
DOCKED: Files = {
    **SMALL,
    "shop/settings.py": SETTINGS + DATABASE,
    "shop/wsgi.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "Dockerfile": DOCKERFILE,
    "requirements.txt": "django==5.2\ngunicorn==23.0\npsycopg==3.2\n",
}
CELERY: Files = {
    "shop/celery.py": 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("django.conf:settings", namespace="CELERY")\n',
    "shop/settings.py": str(DOCKED["shop/settings.py"])
    + '\nCELERY_BROKER_URL = os.environ["REDIS_URL"]\nCELERY_BEAT_SCHEDULE = {"x": {"task": "shop.x", "schedule": 60}}\nCELERY_TASK_TIME_LIMIT = 900\n',
    "requirements.txt": f"{DOCKED['requirements.txt']}celery==5.5\nredis==5\n",
}
GITHUB: Files = {
    ".github/workflows/ci.yaml": "on:\n  push:\n    branches: [trunk]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: actions/checkout@v5\n      - run: python manage.py test\n"
}
GITLAB: Files = {".gitlab-ci.yml": "test:\n  image: python:3.13\n  script:\n    - python manage.py test\n"}
HOOKS = """\
repos:
  - repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v6.0.0
    hooks:
      - id: check-yaml
      - id: check-toml
"""
HOME = "charts/shop"


def add(files: Files, **options: str) -> Files:
    return applied(FEATURE.plan(project(files), Options(**options)), files)


def values(files: Files, name: str = "values", **options: str) -> dict:
    found = YAML(typ="safe", pure=True).load(str(add(files, **options)[f"{HOME}/{name}.yaml"]))
    assert isinstance(found, dict)
    return found


def todos(files: Files, **options: str) -> list[str]:
    return [todo.text for todo in FEATURE.plan(project(files), Options(**options)).todos]


def memory(files: Files) -> Memory:
    return Memory({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def problems(files: Files, **options: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        FEATURE.plan(project(files), Options(**options))
    return [str(problem) for problem in refused.value.problems]


def test_it_needs_a_dockerfile() -> None:
    assert "no Dockerfile" in (FEATURE.unfit(project(SMALL)) or "")
    assert FEATURE.unfit(project(DOCKED)) is None


def test_the_facts_are_those_of_the_image() -> None:
    found = values(DOCKED)
    assert found["web"]["args"] == ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8080"]
    assert found["web"]["port"] == 8080
    assert found["web"]["writable"] == []
    assert found["settingsModule"] == "shop.settings"
    assert found["podSecurityContext"]["runAsUser"] == found["podSecurityContext"]["fsGroup"] == 1234
    assert found["migrate"]["args"][-3:] == ["manage.py", "migrate", "--noinput"]


def test_a_user_without_a_number_gets_one() -> None:
    files: Files = {**DOCKED, "Dockerfile": DOCKERFILE.replace("--uid 1234 ", "")}
    assert values(files)["podSecurityContext"]["runAsUser"] == 10001


def test_variables_are_plain_or_secret() -> None:
    found = values(DOCKED)
    assert found["secrets"]["keys"] == ["SECRET_KEY", "DB_PASSWORD"]
    assert found["config"] == {"MAIL_DOMAIN": "", "DB_NAME": "shop", "DB_USER": "django", "DB_HOST": ""}
    assert set(values(DOCKED, "values-production")["config"]) == {"MAIL_DOMAIN", "DB_HOST"}
    assert all(values(DOCKED, "ci/values")["config"].values())
    helpers = str(add(DOCKED)[f"{HOME}/templates/_helpers.tpl"])
    assert 'ALLOWED_HOSTS: {{ required "hosts is empty' in helpers


def test_without_such_a_variable_hosts_are_not_asked_for_by_settings() -> None:
    settings = str(DOCKED["shop/settings.py"]).replace(
        'os.environ.get("ALLOWED_HOSTS", "").split(",")', '["shop.example.com"]'
    )
    files: Files = {**DOCKED, "shop/settings.py": settings}
    assert "ALLOWED_HOSTS" not in str(add(files)[f"{HOME}/templates/_helpers.tpl"])


def test_no_secret_value_is_anywhere() -> None:
    """Names of variables, never what is in them."""
    for path, text in add(DOCKED).items():
        if path.startswith(HOME):
            assert "SECRET_KEY=" not in str(text) and "SECRET_KEY: " not in str(text), path


def test_workers_and_beat_come_with_celery_alone() -> None:
    without = {path for path in add(DOCKED) if path.startswith(HOME)}
    files: Files = {**DOCKED, **CELERY}
    more = {path for path in add(files) if path.startswith(HOME)} - without
    assert more == {
        f"{HOME}/templates/{name}.yaml"
        for name in ("deployment-worker", "worker-hpa", "worker-scaledobject", "deployment-beat")
    }
    found = values(files)
    assert {"worker", "beat"} <= set(found) and not {"worker", "beat"} & set(values(DOCKED))
    assert "celery -A shop.celery inspect ping" in found["worker"]["pingCommand"][-1]
    assert found["worker"]["terminationGracePeriodSeconds"] == 930
    assert values(files, "values-dev")["externalSecrets"]["entries"] == [
        "shop-dev/app",
        "shop-dev/database",
        "shop-dev/cache",
    ]


def test_a_schedule_in_a_file_is_kept_where_it_may_be() -> None:
    files: Files = {**DOCKED, **CELERY}
    beat = values(files)["beat"]
    text = str(add(files)[f"{HOME}/templates/deployment-beat.yaml"])
    assert "/tmp/celerybeat-schedule" in beat["args"] or ("workingDir: /tmp" in text and beat["env"])


def test_numbers_of_variables_are_to_be_text() -> None:
    """Helm would write 10000000 as 1e+07."""
    schema = json.loads(str(add(DOCKED)[f"{HOME}/values.schema.json"]))
    assert schema["properties"]["config"]["additionalProperties"] == {"type": "string"}


def test_a_script_that_migrates_is_named() -> None:
    start = "#!/bin/sh\nset -eu\npython manage.py migrate --noinput\nexec gunicorn shop.wsgi --bind 0.0.0.0:8080\n"
    dockerfile = DOCKERFILE.replace(
        'CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8080"]', 'CMD ["/srv/start.sh"]'
    )
    files: Files = {**DOCKED, "Dockerfile": dockerfile, "start.sh": start}
    assert [one for one in todos(files) if one.startswith("take migrate out of start.sh")]
    assert not [one for one in todos(DOCKED) if one.startswith("take migrate")]


def test_a_database_in_a_file_is_named() -> None:
    settings = (
        SETTINGS + '\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}\n'
    )
    found = todos({**DOCKED, "shop/settings.py": settings})
    assert [one for one in found if one.startswith("see to this before the first release")]
    assert not [one for one in todos(DOCKED) if one.startswith("see to this")]


@pytest.mark.parametrize(
    ("ingress", "enabled", "name"), [("alb", True, "alb"), ("nginx", True, "nginx"), ("none", False, "")]
)
def test_the_ingress_is_chosen(ingress: str, enabled: bool, name: str) -> None:
    found = values(DOCKED, ingress=ingress)["ingress"]
    assert (found["enabled"], found["className"]) == (enabled, name)
    assert any(key.startswith("alb.") for key in found["annotations"]) is (ingress == "alb")
    assert bool(found["tls"]) is (ingress == "nginx")


def test_secrets_are_chosen() -> None:
    assert values(DOCKED)["externalSecrets"]["enabled"] is True
    assert values(DOCKED, secrets="existing")["externalSecrets"]["enabled"] is False
    assert "externalSecrets" not in values(DOCKED, "values-dev", secrets="existing")
    assert values(DOCKED, "ci/values", secrets="existing")["secrets"]["existing"] == "shop-secrets"


@pytest.mark.parametrize("folder", ["deploy/charts", "./deploy/charts/"])
def test_the_folder_is_chosen(folder: str) -> None:
    after = add({**DOCKED, **GITHUB, ".dockerignore": "*.pyc\n"}, chart_dir=folder)
    assert "deploy/charts/shop/Chart.yaml" in after
    assert after[".dockerignore"] == "*.pyc\ndeploy/charts/\n"
    assert "helm lint deploy/charts/shop --strict" in str(after[".github/workflows/helm.yaml"])


@pytest.mark.parametrize("folder", ["../charts", "/charts", "", ".", "a b", "charts/../.."])
def test_a_folder_elsewhere_is_refused(folder: str) -> None:
    assert ["--chart-dir is to be a folder" in one for one in problems(DOCKED, chart_dir=folder)] == [True]


def test_what_was_chosen_is_seen_in_the_chart() -> None:
    """So that it is known again if the record is lost."""
    for chosen in (
        Options("charts", "alb", "external-secrets"),
        Options("charts", "nginx", "existing"),
        Options("deploy", "none", "external-secrets"),
    ):
        assert FEATURE.defaults(project(add(DOCKED, **chosen._asdict()))) == chosen
    assert FEATURE.defaults(project(DOCKED)) == Options()


@pytest.mark.parametrize(
    ("dockerfile", "why"),
    [
        (DOCKERFILE.replace("0.0.0.0:8080", "unix:/run/shop.sock"), "8080|port|listens|socket"),
        (DOCKERFILE.replace('"0.0.0.0:8080"', '"0.0.0.0:$PORT"'), "port"),
        (DOCKERFILE.replace('CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8080"]\n', ""), ""),
    ],
    ids=["a socket", "a variable", "no command"],
)
def test_what_serves_must_be_known(dockerfile: str, why: str) -> None:
    found = problems({**DOCKED, "Dockerfile": dockerfile})
    assert found
    assert any(word in one.lower() for one in found for word in why.split("|"))


def test_the_workflow_is_as_their_others_are() -> None:
    after = add({**DOCKED, **GITHUB})
    text = str(after[".github/workflows/helm.yaml"])
    found = YAML(typ="safe", pure=True).load(text)
    assert found["on"]["push"] == {
        "branches": ["trunk"],
        "paths": ["charts/shop/**", ".github/workflows/helm.yaml"],
    }
    assert found["permissions"] == {"contents": "read"}
    assert "actions/checkout@" in text and "@v" not in text


@pytest.mark.parametrize("more", [GITLAB, {}], ids=["GitLab", "none"])
def test_other_ci_is_a_todo(more: Files) -> None:
    files: Files = {**DOCKED, **more}
    assert not [path for path in add(files) if path.startswith(".github/")]
    [todo] = [
        todo
        for todo in FEATURE.plan(project(files), Options()).todos
        if "render the chart in CI" in todo.text
    ]
    assert "helm lint charts/shop --strict" in todo.snippet
    assert todo.path == next(iter(more), "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.pyc\n", "*.pyc\ncharts/\n"),
        ("charts\n", "charts\n"),
        ("/charts/\n", "/charts/\n"),
        ("**/charts\n", "**/charts\n"),
        ("charts/\n", "charts/\n"),
    ],
)
def test_charts_stay_out_of_the_image(before: str, after: str) -> None:
    assert add({**DOCKED, ".dockerignore": before})[".dockerignore"] == after


def test_environments_are_those_of_the_infrastructure() -> None:
    home = "infrastructure/environments"
    files: Files = {
        **DOCKED,
        f"{home}/live/env.hcl": "locals {\n  production  = true\n}\n",
        f"{home}/qa/env.hcl": "locals {\n  production  = false\n}\n",
        f"{home}/_env/rds.hcl": "",
        f"{home}/shared/ecr/terragrunt.hcl": "",
    }
    made = sorted(path for path in add(files) if path.startswith(f"{HOME}/values-"))
    assert made == [f"{HOME}/values-live.yaml", f"{HOME}/values-qa.yaml"]
    assert values(files, "values-live")["web"]["autoscaling"]["enabled"] is True
    assert values(files, "values-qa")["web"] == {"replicas": 2}
    assert values(files, "values-qa")["externalSecrets"]["entries"] == ["shop-qa/app", "shop-qa/database"]
    assert "values-qa.yaml`, `" in str(add(files)[f"{HOME}/README.md"])


@pytest.mark.parametrize("options", [{}, {"ingress": "nginx"}, {"ingress": "none", "secrets": "existing"}])
@pytest.mark.parametrize("more", [{}, CELERY], ids=["no Celery", "Celery"])
def test_files_are_tidy(more: Files, options: dict[str, str]) -> None:
    for path, text in add({**DOCKED, **GITHUB, **more}, **options).items():
        if path.startswith((HOME, ".github/workflows/helm")):
            assert str(text).endswith("\n") and not str(text).endswith("\n\n"), path
            assert "\n\n\n" not in str(text), path
            assert not [line for line in str(text).splitlines() if line != line.rstrip()], path


def test_no_dockerignore_is_made() -> None:
    assert ".dockerignore" not in add(DOCKED)


def test_a_hook_that_would_stumble_is_kept_off() -> None:
    after = str(add({**DOCKED, ".pre-commit-config.yaml": HOOKS})[".pre-commit-config.yaml"])
    assert after == HOOKS.replace(
        "      - id: check-yaml\n", "      - id: check-yaml\n        exclude: ^charts/shop/templates/\n"
    )


def test_a_hook_with_an_exception_of_its_own_is_a_todo() -> None:
    theirs = HOOKS.replace("      - id: check-yaml\n", "      - id: check-yaml\n        exclude: ^docs/\n")
    files: Files = {**DOCKED, ".pre-commit-config.yaml": theirs}
    assert add(files)[".pre-commit-config.yaml"] == theirs
    assert [todo for todo in todos(files) if "keep check-yaml off" in todo]


def test_other_hooks_are_left() -> None:
    theirs = HOOKS.replace("      - id: check-yaml\n", "")
    assert add({**DOCKED, ".pre-commit-config.yaml": theirs})[".pre-commit-config.yaml"] == theirs


def test_what_is_left_to_do_is_said() -> None:
    found = todos(DOCKED)
    assert [
        one
        for one in found
        if one.startswith("fill in image.repository, hosts, config.MAIL_DOMAIN, config.DB_HOST")
    ]
    assert [one for one in found if "SECRET_KEY, DB_PASSWORD" in one]


@pytest.mark.parametrize(
    "path", ["charts/theirs/Chart.yaml", "helm/Chart.yaml", "Chart.yaml", "deploy/x/Chart.yaml"]
)
def test_a_chart_of_theirs_counts(path: str) -> None:
    files: Files = {**DOCKED, path: "apiVersion: v2\nname: theirs\nversion: 1.0.0\n"}
    [found] = statuses(project(files), memory(files).world.manifest(), (FEATURE,), load())
    assert found.state == "installed"
    assert f"a chart in {path.rpartition('/')[0] or '.'}" in str(
        FEATURE.presence and FEATURE.presence(project(files))
    )


@pytest.mark.parametrize(
    "files",
    [
        DOCKED,
        {**DOCKED, "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\ntype: library\nversion: 1.0.0\n"},
    ],
    ids=["none", "a library"],
)
def test_no_chart_is_no_trace(files: Files) -> None:
    [found] = statuses(project(files), memory(files).world.manifest(), (FEATURE,), load())
    assert found.state == "available"


def test_a_file_of_theirs_is_not_overwritten() -> None:
    with pytest.raises(Refused, match=r"charts/shop/values\.yaml: exists already"):
        add({**DOCKED, f"{HOME}/values.yaml": "theirs: true\n"})


def test_it_comes_off_again_with_what_it_brought() -> None:
    files: Files = {
        **DOCKED,
        **CELERY,
        **GITHUB,
        ".dockerignore": "*.pyc\n",
        ".pre-commit-config.yaml": HOOKS,
    }
    there = memory(files)
    before = dict(there.files)
    there.add("helm")
    assert f"{HOME}/Chart.yaml" in there.files and "shop/health.py" in there.files
    there.remove("helm")
    assert there.files == before


def test_a_chart_that_was_tuned_stays_where_it_was() -> None:
    there = memory(DOCKED)
    there.add("helm")
    path = f"{HOME}/values-production.yaml"
    there.files[path] = there.files[path].replace(b"maxReplicas: 10", b"maxReplicas: 20")
    removed = there.remove("helm")
    assert b"maxReplicas: 20" in there.files[path]
    assert any(path in todo.text for todo in removed.todos)
