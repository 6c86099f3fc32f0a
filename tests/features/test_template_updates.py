"""template-updates: the answers that a project tells, what is written for them, and who gets nothing."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from djroadmap.errors import Refused
from djroadmap.features.template_updates import FEATURE, Options
from djroadmap.features.template_updates.answers import answers
from djroadmap.features.template_updates.context import context
from tests.projects import FIXTURES

from .small import SMALL, Files, applied, moved, project

URL = "https://github.com/mascah/cookiecutter-turbo-django"
SHA = "f8381be0bb6f7b3d0e8e971b670fb02c931e830d"
RECORDED = f"# Mine.\n_commit: {SHA}\n_src_path: {URL}\nproject_slug: shop\n"
PRODUCTION = "config/settings/production.py"
LOCAL = "config/settings/local.py"
COOKIECUTTER = "https://github.com/cookiecutter/cookiecutter-django"
LINKED = f'{{"template": "{COOKIECUTTER}", "commit": "{SHA}", "checkout": null}}\n'
GITHUB = {".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: []\n"}


def layout(name: str = "turbo") -> Files:
    """The files of a layout."""
    root = FIXTURES / name
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def changed(old: str, new: str, path: str, files: Files | None = None) -> Files:
    """The layout with another text in a file."""
    found = files or layout()
    data = found[path]
    text = data.decode() if isinstance(data, bytes) else data
    assert old in text
    return {**found, path: text.replace(old, new)}


def add(files: Files) -> Files:
    return applied(FEATURE.plan(project(files), Options()), files)


def found(files: Files) -> dict[str, Any]:
    """The answers that are written, as YAML reads them."""
    return dict(YAML(typ="safe").load(str(add(files)[".copier-answers.yml"])))


def todos(files: Files) -> str:
    return "\n".join(f"{one.text}\n{one.snippet}" for one in FEATURE.plan(project(files), Options()).todos)


def test_the_answers_are_those_of_the_project() -> None:
    assert found(layout()) == {
        "_src_path": URL,
        "project_name": "Bakery",
        "project_slug": "bakery",
        "description": "Bread, ordered today and baked tomorrow.",
        "author_name": "Ada Baker",
        "domain_name": "bakery.example.com",
        "email": "ada@example.com",
        "version": "0.1.0",
        "open_source_license": "MIT",
        "username_type": "username",
        "timezone": "UTC",
        "mail_service": "Mailgun",
        "use_drf": True,
        "use_async": False,
        "use_celery": True,
        "use_mailpit": True,
        "use_sentry": True,
        "use_whitenoise": True,
        "use_heroku": False,
        "keep_local_envs_in_vcs": True,
        "debug": False,
    }


def test_the_answers_of_a_smaller_project() -> None:
    small = found(layout("turbo_minimal"))
    off = {"use_drf", "use_celery", "use_sentry", "use_whitenoise", "use_heroku", "debug"}
    assert {name for name, value in small.items() if value is False} == off
    assert (small["username_type"], small["use_async"], small["project_name"]) == ("email", True, "Tidepool")


@pytest.mark.parametrize(
    ("backend", "answer"),
    [
        ("anymail.backends.amazon_ses", "Amazon SES"),
        ("anymail.backends.sendgrid", "Sendgrid"),
        ("django.core.mail.backends.smtp", "Other SMTP"),
    ],
)
def test_the_mail_service_is_the_backend(backend: str, answer: str) -> None:
    assert found(changed("anymail.backends.mailgun", backend, PRODUCTION))["mail_service"] == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Copyright\n\nPermission is hereby granted, free of\ncharge, to any person", "MIT"),
        ("Redistribution and use in source and binary\nforms, with or without", "BSD"),
        ("Apache License\nVersion 2.0", "Apache Software License 2.0"),
        (None, "Not open source"),
    ],
)
def test_the_license_is_read_where_the_metadata_do_not_say(text: str | None, answer: str) -> None:
    files = changed('license = { text = "MIT" }\n', "", "pyproject.toml")
    files |= {"LICENSE": text} if text else {}
    if text is None:
        del files["LICENSE"]
    assert found(files)["open_source_license"] == answer


@pytest.mark.parametrize(
    "text", ["It's: a #1", "yes", "null", "0.10", "- no", "ünï", "[x]", "ends with :", "a: b", "@home", "~"]
)
def test_what_is_written_reads_as_the_same_text(text: str) -> None:
    files = changed("Bread, ordered today and baked tomorrow.", text, "pyproject.toml")
    assert found(files)["description"] == text


def test_what_the_files_do_not_tell_is_named_and_not_guessed() -> None:
    files = changed("anymail.backends.mailgun", "our.own", PRODUCTION)
    files = changed('default=["bakery.example.com"]', "default=[]", PRODUCTION, files)
    files = changed("[project]", "[tool.nothing]", "pyproject.toml", files)
    unknown = ("description", "author_name", "domain_name", "email", "version", "mail_service")
    assert answers(project(files)).unknown == unknown
    assert not set(unknown) & found(files).keys()
    assert f"the template's defaults count: {', '.join(unknown)}" in todos(files)
    assert "defaults count" not in todos(layout())


def test_the_script_is_python_and_is_run_by_hand_first_and_by_a_workflow_then() -> None:
    files = add(layout())
    script = str(files["bin/template-update"])
    ast.parse(script, feature_version=(3, 9))
    assert '"uvx --with jinja2-time==0.2.0 copier==9.19.1"' in script
    assert "run: bin/template-update --notes" in str(files[".github/workflows/template-update.yml"])
    assert "bin/template-update --find-base" in todos(layout())
    edits = {edit.path: edit for edit in FEATURE.plan(project(layout()), Options()).edits}
    assert edits["bin/template-update"].executable  # type: ignore[attr-defined]


def test_answers_that_are_there_stay_as_they_are() -> None:
    files = {**SMALL, **GITHUB, ".copier-answers.yml": RECORDED.replace(URL, "gh:someone/shop")}
    written = add(files)
    assert written[".copier-answers.yml"] == files[".copier-answers.yml"]
    # Other templates need other extensions, if any.
    assert '"uvx copier==9.19.1"' in str(written["bin/template-update"])
    assert "--find-base" not in todos(files)


def test_everything_is_where_the_answers_are() -> None:
    below = {**moved("backend"), **GITHUB, ".copier-answers.yml": RECORDED}
    assert "bin/template-update" in add(below)
    inside = {**moved("backend"), **GITHUB, "backend/.copier-answers.yaml": RECORDED}
    written = add(inside)
    assert 'ROOT / ".copier-answers.yaml"' in str(written["backend/bin/template-update"])
    assert "run: backend/bin/template-update" in str(written[".github/workflows/template-update.yml"])


def test_what_was_added_is_planned_again_and_changes_nothing() -> None:
    files = add(layout())
    files[".copier-answers.yml"] = f"_commit: {SHA}\n{files['.copier-answers.yml']}"
    assert add(files) == files
    assert "--find-base" not in todos(files)


def test_no_workflow_without_github() -> None:
    files = {
        **SMALL,
        ".copier-answers.yml": RECORDED,
        ".gitlab-ci.yml": "test:\n  script: python manage.py test\n",
    }
    assert not any(path.startswith(".github") for path in add(files))
    assert "every week in CI or by hand" in todos(files)
    assert "TEMPLATE_UPDATE_TOKEN" not in todos(files)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (SMALL, "not known to come from a template"),
        (layout("poetry"), "not known to come from a template"),
    ],
)
def test_others_are_told_why_not(files: Files, why: str) -> None:
    assert why in (FEATURE.supports(project(files)) or "")


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        (layout(), "copier"),
        ({**SMALL, ".copier-answers.yml": RECORDED}, "copier"),
        (layout("cookiecutter"), "cruft"),
        (layout("cookiecutter_gitlab"), "cruft"),
        ({**SMALL, ".cruft.json": LINKED}, "cruft"),
        # A record of the other tool counts more than the template.
        ({**layout("cookiecutter"), ".copier-answers.yml": RECORDED}, "copier"),
    ],
)
def test_the_tool_is_that_of_the_project_and_no_other(files: Files, tool: str) -> None:
    assert FEATURE.defaults(project(files)).tool == tool
    other = {"copier": "cruft", "cruft": "copier"}[tool]
    with pytest.raises(Refused, match=f"is a template for {tool.capitalize()}"):
        FEATURE.plan(project(files), Options(tool=other))


def test_the_context_is_that_of_the_project() -> None:
    assert context(project(layout("cookiecutter"))) == (
        {
            "project_name": "Lending Desk",
            "project_slug": "lending_desk",
            "description": "Ladders, drills and tents to borrow.",
            "author_name": "Lena Clerk",
            "domain_name": "lending-desk.example.com",
            "email": "lena@example.com",
            "version": "0.1.0",
            "open_source_license": "MIT",
            "username_type": "username",
            "timezone": "UTC",
            "windows": "n",
            "editor": "None",
            "use_docker": "y",
            "postgresql_version": "18",
            "cloud_provider": "None",
            "mail_service": "Mailgun",
            "rest_api": "DRF",
            "use_async": "n",
            "frontend_pipeline": "None",
            "use_celery": "y",
            "mail_catcher": "None",
            "use_sentry": "n",
            "use_whitenoise": "n",
            "use_heroku": "n",
            "ci_tool": "Github",
            "keep_local_envs_in_vcs": "y",
            "debug": "n",
        },
        (),
    )


def test_the_context_of_a_project_without_docker_and_with_gitlab() -> None:
    small = context(project(layout("cookiecutter_gitlab"))).found
    assert (small["use_docker"], small["ci_tool"], small["postgresql_version"]) == ("n", "Gitlab", "18")
    assert (small["rest_api"], small["use_celery"], small["cloud_provider"]) == ("None", "n", "None")


@pytest.mark.parametrize(
    ("files", "name", "answer"),
    [
        ({"config/api_router.py": None, "config/api.py": ""}, "rest_api", "Django Ninja"),
        ({"config/api_router.py": None}, "rest_api", "None"),
        ({"docs/pycharm/configuration.rst": ""}, "editor", "PyCharm"),
        ({".devcontainer/devcontainer.json": '{"customizations": {"vscode": {}}}'}, "editor", "VS Code"),
        ({".devcontainer/devcontainer.json": "{}"}, "editor", "None"),
        ({"webpack/common.config.js": "", "package.json": "{}"}, "frontend_pipeline", "Webpack"),
        ({"gulpfile.mjs": ""}, "frontend_pipeline", "Gulp"),
        ({PRODUCTION: "AWS_STORAGE_BUCKET_NAME = 1\n"}, "cloud_provider", "AWS"),
        ({PRODUCTION: "GS_BUCKET_NAME = 1\n"}, "cloud_provider", "GCP"),
        (
            {PRODUCTION: 'EMAIL_BACKEND = "anymail.backends.sendinblue.EmailBackend"\n'},
            "mail_service",
            "Brevo",
        ),
        ({LOCAL: "EMAIL_PORT = 1025\n"}, "mail_catcher", "Mailpit"),
        ({LOCAL: "EMAIL_PORT = 3535\n"}, "mail_catcher", "Mailtrap Local"),
        ({"Procfile": ""}, "use_heroku", "y"),
        ({"config/asgi.py": ""}, "use_async", "y"),
        (
            {"compose/production/postgres/Dockerfile": "FROM docker.io/postgres:15.3\n"},
            "postgresql_version",
            "15.3",
        ),
        ({".gitignore": ".env\n.envs/*\n"}, "keep_local_envs_in_vcs", "n"),
        ({".gitignore": ".env\n.envs/*\n!.envs/.local/\n"}, "keep_local_envs_in_vcs", "y"),
        ({".github/workflows/ci.yml": None, ".travis.yml": ""}, "ci_tool", "Travis"),
        ({"lending_desk/users/managers.py": ""}, "username_type", "email"),
    ],
)
def test_each_answer_is_read_where_the_template_puts_it(files: Files, name: str, answer: str) -> None:
    whole = {path: data for path, data in {**layout("cookiecutter"), **files}.items() if data is not None}
    assert context(project(whole)).found[name] == answer


@pytest.mark.parametrize(
    "admins", ['[("""Old Hand""", "old@example.com")]', "['\"Old Hand\" <old@example.com>']"]
)
def test_the_author_is_read_from_the_settings_of_former_times(admins: str) -> None:
    files = changed("[project]", "[tool.nothing]", "pyproject.toml", layout("cookiecutter"))
    files = changed("['\"Lena Clerk\" <lena@example.com>']", admins, "config/settings/base.py", files)
    told = context(project(files)).found
    assert (told["author_name"], told["email"]) == ("Old Hand", "old@example.com")
    assert told["description"] == "Ladders, drills and tents to borrow."


def test_what_is_written_for_cruft() -> None:
    files = layout("cookiecutter")
    plan = FEATURE.plan(project(files), Options(tool="cruft"))
    written = applied(plan, files)
    record = json.loads(str(written[".cruft.json"]))
    assert (record["template"], record["commit"], record["checkout"]) == (COOKIECUTTER, None, None)
    assert {"config/settings/local.py", ".envs", "uv.lock"} < set(record["skip"])
    script = str(written["bin/template-update"])
    ast.parse(script, feature_version=(3, 11))
    assert '# dependencies = ["cruft==2.16.0"]' in script
    assert '(("rest_api", "DRF"), ("use_drf", "y")),' in script
    assert "run: bin/template-update --notes" in str(written[".github/workflows/template-update.yml"])
    assert any("--find-base" in todo.snippet for todo in plan.todos)
    assert applied(FEATURE.plan(project(written), Options(tool="cruft")), written) == written


def test_a_record_of_cruft_stays_as_it_is() -> None:
    files = {**layout("cookiecutter"), ".cruft.json": LINKED}
    plan = FEATURE.plan(project(files), Options(tool="cruft"))
    assert applied(plan, files)[".cruft.json"] == LINKED
    assert not any("--find-base" in todo.snippet for todo in plan.todos)
    assert any('"skip": [".env"' in todo.snippet for todo in plan.todos)
    skipping = {**files, ".cruft.json": LINKED.replace("{", '{"skip": [".env"], ', 1)}
    assert not any(
        '"skip"' in todo.snippet for todo in FEATURE.plan(project(skipping), Options("cruft")).todos
    )
    # Other templates have called nothing otherwise that is known here.
    other = {**SMALL, ".cruft.json": LINKED.replace("cookiecutter-django", "their-own")}
    script = str(applied(FEATURE.plan(project(other), Options(tool="cruft")), other)["bin/template-update"])
    assert "use_drf" not in script


def test_gitlab_has_a_line_to_run() -> None:
    plan = FEATURE.plan(project(layout("cookiecutter_gitlab")), Options(tool="cruft"))
    assert not any(edit.path.startswith(".github") for edit in plan.edits)
    assert any("every week" in todo.text and todo.path == ".gitlab-ci.yml" for todo in plan.todos)


def test_what_is_there_already() -> None:
    assert FEATURE.presence is not None

    def state(files: Files) -> tuple[bool, bool]:
        presence = FEATURE.presence(project(files)) if FEATURE.presence else None
        assert presence is not None
        return bool(presence.found), bool(presence.missing)

    recorded = {**SMALL, **GITHUB, ".copier-answers.yml": RECORDED}
    assert state(layout()) == (False, False)
    assert state({**recorded, ".copier-answers.yml": RECORDED.replace("_commit", "other")}) == (False, False)
    assert state(recorded) == (True, True)
    run = "on: push\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n      - run: copier update --defaults\n"
    assert state({**recorded, ".github/workflows/x.yml": run}) == (True, False)
    assert FEATURE.presence(project(add(recorded))) is None
    linked = {**SMALL, **GITHUB, ".cruft.json": LINKED}
    assert state(linked) == (True, True)
    assert state({**linked, ".cruft.json": LINKED.replace(f'"{SHA}"', "null")}) == (False, False)
    assert state({**linked, ".github/workflows/x.yml": run.replace("copier", "cruft")}) == (True, False)
    assert state({**linked, ".github/workflows/x.yml": run}) == (True, True)
