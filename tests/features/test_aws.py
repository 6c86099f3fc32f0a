"""aws: what each target brings along, what deploys it, what is refused, and what the manifest remembers."""

from __future__ import annotations

import re
from functools import cache

import pytest
from ruamel.yaml import YAML

from djroadmap.catalog import load
from djroadmap.errors import Refused
from djroadmap.features.aws import FEATURE, Options
from djroadmap.features.aws.planned import planned
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.workflow.add import prepare_add
from djroadmap.workflow.status import statuses
from djroadmap.workflow.world import Request
from tests.memory import Memory
from tests.projects import FIXTURES

from .small import Files, project
from .test_terraform import GITHUB, GITLAB, SHOP

WORKFLOWS = ".github/workflows"
SCRIPTS = "infrastructure/scripts"
ENVIRONMENTS = "infrastructure/environments"
PAGE = "docs/deployment-aws.md"
ECS = ("terraform", "health-checks", "ecs")
EKS = ("terraform", "health-checks", "helm", "eks")


@cache
def files(layout: str) -> dict[str, bytes]:
    return Memory.of(FIXTURES / layout).files


def turbo(layout: str = "turbo", **changes: bytes) -> Memory:
    return Memory({**files(layout), **changes})


@cache
def deployed(typed: str, layout: str = "turbo") -> dict[str, bytes]:
    one = turbo(layout)
    one.add(typed)
    return one.files


def text(typed: str, path: str, layout: str = "turbo") -> str:
    return deployed(typed, layout)[path].decode()


def shop(**more: str | bytes) -> Memory:
    every = {**SHOP, **more}
    return Memory({path: text.encode() if isinstance(text, str) else text for path, text in every.items()})


def state(memory: Memory, name: str = "aws") -> tuple[str, str, tuple[str, ...]]:
    world = memory.world
    [found] = statuses(world.project(), world.manifest(), (memory.catalog.get(name),), memory.catalog)
    return found.state, found.reason, found.requires


# --- when it fits


def test_it_needs_a_dockerfile_and_github() -> None:
    without: Files = {path: text for path, text in SHOP.items() if path != "Dockerfile"}
    assert (FEATURE.unfit(project(without)) or "").startswith("it has no Dockerfile")
    assert FEATURE.unfit(project(SHOP)) is None
    assert FEATURE.unfit(project({**SHOP, **GITHUB})) is None
    assert FEATURE.unfit(project({**SHOP, **GITHUB, **GITLAB})) is None
    reason = FEATURE.unfit(project({**SHOP, **GITLAB})) or ""
    assert "GitHub Actions" in reason
    assert ".gitlab-ci.yml" in reason


def test_a_project_with_gitlab_gets_nothing_along() -> None:
    prepared = shop(**GITLAB).plan("aws")
    assert any("GitHub Actions" in problem.why for problem in prepared.problems)


# --- what comes along


@pytest.mark.parametrize(
    ("typed", "along", "name"),
    [("aws", ECS, "ecs"), ("aws --target ecs", ECS, "ecs"), ("aws --target eks", EKS, "eks")],
)
def test_the_target_comes_along_and_goes_with_it(typed: str, along: tuple[str, ...], name: str) -> None:
    one = turbo()
    prepared = one.add(typed)
    assert prepared.along == along
    assert f"{WORKFLOWS}/deploy-{name}.yml" in one.files
    assert dict(one.world.manifest().features["aws"].options) == {"target": name}
    assert state(one) == ("installed", "", ("terraform", "health-checks", name))
    assert not one.plan(typed).changes
    assert one.remove("aws").along
    assert one.files == files("turbo")


def test_what_is_needed_stays_until_it_goes() -> None:
    one = turbo()
    one.add("aws --target eks")
    for needed in EKS:
        assert [problem.why for problem in one.refused(needed)] == [f"{needed} is needed by aws"]


def test_the_other_target_is_refused_and_comes_after_a_removal() -> None:
    one = turbo()
    one.add("aws --target ecs")
    prepared = one.plan("aws --target eks")
    (problem,) = prepared.problems
    assert problem.why == "aws is installed with other options (target = ecs); remove it first"
    assert not prepared.along
    one.add("terraform")
    one.remove("aws")
    assert "infrastructure/root.hcl" in one.files
    assert "infrastructure/modules/ecs/main.tf" not in one.files
    one.add("aws --target eks")
    assert f"{SCRIPTS}/deploy-eks.sh" in one.files
    assert f"{SCRIPTS}/deploy-ecs.sh" not in one.files


def test_a_target_that_is_there_is_the_default() -> None:
    one = turbo()
    one.add("eks")
    assert one.add("aws").along == ()
    assert f"{SCRIPTS}/deploy-eks.sh" in one.files
    del one.files[MANIFEST]
    assert state(one)[0] == "installed"
    assert not one.plan("aws").changes


def test_without_a_trace_of_it_nothing_is_planned_for_status() -> None:
    def never(*_: object) -> None:
        raise AssertionError

    one = turbo()
    [found] = statuses(one.world.project(), one.world.manifest(), (FEATURE._replace(plan=never),), load())
    assert (found.state, found.requires) == ("available", ("terraform", "health-checks", "ecs"))


# --- what is deployed


@pytest.mark.parametrize(
    ("layout", "services"),
    [
        ("turbo", ["worker", "web", "beat"]),
        ("turbo_minimal", ["web"]),
        ("cookiecutter", ["worker", "web", "beat"]),
    ],
)
def test_pieces_are_there_as_the_project_has_them(layout: str, services: list[str]) -> None:
    script = text("aws", f"{SCRIPTS}/deploy-ecs.sh", layout)
    assert ("Workers come first" in script) == ("worker" in services)
    eks = text("aws --target eks", f"{SCRIPTS}/deploy-eks.sh", layout)
    listed = re.search(r"(?m)^deployments=\((.*)\)$", eks)
    assert listed
    assert [name.rpartition("-")[2] for name in listed[1].split()] == services
    assert ("worker" in text("aws", PAGE, layout)) == ("worker" in services)


def test_environments_are_those_of_the_infrastructure_in_their_order() -> None:
    one = turbo()
    defaults = one.catalog.get("terraform").defaults(one.world.project())
    wanted = defaults._replace(environments=("test", "acceptance", "live"), region="eu-central-1")
    prepare_add(one.world, (Request(feature="terraform", options=wanted),)).commit(one.world)
    one.add("aws")
    document = YAML(typ="safe", pure=True).load(one.files[f"{WORKFLOWS}/deploy-ecs.yml"].decode())
    assert list(document["jobs"]) == ["image", "test", "acceptance", "live"]
    # YAML 1.1 would take `on` for true.
    assert document["on"]["workflow_dispatch"]["inputs"]["environment"]["options"] == [
        "test",
        "acceptance",
        "live",
    ]
    assert f"{ENVIRONMENTS}/acceptance/deploy-role/terragrunt.hcl" in one.files
    assert 'local.env.environment == "test"' in one.files[f"{ENVIRONMENTS}/_env/deploy-role.hcl"].decode()
    assert "`eu-central-1`" in one.files[PAGE].decode()


def test_the_image_is_built_as_the_project_builds_it() -> None:
    for layout, dockerfile in (
        ("turbo", "docker/production/django/Dockerfile"),
        ("cookiecutter", "compose/production/django/Dockerfile"),
    ):
        workflow = text("aws", f"{WORKFLOWS}/deploy-ecs.yml", layout)
        assert (
            f"          context: .\n          file: {dockerfile}\n          platforms: linux/amd64\n"
            in workflow
        )
        assert "    runs-on: ubuntu-24.04\n" in workflow


def test_what_git_ignores_and_the_image_needs_is_named() -> None:
    one = turbo()
    assert not [todo for todo in one.plan("aws").todos if "git ignores" in todo.text]
    path = "docker/production/django/Dockerfile"
    one.files[path] = one.files[path].replace(
        b"COPY ./package.json ", b"COPY ./package.json ./pnpm-lock.yaml ", 1
    )
    one.files[".gitignore"] += b"\npnpm-lock.yaml\n"
    (todo,) = [todo for todo in one.plan("aws").todos if "git ignores" in todo.text]
    assert path in todo.text
    assert todo.snippet == "git add --force pnpm-lock.yaml"


def test_an_image_for_arm_is_built_on_arm() -> None:
    one = turbo()
    one.add("ecs --arch arm64")
    one.add("aws")
    workflow = one.files[f"{WORKFLOWS}/deploy-ecs.yml"].decode()
    assert "          platforms: linux/arm64\n" in workflow
    assert workflow.count("runs-on: ubuntu-24.04-arm\n") == 1


def test_nodes_with_other_processors_are_refused() -> None:
    one = turbo()
    one.add("eks")
    path = f"{ENVIRONMENTS}/dev/eks/terragrunt.hcl"
    one.files[path] = re.sub(rb'node_type( *)= "[^"]+"', rb'node_type\1= "t4g.large"', one.files[path])
    prepared = one.plan("aws")
    assert [(problem.path, "other processors" in problem.why) for problem in prepared.problems] == [
        (path, True)
    ]


@pytest.mark.parametrize("branches", [("main",), ("main", "release")])
def test_branches_are_those_that_are_tested(branches: tuple[str, ...]) -> None:
    workflow = f"on:\n  push:\n    branches: [{', '.join(branches)}]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python manage.py test\n"
    one = shop(**{".github/workflows/ci.yaml": workflow})
    one.add("aws")
    made = one.files[f"{WORKFLOWS}/deploy-ecs.yaml"].decode()
    assert f"    branches: [{', '.join(branches)}]\n" in made


def test_the_chart_is_deployed_where_there_are_no_manifests() -> None:
    one = turbo()
    one.add("eks --manifests none")
    one.add("aws")
    script = one.files[f"{SCRIPTS}/deploy-eks.sh"].decode()
    assert "helm upgrade --install bakery charts/bakery" in script
    assert "--rollback-on-failure" in script
    assert "kustomize" not in script
    workflow = one.files[f"{WORKFLOWS}/deploy-eks.yml"].decode()
    assert workflow.count("azure/setup-helm@") == 3
    assert "azure/setup-helm" not in text("aws --target eks", f"{WORKFLOWS}/deploy-eks.yml")


# --- what is refused


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("infrastructure/root.hcl", "no region"),
        (f"{ENVIRONMENTS}/shared/github-oidc/terragrunt.hcl", "no provider of identities"),
    ],
)
def test_infrastructure_that_lacks_something_is_refused(path: str, says: str) -> None:
    one = turbo()
    one.add("ecs")
    del one.files[path]
    with pytest.raises(Refused) as refused:
        planned(one.world.project(), "ecs")
    [problem] = refused.value.problems
    assert (problem.path, says in problem.why) == (path, True)


def test_infrastructure_of_ones_own_is_not_deployed_to() -> None:
    one = shop(**{"deploy/main.tf": "# mine\n"})
    prepared = one.plan("aws")
    assert prepared.problems
    assert not [change for change in prepared.changes if change.path.startswith(WORKFLOWS)]


def test_a_workflow_of_ones_own_is_not_overwritten() -> None:
    path = f"{WORKFLOWS}/deploy-ecs.yml"
    one = turbo(**{path: b"on: push\n"})
    assert [problem.path for problem in one.plan("aws").problems] == [path]
    assert state(one)[0] == "available"


# --- what is written


@pytest.mark.parametrize("typed", ["aws --target ecs", "aws --target eks"])
@pytest.mark.parametrize("layout", ["turbo", "turbo_minimal", "cookiecutter"])
def test_files_are_as_somebody_careful_writes_them(typed: str, layout: str) -> None:
    new = {path: data.decode() for path, data in deployed(typed, layout).items() if path not in files(layout)}
    ours = {path: text for path, text in new.items() if "deploy-" in path or path == PAGE}
    assert len(ours) == 11
    for path, text_ in ours.items():
        assert text_.endswith("\n"), path
        assert not text_.endswith("\n\n"), path
        assert "\n\n\n" not in text_, path
        assert not re.search(r"(?m)[ \t]+$", text_), path
        assert not re.search(r"\[[=%#]|[=%#]\]", text_), path
        assert "djroadmap" not in text_, path
        # What is made up has no account but zeros.
        assert set(re.findall(r"\b\d{12}\b", text_)) <= {"000000000000"}, path
        assert "AKIA" not in text_, path


def test_the_script_can_be_run() -> None:
    (change,) = [one for one in turbo().plan("aws").changes if one.path.endswith("deploy-ecs.sh")]
    assert change.mode is not None
    assert change.mode & 0o111


def test_options_are_what_is_said_of_them() -> None:
    assert Options() == Options(target="ecs")
    assert set(FEATURE.requires_for["target"]) == {"ecs", "eks"}
