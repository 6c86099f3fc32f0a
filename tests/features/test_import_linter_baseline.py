"""Green on the first day, red on anything new: the derived configuration under the real lint-imports."""

from __future__ import annotations

import configparser
import random

import pytest

from djroadmap.errors import Refused
from djroadmap.features.import_linter.configuration import derived
from djroadmap.planning.packages import join, linted
from tests.features.import_linter import PLAIN, SHOP, SHOP_APPS, lint, plain, project, shop, write

VIOLATIONS = {
    "shop/users/models.py": "from shop.orders.models import Order\nfrom shop.core.models import Base\n",
    "shop/orders/models.py": "if TYPE_CHECKING:\n    from shop.users.models import User\n",
    "shop/orders/services.py": "def pay():\n    from shop.users import models\n    from config.settings import base\n",
    "shop/orders/tests/__init__.py": "",
    "shop/orders/tests/test_models.py": "from shop.users.models import User\n",
    "shop/core/pricing.py": "from shop.billing.models import Rate\n",
    "shop/billing/__init__.py": "",
    "shop/billing/models.py": "from users.models import User\n",
    "shop/inventory/__init__.py": "",
    "shop/inventory/models.py": "from shop.core.pricing import price\nfrom .views import show\n",
    "shop/inventory/views.py": "",
}
VIOLATING_APPS = (*SHOP_APPS, "shop.billing", "shop.inventory")


def violating():
    return project({**SHOP, **VIOLATIONS}, *VIOLATING_APPS, python_roots=("", "shop"))


def text(given):
    return derived(given, linted(given))()


def ignored(given):
    parser = configparser.ConfigParser()
    parser.read_string(text(given))
    return {
        name.rpartition(":")[2]: parser[name].get("ignore_imports", "").split("\n")[1:]
        for name in parser.sections()
        if ":" in name
    }


def test_each_violation_is_listed_where_it_breaks_a_rule():
    assert ignored(violating()) == {
        "domain-independence": [
            "shop.core.pricing -> shop.billing.models",
            "shop.orders.models -> shop.users.models",
            "shop.orders.services -> shop.users.models",
            "shop.orders.tests.test_models -> shop.users.models",
            "shop.users.models -> shop.orders.models",
        ],
        "kernel": ["shop.core.pricing -> shop.billing.models"],
        "no-config": ["shop.orders.services -> config.settings.base"],
        "full-names": ["shop.billing.models -> users"],
        "models-below-views": ["shop.inventory.models -> shop.inventory.views"],
    }


def test_nothing_to_ignore():
    assert set(map(tuple, ignored(shop()).values())) == {()}
    assert "ignore_imports =" not in text(shop())


def test_a_way_round_through_a_package_of_its_own_counts():
    files = {
        **PLAIN,
        "toolbox/__init__.py": "",
        "toolbox/deep.py": "import mysite.urls\n",
        "tests/__init__.py": "import toolbox\n(",
        "blog/models.py": "import toolbox.deep\n",
    }
    given = project(files, "blog")
    assert ignored(given)["no-config"] == ["toolbox.deep -> mysite.urls"]
    assert "root_packages =\n    blog\n    mysite\n    toolbox\n\n" in text(given)


def test_the_text_is_well_made():
    written = text(violating())
    assert written.endswith("\n")
    assert not written.endswith("\n\n")
    assert all(line == line.rstrip() for line in written.splitlines())
    assert "\n\n\n" not in written
    assert max(map(len, written.splitlines())) <= 100
    above = written.splitlines()[written.splitlines().index("ignore_imports =") - 1]
    assert above.startswith("# ")


def test_the_graph_is_built_once_and_only_when_asked():
    reads = []

    class Counting:
        def __init__(self, tree):
            self.files, self.exists, self.raw = tree.files, tree.exists, tree.raw
            self._tree = tree

        def read(self, path):
            reads.append(path)
            return self._tree.read(path)

    given = shop()
    given = shop(tree=Counting(given.tree))
    content = derived(given, linted(given))
    assert not reads
    first = content()
    count = len(reads)
    assert count
    assert content() is first
    assert len(reads) == count


def test_files_that_lint_imports_cannot_read_are_refused():
    given = shop({"shop/users/forms.py": "(", "config/urls.py": b"\xff", "docs/conf.py": "("})
    with pytest.raises(Refused) as refused:
        text(given)
    assert [problem.path for problem in refused.value.problems] == ["config/urls.py", "shop/users/forms.py"]


CASES = {
    "a module that no line can name": lambda: shop({"shop/users/by-hand.py": "import shop.orders.models\n"}),
    "a violating project": violating,
    "apps in a package": shop,
    "apps at the top": plain,
    "one app": lambda: project(SHOP, "shop.users"),
    "src layout": lambda: project(
        {f"src/{path}": text for path, text in SHOP.items()}, *SHOP_APPS, base="src"
    ),
    "a namespace of apps": lambda: project(
        {
            **PLAIN,
            "apps/a/__init__.py": "from apps.b.models import B\nfrom mysite import settings\n",
            "apps/a/models.py": "from . import views\nimport apps\n",
            "apps/a/views.py": "",
            "apps/b/__init__.py": "",
            "apps/b/models.py": "import apps.a\n",
        },
        "apps.a",
        "apps.b",
    ),
    "settings beside the apps": lambda: project(
        {
            "mysite/__init__.py": "from .celery import app\n",
            "mysite/celery.py": "import mysite.settings\n",
            "mysite/settings.py": "",
            "mysite/urls.py": "import mysite.blog.views, mysite.shop.views\n",
            "mysite/blog/__init__.py": "",
            "mysite/blog/views.py": "from mysite.settings import DEBUG\nimport mysite.nowhere\n",
            "mysite/shop/__init__.py": "",
            "mysite/shop/views.py": "from mysite.urls import urlpatterns\n",
        },
        "mysite.blog",
        "mysite.shop",
    ),
    "imports of names that nobody has": lambda: shop(
        {
            "shop/users/forms.py": "import shop.nowhere, config.nowhere\nfrom config import no\nfrom users import x\n"
        }
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_green_on_the_first_day(name, tmp_path):
    given = CASES[name]()
    seen = linted(given)
    files = {path: given.tree.raw(path) for path in given.tree.files()}
    write({**files, join(seen.folder, ".importlinter"): text(given)}, tmp_path)
    code, output = lint(tmp_path / seen.folder)
    assert code == 0, output
    assert "0 broken" in output


@pytest.mark.parametrize("seed", range(6))
def test_green_on_the_first_day_whatever_is_imported(seed, tmp_path):
    chosen = random.Random(seed)
    names = [
        f"shop.{app}.{name}"
        for app in ("core", "users", "orders", "billing")
        for name in ("models", "views", "urls")
    ]
    files = {**SHOP, "shop/billing/__init__.py": ""}
    for name in (*names, "config.urls", "shop.conftest"):
        wanted = chosen.sample([*names, "config.urls", "users.models", "orders"], 3)
        files[name.replace(".", "/") + ".py"] = "".join(f"import {other}\n" for other in wanted)
    given = project(files, *SHOP_APPS, "shop.billing", python_roots=("", "shop"))
    assert sum(map(len, ignored(given).values())) > 5
    write({**files, ".importlinter": text(given)}, tmp_path)
    code, output = lint(tmp_path)
    assert code == 0, output


def test_a_new_violation_is_red_and_named(tmp_path):
    given = violating()
    write({**SHOP, **VIOLATIONS, ".importlinter": text(given)}, tmp_path)
    (tmp_path / "shop/core/models.py").write_text("\n\nfrom shop.users.models import User\n")
    code, output = lint(tmp_path)
    assert code == 1
    assert "shop.core.models -> shop.users.models (l.3)" in output


def test_a_short_name_is_red_and_named(tmp_path):
    write({**SHOP, ".importlinter": text(shop())}, tmp_path)
    (tmp_path / "shop/orders/views.py").write_text("from users.models import User\n")
    code, output = lint(tmp_path)
    assert code == 1
    assert "shop.orders.views -> users (l.1)" in output


def test_a_mended_violation_must_leave_the_list(tmp_path):
    given = violating()
    written = text(given)
    write({**SHOP, **VIOLATIONS, ".importlinter": written, "shop/orders/tests/test_models.py": ""}, tmp_path)
    code, output = lint(tmp_path)
    line = "shop.orders.tests.test_models -> shop.users.models"
    assert code == 1
    assert f"No matches for ignored import {line}" in " ".join(output.split())
    (tmp_path / ".importlinter").write_text(written.replace(f"    {line}\n", ""))
    assert lint(tmp_path)[0] == 0


def test_every_listed_line_is_needed(tmp_path):
    written = text(violating())
    write({**SHOP, **VIOLATIONS}, tmp_path)
    for section, line in [(name, line) for name, lines in ignored(violating()).items() for line in lines]:
        head, _, tail = written.partition(f"[importlinter:contract:{section}]")
        shorter = f"{head}[importlinter:contract:{section}]" + tail.replace(f"    {line}\n", "", 1)
        (tmp_path / ".importlinter").write_text(shorter)
        assert lint(tmp_path)[0] == 1, line
