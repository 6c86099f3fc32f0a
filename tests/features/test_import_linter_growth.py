"""New apps get their places in the contracts, under the real lint-imports; what the team wrote stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from djroadmap.edits.ini import read_ini
from djroadmap.features.import_linter import FEATURE
from djroadmap.features.import_linter.configuration import derived
from djroadmap.features.import_linter.presence import presence
from djroadmap.model.feature import NoOptions
from djroadmap.planning.packages import linted
from tests.features.import_linter import PLAIN, SHOP, SHOP_APPS, lint, project, write

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.project import Project

INI = ".importlinter"
BILLING = {"shop/billing/__init__.py": "", "shop/billing/models.py": "", "shop/billing/views.py": ""}
TANGLED = {
    "shop/billing/__init__.py": "",
    "shop/billing/models.py": "from shop.users.models import User\nfrom .views import show\n",
    "shop/billing/views.py": "",
    "shop/orders/services.py": "import shop.billing.models\n",
    "shop/core/prices.py": "import shop.billing.models\n",
    "shop/users/late.py": "import billing.models\n",
}


def shop(files, *apps: str) -> Project:
    return project({**SHOP, **files}, *SHOP_APPS, *apps, python_roots=("", "shop"))


def before(files=SHOP, *apps: str) -> str:
    given = project(files, *(apps or SHOP_APPS), python_roots=("", "shop"))
    return derived(given, linted(given))()


def grow(given: Project) -> str:
    """The configuration after growth, which then finds nothing more."""
    found = FEATURE.growth(given, NoOptions())
    assert found is not None
    text = given.tree.read(INI)
    bound = []
    for edit in found.plan().edits:
        assert edit.path == INI
        if not edit.holds(text):
            bound.append(edit.bind(text))
            text = bound[-1].apply(text)
    again = given.tree.read(INI)
    back = text
    for edit in reversed(bound):
        back = edit.revert(back)
    assert back == again
    return text


def option(text: str, contract: str, name: str) -> list[str]:
    return (read_ini(text, path=INI)[f"importlinter:contract:{contract}"].get(name) or "").split("\n")


def test_nothing_has_come():
    assert FEATURE.growth(shop({INI: before()}), NoOptions()) is None


def test_a_new_app_is_named_where_it_belongs(tmp_path: Path):
    given = shop({**BILLING, INI: before()}, "shop.billing")
    found = FEATURE.growth(given, NoOptions())
    assert [str(missing.what) for missing in found.missing] == ["shop.billing is in no contract"]
    text = grow(given)
    assert option(text, "domain-independence", "modules") == ["shop.billing", "shop.orders", "shop.users"]
    assert option(text, "kernel", "forbidden_modules") == ["shop.billing", "shop.orders", "shop.users"]
    assert "billing" in option(text, "full-names", "forbidden_modules")
    assert "ignore_imports" not in text.replace("`ignore_imports`", "")
    files = {**SHOP, **BILLING, INI: text}
    named = presence(shop({**BILLING, INI: text}, "shop.billing"))
    assert not [one for one in named.missing if "in no contract" in one.what]
    assert FEATURE.growth(shop({**BILLING, INI: text}, "shop.billing"), NoOptions()) is None
    write(files, tmp_path)
    assert lint(tmp_path)[0] == 0
    write({"shop/orders/late.py": "from shop.billing.models import Rate\n"}, tmp_path)
    code, output = lint(tmp_path)
    assert (code, "shop.orders.late -> shop.billing.models" in output) == (1, True)


def test_what_a_new_app_breaks_today_is_listed(tmp_path: Path):
    given = shop({**TANGLED, INI: before()}, "shop.billing")
    text = grow(given)
    assert option(text, "domain-independence", "ignore_imports") == [
        "shop.billing.models -> shop.users.models",
        "shop.orders.services -> shop.billing.models",
    ]
    assert option(text, "kernel", "ignore_imports") == ["shop.core.prices -> shop.billing.models"]
    assert option(text, "full-names", "ignore_imports") == ["shop.users.late -> billing"]
    assert option(text, "models-below-views", "ignore_imports") == [""]
    write({**SHOP, **TANGLED, INI: text}, tmp_path)
    code, output = lint(tmp_path)
    assert code == 1  # the contract named all models before: a model that imports views is new code
    assert "shop.billing.models -> shop.billing.views" in output
    write({"shop/billing/models.py": "from shop.users.models import User\n"}, tmp_path)
    assert lint(tmp_path)[0] == 0


def test_new_violations_of_the_old_apps_are_not_excused(tmp_path: Path):
    late = {"shop/users/late.py": "import shop.orders.models\n"}
    text = grow(shop({**BILLING, **late, INI: before()}, "shop.billing"))
    write({**SHOP, **BILLING, **late, INI: text}, tmp_path)
    code, output = lint(tmp_path)
    assert (code, "shop.users.late -> shop.orders.models" in output) == (1, True)


def test_known_violations_are_not_listed_again(tmp_path: Path):
    old = {"shop/users/models.py": "from shop.orders.models import Order\n"}
    new = {"shop/billing/__init__.py": "", "shop/billing/models.py": "import shop.users.models\n"}
    text = grow(shop({**old, **new, INI: before({**SHOP, **old})}, "shop.billing"))
    assert option(text, "domain-independence", "ignore_imports") == [
        "shop.billing.models -> shop.users.models",
        "shop.users.models -> shop.orders.models",
    ]
    write({**SHOP, **old, **new, INI: text}, tmp_path)
    assert lint(tmp_path)[0] == 0


def test_an_app_at_the_top_becomes_a_root(tmp_path: Path):
    new = {"billing/__init__.py": "", "billing/models.py": "from blog.models import Post\n"}
    given = project({**PLAIN, **new, INI: before(PLAIN, "blog")}, "blog", "billing")
    text = grow(given)
    assert read_ini(text, path=INI)["importlinter"]["root_packages"] == "\nbilling\nblog\nmysite".strip()
    assert option(text, "domain-independence", "modules") == ["billing", "blog"]
    assert option(text, "domain-independence", "ignore_imports") == ["billing.models -> blog.models"]
    assert "# The apps that hold the business" in text
    write({**PLAIN, **new, INI: text}, tmp_path)
    assert lint(tmp_path)[0] == 0


def test_what_the_team_wrote_stays():
    mine = (
        before()
        .replace("name = Domain apps are", "name = Our domains are")
        .replace("# Add every new", "# Add each new")
    )
    mine += "\n[importlinter:contract:mine]\nname = x\ntype = independence\nmodules =\n    shop.orders.a\n    shop.users.b\n"
    text = grow(shop({**BILLING, INI: mine}, "shop.billing"))
    rows = set(text.splitlines())
    assert set(mine.splitlines()) <= rows
    assert {row.strip() for row in rows - set(mine.splitlines())} == {"shop.billing", "billing"}


@pytest.mark.parametrize("kept", ["no-config", "models-below-views"])
def test_contracts_that_the_team_deleted_do_not_come_back(kept):
    head, *parts = before().split("\n\n# ")
    left = "\n\n# ".join(
        [head, *(part for part in parts if f"contract:{kept}]" in part or "[importlinter]" in part)]
    )
    given = shop({**BILLING, INI: left}, "shop.billing")
    assert FEATURE.growth(given, NoOptions()) is None


def test_a_head_of_their_own_is_left_alone():
    mine = before().replace("root_packages =\n    config\n    shop\n", "root_package = shop\n")
    assert mine != before()
    assert FEATURE.growth(shop({**BILLING, INI: mine}, "shop.billing"), NoOptions()) is None


def test_an_app_that_is_named_in_a_contract_of_the_team_is_placed():
    mine = (
        before()
        + "\n[importlinter:contract:mine]\nname = x\ntype = independence\nmodules =\n    shop.billing\n    shop.core\n"
    )
    assert FEATURE.growth(shop({**BILLING, INI: mine}, "shop.billing"), NoOptions()) is None


@pytest.mark.parametrize(
    "own",
    [
        {"setup.cfg": "[importlinter]\nroot_package = shop\n"},
        {
            "setup.cfg": "[importlinter]\nroot_package = shop\n",
            INI: "[importlinter]\nroot_packages =\n    shop\n",
        },
        {INI: "[importlinter\n"},
        {},
    ],
)
def test_a_configuration_of_their_own_does_not_grow(own):
    assert FEATURE.growth(shop({**BILLING, **own}, "shop.billing"), NoOptions()) is None
