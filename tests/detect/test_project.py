from __future__ import annotations

import subprocess
import sys

import pytest

from djroadmap.model.memory import MemoryTree

from .samples import SETTINGS, found, manage, package, plain

CELERY = (
    'import os\nfrom celery import Celery\n\napp = Celery("shop")\n'
    'app.config_from_object("django.conf:settings")\n'
)
BUS = """\
from collections import defaultdict


class EventBus:
    def __init__(self):
        self._subscribers = defaultdict(list)

    def subscribe(self, event_type, handler):
        self._subscribers[event_type].append(handler)

    def publish(self, event):
        for handler in self._subscribers.get(type(event), []):
            handler(event)


event_bus = EventBus()
"""


class TestCelery:
    @pytest.mark.parametrize(
        "path",
        ["shop/celery.py", "shop/celery_app.py", "shop/worker.py", "shop/__init__.py", "taskqueue/main.py"],
    )
    def test_any_file_name(self, path: str) -> None:
        celery = found(plain() | {"requirements.txt": "django\ncelery\n", path: CELERY}).celery
        assert celery is not None
        assert (celery.path, celery.name) == (path, "app")
        assert celery.module == path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @pytest.mark.parametrize(
        "text",
        [
            "import celery\nqueue = celery.Celery()\n",
            "from celery import Celery\nqueue: Celery = Celery()\n",
            "try:\n    from celery import Celery\n    queue = Celery()\nexcept ImportError:\n    pass\n",
            "from celery.app import Celery\nqueue = Celery()\n",
            "import celery\nclass Shop(celery.Celery):\n    pass\nqueue = Shop()\n",
            "from celery import Celery\ndef make():\n    made = Celery()\n    return made\nqueue = make()\n",
            "from celery import Celery\ndef make():\n    return Celery()\nqueue = make()\n",
            "import celery as c\nMaker = c.Celery\nqueue = Maker()\n",
            "from celery import (\n    shared_task,\n    Celery,\n)\nqueue = Celery()\n",
        ],
    )
    def test_shapes(self, text: str) -> None:
        celery = found(plain() | {"shop/tasks.py": text}).celery
        assert celery is not None and celery.name == "queue"

    @pytest.mark.parametrize(
        "text",
        [
            "# app = Celery()\n",
            "from x import Celery\napp = Celery()\n",
            "from celery import Celery\ndef f():\n    app = Celery()\n",
            "from celery import Celery\nCelery(\n",
            "from celery import Celery\ndef f():\n    made = Celery()\n    return 1\napp = f()\n",
            "class Celery: pass\nclass Shop(Celery): pass\napp = Shop()\n# Celery(",
            "'Celery('",
        ],
    )
    def test_what_is_none(self, text: str) -> None:
        assert found(plain() | {"shop/tasks.py": text}).celery is None

    @pytest.mark.parametrize(("path", "seen"), [("shop/celery.py", True), ("shop/tasks.py", False)])
    def test_without_the_dependency_only_a_telling_name_counts(self, path: str, *, seen: bool) -> None:
        celery = found(plain() | {"requirements.txt": "django\n", path: CELERY}).celery
        assert (celery is not None) is seen

    def test_not_in_tests(self) -> None:
        assert found(plain() | {"tests/celery.py": CELERY}).celery is None

    def test_the_one_for_django(self) -> None:
        files = plain() | {
            "a/celery.py": "from celery import Celery\nother = Celery()\n",
            "z/celery.py": CELERY,
        }
        celery = found(files).celery
        assert celery is not None and celery.path == "z/celery.py"


class TestEventBus:
    def test_found(self) -> None:
        bus = found(plain() | {"shop/domain_events/bus.py": BUS}).event_bus
        assert bus is not None
        assert (bus.package, bus.path, bus.modified) == (
            "shop.domain_events",
            "shop/domain_events/bus.py",
            False,
        )

    def test_in_a_file_of_any_name(self) -> None:
        bus = found(plain() | {"shop/messaging/__init__.py": BUS}).event_bus
        assert bus is not None and bus.package == "shop.messaging"

    @pytest.mark.parametrize(
        ("old", "new", "modified"),
        [
            ("handler(event)", "dispatch(handler, event)", False),
            ("            handler(event)", "            print(event)\n            handler(event)", False),
            ("handler(event)", "handler.call(event)", True),
            ("handler(event)", "handler(event, self)", True),
            ("handler(event)", "handler(event=event)", True),
            (
                "for handler in self._subscribers.get(type(event), []):\n            handler(event)",
                "[h(event) for h in self._subscribers]",
                True,
            ),
        ],
    )
    def test_modified(self, old: str, new: str, *, modified: bool) -> None:
        assert old in BUS
        bus = found(plain() | {"shop/bus.py": BUS.replace(old, new)}).event_bus
        assert bus is not None and bus.modified is modified

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("event_bus = EventBus()", "bus = EventBus()"),
            ("event_bus = EventBus()", "event_bus = None"),
            ("def publish", "def emit"),
            ("event_bus = EventBus()", "# event_bus = EventBus()"),
            ("event_bus = EventBus()", "event_bus = Other()"),
        ],
    )
    def test_none(self, old: str, new: str) -> None:
        assert found(plain() | {"shop/bus.py": BUS.replace(old, new)}).event_bus is None


def turbo(**more: str) -> dict[str, str]:
    base = 'INSTALLED_APPS = ["acme.users"]\nROOT_URLCONF = "config.urls"\n'
    files = package(
        base=base,
        local="from .base import *\n",
        production="from .base import *\n",
        test="from .base import *\n",
    )
    files |= {
        "acme/__init__.py": "",
        "acme/users/__init__.py": "",
        "acme/contrib/sites/migrations/__init__.py": "",
    }
    return files | more


TURBO = {"acme/domain_events/bus.py": BUS, "turbo.json": "{}", "packages/ui/package.json": "{}"}


class TestTemplate:
    def test_turbo(self) -> None:
        project = found(turbo(**TURBO))
        assert project.layout == "turbo"
        assert project.template is not None and (project.template.name, project.template.tool) == (
            "cookiecutter-turbo-django",
            None,
        )

    def test_cookiecutter(self) -> None:
        project = found(turbo())
        assert project.layout == "cookiecutter"
        assert project.template is not None and project.template.name == "cookiecutter-django"

    @pytest.mark.parametrize(
        "missing", ["packages/ui/package.json", "acme/domain_events/bus.py", "config/settings/production.py"]
    )
    def test_not_quite(self, missing: str) -> None:
        files = turbo(**TURBO)
        del files[missing]
        project = found(files)
        assert project.layout != "turbo" and project.template is None

    def test_copier(self) -> None:
        project = found(
            turbo(**TURBO)
            | {
                ".copier-answers.yml": (
                    "# Changes here\n_commit: abc123\n"
                    "_src_path: https://example.com/me/my-template.git\nx: 1\n"
                )
            }
        )
        assert project.layout == "turbo"
        assert project.template is not None
        assert (project.template.name, project.template.tool, project.template.commit) == (
            "my-template",
            "copier",
            "abc123",
        )
        assert project.template.url == "https://example.com/me/my-template.git"

    def test_cruft(self) -> None:
        project = found(
            plain() | {".cruft.json": '{"template": "git@example.com:me/t.git", "commit": "abc"}'}
        )
        assert project.layout == "startproject" and project.template is not None
        assert (project.template.name, project.template.tool, project.template.commit) == (
            "t",
            "cruft",
            "abc",
        )

    @pytest.mark.parametrize(
        "files",
        [
            {".cruft.json": "{"},
            {".cruft.json": "[]"},
            {".copier-answers.yml": ""},
            {".copier-answers.yml": "x: 1\n"},
        ],
    )
    def test_unreadable_answers(self, files: dict[str, str]) -> None:
        assert found(plain() | files).template is None

    def test_startproject_and_other(self) -> None:
        assert found(plain()).layout == "startproject"
        assert found(package(base=SETTINGS, local="from .base import *\n")).layout == "other"


class TestNames:
    def test_the_package_of_the_apps(self) -> None:
        project = found(turbo())
        assert (project.name, project.package) == ("acme", "acme")

    def test_config_beside_flat_apps(self) -> None:
        files = package(base='INSTALLED_APPS = ["orders"]\n', local="from .base import *\n") | {
            "orders/models.py": "",
            "pyproject.toml": '[project]\nname = "my-shop"\n',
        }
        project = found(files)
        assert (project.name, project.package) == ("my_shop", "")

    def test_the_folders_name_as_a_last_resort(self) -> None:
        from djroadmap.detect import detect

        files = package(base='INSTALLED_APPS = ["orders"]\n', local="from .base import *\n")
        assert detect(MemoryTree(files), root="/home/me/Web-Shop").name == "web_shop"


def test_where_things_are() -> None:
    files = plain() | {"shop/asgi.py": "", "shop/wsgi.py": "", ".env.example": "X=1\n", "docs/asgi.py": ""}
    project = found(files)
    assert (project.asgi, project.wsgi, project.env_example) == (
        "shop/asgi.py",
        "shop/wsgi.py",
        ".env.example",
    )
    assert found(plain()).asgi is None


def test_a_project_beside_others_in_a_monorepo() -> None:
    files = {f"backend/{path}": text for path, text in plain().items()}
    files |= {
        "frontend/package.json": "{}",
        "backend/pyproject.toml": '[project]\nname = "x"\ndependencies = ["django"]\n',
        ".github/workflows/ci.yml": "jobs:\n  t:\n    steps:\n      - run: cd backend && pytest\n",
    }
    project = found(files)
    assert project.dependencies.pyproject == "backend/pyproject.toml"
    assert project.ci[0].test_job is not None and project.ci[0].test_job.cwd == "backend"


HOSTILE = [
    "",
    "x",
    "(",
    "[" * 300,
    "INSTALLED_APPS = INSTALLED_APPS",
    "from . import *",
    "import",
    "\0",
    "class A(A): pass",
    "X = X[X]",
    "del INSTALLED_APPS",
    "INSTALLED_APPS += INSTALLED_APPS",
    "lambda: (yield)",
    "INSTALLED_APPS = {**A}",
    "A = B = C = (yield)",
    "f'{INSTALLED_APPS!r:>{10}}'",
    "DATABASES['default']['x'] = 1",
    "INSTALLED_APPS[0] = 'x'",
    "INSTALLED_APPS = [*5]",
    "for x in y: INSTALLED_APPS.append(x)",
    "a.b.c.append(1)",
    "include()",
    "INSTALLED_APPS.append()",
    "X = {[]: 1}",
    "X = '%s' % ()",
    "X = '{0[x]}'.format(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_breaks_it(text: str) -> None:
    for path in (
        "shop/settings.py",
        "shop/urls.py",
        "shop/celery.py",
        "pyproject.toml",
        "compose.yml",
        "Makefile",
        "shop/orders/apps.py",
    ):
        found(plain() | {path: text})
    found(plain(settings=f"{SETTINGS}{text}\n"))
    found(plain(manage=f"{manage()}\n# {text!r}\n"))


@pytest.mark.parametrize(
    "syntax",
    [
        "type X = int\n",
        "def f[T](x: T) -> T: ...\n",
        "def f():\n    try:\n        pass\n    except A, B:\n        pass\n",
        "x = t'{y}'\n",
    ],
)
def test_syntax_newer_than_this_interpreter(syntax: str) -> None:
    project = found(plain(settings=syntax + SETTINGS))
    assert list(project.apps.where) == ["django.contrib.auth", "shop.orders"]
    assert project.settings.problems == ()


def test_heavy_libraries_are_not_imported() -> None:
    heavy = "libcst", "ruamel", "tomlkit", "jinja2", "json"
    code = f"import sys, djroadmap.detect; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_project_is_plain_data() -> None:
    project = found(plain())
    assert found(plain()).settings == project.settings
    assert set(project._fields) >= {"apps", "middleware", "wsgi"}
