"""The architecture tests that `grimp` adds, really run: green on the first day, red for every mistake they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters.trees import build
from tests.cli_runner import Cli
from tests.e2e.mutations import written
from tests.projects import copy_layout, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

LAYOUT = "startproject-5.2"
LIST = "tests/architecture/known_violations.txt"
CONFIG = 'from django.apps import AppConfig\n\n\nclass Config(AppConfig):\n    name = "{}"\n'
FILES = {
    **{f"{app}/__init__.py": "" for app in ("orders", "billing", "core")},
    **{f"{app}/apps.py": CONFIG.format(app) for app in ("orders", "billing", "core")},
    "orders/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n",
    "orders/migrations/__init__.py": "",
    "orders/services.py": "from billing import services\n",
    "orders/views.py": "",
    "orders/deep/mod.py": "x = 1\n",
    "billing/services.py": (
        "from importlib import import_module\n\nfrom orders.models import Order\n\n"
        'views = import_module("orders.views")\n'
    ),
    "core/pricing.py": "from billing.services import views\n",
    "shop/plain.py": "",
}
VIOLATIONS = {
    "circles": ["billing.services -> orders.models"],
    "allowed": ["core.pricing -> billing.services"],
    "models": ["billing.services -> orders.models"],
    "strings": ["billing.services -> orders.views"],
    "packages": ["orders/deep"],
    "contracts": [],
}
MISTAKES = {
    "another app's models": ({"shop/x.py": "from orders.models import Order\n"}, "shop.x -> orders.models"),
    "a circle": (
        {"shop/x.py": "import core.apps\n", "core/x.py": "import shop.plain\n"},
        "core.x -> shop.plain",
    ),
    "a shared app that knows another": ({"core/x.py": "import shop.plain\n"}, "core.x -> shop.plain"),
    "an import through a string": (
        {"shop/x.py": 'from importlib import import_module\nimport_module("orders.views")\n'},
        "shop.x -> orders.views",
    ),
    "a folder that is no package": ({"shop/ns/m.py": ""}, "shop/ns"),
    "a violation that was mended": ({"core/pricing.py": ""}, "mended, so delete it from [allowed]"),
    "another one": ({"orders/deep/__init__.py": ""}, "mended, so delete it from [packages]"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Apps that know too much of each other, with the tests."""
    folder = tmp_path_factory.mktemp("architecture")
    project = build(copy_layout(LAYOUT, folder / "project"), FILES)
    settings = project / "mysite/settings.py"
    apps = "".join(f"    '{app}',\n" for app in ("orders", "billing", "core"))
    text = settings.read_text()
    settings.write_text(text.replace("    'shop',\n", f"    'shop',\n{apps}"))
    assert settings.read_text() != text
    Cli(project, folder / "state")("add", "grimp", "--yes", "--allow-dirty")
    return project


def outcome(project: Path) -> tuple[int, str]:
    """The exit code and the output."""
    ran = run(LAYOUT, project, "manage.py", "test", "tests")
    return ran.returncode, ran.stdout


def test_the_list_is_just_what_the_tests_find(project: Path) -> None:
    found: dict[str, list[str]] = {}
    for line in (project / LIST).read_text().splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            found[list(found)[-1]].append(line)
    assert found == VIOLATIONS
    code, output = outcome(project)
    assert code == 0, output
    assert not (project / ".grimp_cache").exists()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(mistake: str, project: Path) -> None:
    files, expected = MISTAKES[mistake]
    with written(project, files):
        code, output = outcome(project)
    assert code == 1, output
    assert expected in output
    code, output = outcome(project)
    assert code == 0, output


def test_a_new_app_is_under_the_rules_and_looked_at_once(tmp_path: Path) -> None:
    project = build(copy_layout(LAYOUT, tmp_path / "project"), FILES)
    settings, cli = project / "mysite/settings.py", Cli(tmp_path / "project", tmp_path / "state")
    old = settings.read_text().replace("    'shop',\n", "    'shop',\n    'orders',\n    'core',\n")
    settings.write_text(old)
    cli("add", "grimp", "--yes", "--allow-dirty")
    listed = (project / LIST).read_text()
    assert outcome(project)[0] == 0
    settings.write_text(old.replace("    'core',\n", "    'core',\n    'billing',\n"))
    code, output = outcome(project)
    assert (code, "billing.services -> orders.models" in output) == (1, True)
    cli("check")
    cli("upgrade", "grimp", "--yes", "--allow-dirty")
    code, output = outcome(project)
    assert code == 0, output
    assert "up to date" in cli("upgrade", "grimp", "--yes", "--allow-dirty").out
    with written(project, {"billing/late.py": "from orders.models import Order\n"}):
        assert "up to date" in cli("upgrade", "grimp", "--yes", "--allow-dirty").out
        code, output = outcome(project)
    assert (code, "billing.late -> orders.models" in output) == (1, True)
    assert (project / LIST).read_text().startswith(listed)
    cli("remove", "grimp", "--yes", "--allow-dirty")
    assert not (project / "tests").exists()
