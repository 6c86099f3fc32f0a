"""The facts of a project that features plan with. `detect` finds them; nothing here reads a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .edit import RelPath
    from .ports import Tree

Layout = Literal["turbo", "cookiecutter", "startproject", "other"]
Style = Literal["requirements", "pip-tools", "pep621", "poetry", "poetry-legacy", "pipenv", "none"]
Manager = Literal["uv", "poetry", "pdm", "pipenv", "pip-tools", "pip", "hatch"]
Environment = Literal["base", "local", "test", "production", "other"]


class Template(NamedTuple):
    """Where the project was generated from, as far as its files tell."""

    name: str
    url: str
    tool: Literal["copier", "cookiecutter", "cruft"] | None = None
    commit: str = ""


class SettingsModule(NamedTuple):
    """One module of the settings graph."""

    module: str
    """Dotted path: `config.settings.base`."""
    path: RelPath
    environment: Environment
    imports: tuple[str, ...] = ()
    """Project-local settings modules whose names it takes over (star imports, `include`)."""
    names: frozenset[str] = frozenset()
    """Upper-case names bound in this very module."""
    editable: bool = True
    """False for local overrides, examples and git-ignored files: never edited."""


class Settings(NamedTuple):
    """The settings graph, from the entry that manage.py names to every module it reaches."""

    entry: str
    """The module that manage.py names: `config.settings.local`."""
    modules: tuple[SettingsModule, ...]
    other_entries: tuple[str, ...] = ()
    """Modules that wsgi, asgi, pytest, Docker name and manage.py does not."""
    problems: tuple[str, ...] = ()
    """`path:line: why` for what could not be followed."""
    constants: Mapping[str, Any] = MappingProxyType({})
    """Settings that are a plain string, number or bool, or have one as default; the base module's value first."""

    configuration: str = ""
    """Class of django-configurations that manage.py names."""

    def environment(self, name: Environment) -> SettingsModule | None:
        """The module of an environment, or None; for `base`, a project's only module counts."""
        for module in self.modules:
            if module.environment == name:
                return module
        return None

    @property
    def base(self) -> SettingsModule:
        """The module that everything else builds on (a project's only module is it)."""
        return self.environment("base") or self.modules[-1]

    def owner(self, name: str) -> SettingsModule | None:
        """The editable module that binds `name` first: the deepest in the import order (base before local)."""
        for module in reversed(self.modules):
            if name in module.names and module.editable:
                return module
        return None


class App(NamedTuple):
    """One entry of INSTALLED_APPS that lives in this project."""

    name: str
    """Dotted module of the app: `acme_shop.users` (AppConfig paths are cut back to the app)."""
    label: str
    path: RelPath
    """The app's folder."""


class Apps(NamedTuple):
    """INSTALLED_APPS over the whole graph, conditional additions included, by origin."""

    django: tuple[str, ...] = ()
    third_party: tuple[str, ...] = ()
    local: tuple[App, ...] = ()
    where: Mapping[str, RelPath] = MappingProxyType({})
    """Entry as written to the settings file that names it."""
    complete: bool = True
    """False if there may be more: part of the list comes from the environment, a call or other people's code."""

    def has(self, dotted: str) -> bool:
        """Is this app installed, by name or by AppConfig path?"""
        entries = (*self.django, *self.third_party, *(app.name for app in self.local))
        return any(entry == dotted or entry.startswith(f"{dotted}.apps.") for entry in entries)


class Urlconf(NamedTuple):
    """The root URL configuration."""

    module: str
    path: RelPath


class RequirementsFile(NamedTuple):
    """One requirements file and what it stands for."""

    path: RelPath
    environment: Environment
    includes: tuple[RelPath, ...] = ()
    compiled: bool = False
    hashed: bool = False


class Dependencies(NamedTuple):
    """Where this project writes down what it depends on, and in what style."""

    style: Style
    manager: Manager
    files: tuple[RequirementsFile, ...] = ()
    """requirements and `.in` files, the base one first."""
    pyproject: RelPath | None = None
    lock: RelPath | None = None
    dev_group: str | None = None
    """PEP 735 or Poetry group (or extra) that holds development tools."""
    dev_table: str = ""
    """Dotted TOML table of the development dependencies: `dependency-groups.dev`, `tool.poetry.dev-dependencies`."""
    folder: RelPath = ""
    """Where it is written down, so where its manager is to be run."""
    names: Mapping[str, str] = MappingProxyType({})
    """Normalised distribution name to its specifier as written (`==5.2`, ``), over all files."""

    def has(self, name: str) -> bool:
        """Is this distribution named anywhere?"""
        return name.lower().replace("_", "-").replace(".", "-") in self.names


class CIJob(NamedTuple):
    """The job of a CI file that runs the project's Python tests."""

    name: str
    runs: str
    """The command that runs the tests, verbatim."""
    prefix: tuple[str, ...] = ()
    """What stands before a command there, as written: `docker compose run --rm django`, `uv run`, or nothing."""
    anchor: str = ""
    """Text of the step (or script line) beside which new ones go."""
    step: int | None = None
    """Index of the step (GitHub) or script line (GitLab) that runs the tests."""
    cwd: RelPath | None = ""
    """The folder in which its commands run; outside of the container, if they run in one. None above the repository."""
    home: RelPath | None = ""
    """The folder in which a step runs that names none."""
    checkout: RelPath = ""
    """The folder of the runner that holds the repository."""
    contained: bool = False
    """Does the command run in a container?"""
    inside: RelPath | None = None
    """The folder of the repository in which commands run inside the container, as far as that is known."""
    bin: RelPath = ""
    """The programs of a virtual environment that is named with each command (`.venv/bin`), or sourced."""
    known: bool = True
    """Would another of the project's tools run with this prefix? False behind tox, say."""
    fits: bool = True
    """Can such a command be put beside the tests, besides?"""
    after: bool = False
    """The anchor installs the tools by itself, so what needs them comes after it."""
    condition: str = ""
    """The `if:` of the step that runs the tests."""
    shell: str = ""
    """The `shell:` of that step."""
    variables: bool = False
    """That step sets environment variables of its own, in the script or beside it."""
    beside: str = ""
    """Text of the very step that runs the tests, for what needs all that they need; nothing if none tells it apart."""
    folder_first: bool = False
    """That step has `working-directory:` before `run:`."""
    named: bool = True
    """Steps that run something have names in this job."""
    installs: tuple[str, ...] = ()
    """The commands that install Python packages before the tests, as written."""
    runner: Literal["pytest", "django", ""] = ""
    """What runs the tests, as far as that is seen."""
    labels: tuple[RelPath, ...] = ()
    """The folders whose tests are run; none for all."""


class CI(NamedTuple):
    """One CI system and the file that configures it."""

    kind: Literal[
        "github",
        "gitlab",
        "circleci",
        "travis",
        "azure",
        "bitbucket",
        "jenkins",
        "drone",
        "woodpecker",
        "buildkite",
    ]
    path: RelPath
    test_job: CIJob | None = None
    """For GitHub and GitLab the job, for the others the command that runs the tests, as far as it is found."""
    linter_job: str | None = None
    uses: Mapping[str, str] = MappingProxyType({})
    """GitHub: the version of each action that the project uses most, with its comment: `v4`, `3d3c... # v7.0.1`."""
    python: str = ""
    """GitHub: how the project's workflows choose a Python: `python-version: "3.13"`."""
    branches: tuple[str, ...] = ()
    """GitHub: the branches whose pushes are tested."""


class Compose(NamedTuple):
    """A compose file for development and the service that runs Django."""

    path: RelPath
    service: str
    services: tuple[str, ...] = ()
    inside: RelPath | None = None
    """The folder of the repository in which its commands run; None if it cannot be told."""

    @property
    def is_default(self) -> bool:
        """Would `docker compose` find it without `-f`?"""
        return self.path in {"compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml"}


class Docker(NamedTuple):
    """Docker files of the project."""

    dockerfiles: tuple[RelPath, ...] = ()
    compose: Compose | None = None
    compose_files: tuple[RelPath, ...] = ()


class Celery(NamedTuple):
    """The project's Celery application."""

    module: str
    path: RelPath
    name: str
    """The variable that holds it: `app`."""


class EventBus(NamedTuple):
    """The domain event bus; `modified` if `publish` no longer has the known shape."""

    package: str
    path: RelPath
    modified: bool = False
    base: RelPath | None = None
    """The module beside it that defines `DomainEvent`, the base of all events."""


class TaskRunner(NamedTuple):
    """A justfile or Makefile and the recipes it has."""

    kind: Literal["just", "make"]
    path: RelPath
    recipes: tuple[str, ...] = ()
    """Those of this very file."""
    imported: Mapping[RelPath, tuple[str, ...]] = MappingProxyType({})
    """Those of each file that a justfile imports."""


class Hooks(NamedTuple):
    """The git hook manager."""

    kind: Literal["pre-commit", "lefthook"]
    path: RelPath


class PythonStyle(NamedTuple):
    """How new Python files are to look."""

    tool: Literal["ruff", "black", "none"] = "none"
    line_length: int = 88
    quotes: Literal["single", "double"] = "double"
    force_single_line: bool = False
    target: str = ""
    """`py313`, or nothing if the project does not say."""
    mypy: bool = False
    djlint: RelPath | None = None
    """The file with djLint's settings, if there is one."""
    ruff_config: RelPath | None = None
    """The file with ruff's settings, if there is one."""


class Tests(NamedTuple):
    """How the project tests itself."""

    runner: Literal["pytest", "django"]
    folders: tuple[RelPath, ...] = ()
    conftests: tuple[RelPath, ...] = ()
    user_fixture: RelPath | None = None
    """The conftest.py that defines a `user` fixture."""
    settings: str | None = None
    """Settings module the tests run with."""
    roots: tuple[RelPath, ...] = ()
    """The folders that the runner looks into, as its configuration or CI names them; none for all."""
    patterns: tuple[str, ...] = ()
    """Names of the files that pytest takes for tests, if it is told; none for its own `test_*.py`."""
    factories: bool = False


class Project(NamedTuple):
    """Everything known of a project. Paths are relative to `root`, with forward slashes."""

    tree: Tree
    root: str
    name: str
    """The project's package: `acme_shop`."""
    package: RelPath
    """Folder of that package ("" if there is none of that name)."""
    layout: Layout
    template: Template | None
    manage: RelPath
    base: RelPath
    """Folder of manage.py, from where Python runs; "" is the root."""
    settings: Settings
    apps: Apps
    urlconf: Urlconf | None
    dependencies: Dependencies
    docker: Docker
    style: PythonStyle
    tests: Tests
    ci: tuple[CI, ...] = ()
    celery: Celery | None = None
    event_bus: EventBus | None = None
    runners: tuple[TaskRunner, ...] = ()
    hooks: tuple[Hooks, ...] = ()
    python: str | None = None
    """The specifier the project asks for, or its version: `==3.13.*`, `3.13`."""
    django: str | None = None
    """The Django version or specifier as written: `5.2.8`, `>=5.2`."""
    database: Literal["postgresql", "sqlite", "mysql", "oracle", "env", "unknown"] = "unknown"
    """The default database's engine; `env` if an environment variable decides."""
    engines: tuple[str, ...] = ()
    """Every ENGINE that is written down for any database, in production if that is known; not those of URLs."""
    auth_user: str | None = None
    """AUTH_USER_MODEL, if set."""
    middleware: tuple[str, ...] = ()
    """MIDDLEWARE over the whole graph, conditional additions included."""
    asgi: RelPath | None = None
    wsgi: RelPath | None = None
    python_roots: tuple[RelPath, ...] = ("",)
    """Folders that end up on sys.path: manage.py's, and those that it appends."""
    env_example: RelPath | None = None

    def join(self, *parts: str) -> RelPath:
        """A path below the folder of manage.py."""
        return "/".join(part for part in (self.base, *parts) if part)
