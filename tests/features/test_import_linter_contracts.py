"""Which contracts a layout gives, and what they name."""

from __future__ import annotations

import pytest

from djroadmap.features.import_linter import supports
from djroadmap.model.project import Apps, Dependencies
from djroadmap.planning.contracts import derive
from djroadmap.planning.packages import linted
from tests.features.import_linter import PLAIN, SHOP, SHOP_APPS, plain, project, shop


def contracts(project):
    seen = linted(project)
    assert seen is not None
    return {contract.id: contract for contract in derive(project, seen)}


def test_apps_in_a_package_give_every_contract():
    found = contracts(shop())
    assert list(found) == ["domain-independence", "kernel", "no-config", "full-names", "models-below-views"]
    assert found["domain-independence"].modules == ("shop.orders", "shop.users")
    assert found["kernel"].sources == ("shop.core", "*.domain_events")
    assert found["kernel"].forbidden == ("shop.orders", "shop.users")
    assert found["no-config"].sources == ("shop",)
    assert found["no-config"].forbidden == ("config",)
    assert found["full-names"].sources == ("config", "shop")
    assert found["full-names"].forbidden == ("core", "domain_events", "orders", "users")
    assert found["full-names"].external
    assert found["models-below-views"].sources == ("shop.*.models", "shop.*.services")
    assert found["models-below-views"].forbidden == (
        "shop.*.admin",
        "shop.*.api",
        "shop.*.urls",
        "shop.*.views",
    )


def test_apps_that_are_top_level_packages():
    found = contracts(plain())
    assert list(found) == ["no-config", "models-below-views"]
    assert found["no-config"].sources == ("blog",)
    assert found["no-config"].forbidden == ("mysite",)
    assert found["models-below-views"].sources == ("blog.models",)
    assert found["models-below-views"].forbidden == ("blog.admin", "blog.views")


def test_one_domain_app_has_nobody_to_be_independent_of():
    assert "domain-independence" not in contracts(project(SHOP, "shop.core", "shop.users"))


def test_the_event_bus_is_in_the_kernel_before_it_is_there():
    """Whether another feature has put it in makes no difference, so that it can go again."""
    files = {
        **SHOP,
        "shop/domain_events/__init__.py": "",
        "shop/domain_events/models.py": "",
        "shop/domain_events/admin.py": "",
    }
    assert contracts(project(files, *SHOP_APPS, "shop.domain_events")) == contracts(project(SHOP, *SHOP_APPS))
    alone = {**PLAIN, "domain_events/__init__.py": "", "domain_events/models.py": ""}
    with_bus = project(alone, "blog", "domain_events")
    assert contracts(with_bus) == contracts(project(PLAIN, "blog"))
    assert (
        linted(with_bus).roots == linted(project(PLAIN, "blog")).roots == {"blog": "blog", "mysite": "mysite"}
    )


def test_apps_beside_the_settings_in_one_package():
    files = {
        "mysite/__init__.py": "",
        "mysite/settings.py": "",
        "mysite/urls.py": "",
        "mysite/blog/__init__.py": "",
        "mysite/blog/models.py": "",
        "mysite/shop/__init__.py": "",
    }
    found = contracts(project(files, "mysite", "mysite.blog", "mysite.shop"))
    assert found["domain-independence"].modules == ("mysite.blog", "mysite.shop")
    assert found["no-config"].sources == ("mysite.blog", "mysite.shop")
    assert found["no-config"].forbidden == ("mysite.settings", "mysite.urls")
    assert "models-below-views" not in found


def test_the_package_of_the_settings_is_no_domain_app():
    found = contracts(project(PLAIN, "blog", "mysite"))
    assert list(found) == ["no-config", "models-below-views"]
    assert found["no-config"].forbidden == ("mysite",)


def test_an_app_that_holds_others_is_not_independent_of_them():
    files = {**SHOP, "shop/orders/returns/__init__.py": ""}
    found = contracts(project(files, *SHOP_APPS, "shop.orders.returns"))
    assert found["domain-independence"].modules == ("shop.orders.returns", "shop.users")


class TestFullNames:
    def test_only_where_the_folder_of_the_apps_is_on_the_path(self):
        assert "full-names" not in contracts(shop(python_roots=("",)))

    def test_never_the_name_of_something_else(self):
        """`import celery` means Celery, whatever app is called so."""
        names = ("calendar", "celery", "config", "crispy_forms", "users", "waffle")
        files = {**SHOP, **{f"shop/{name}/__init__.py": "" for name in names}}
        given = project(
            files,
            *(f"shop.{name}" for name in names),
            python_roots=("", "shop"),
            dependencies=Dependencies(style="none", manager="pip", names={"celery": ""}),
        )
        given = project(
            files,
            python_roots=("", "shop"),
            dependencies=given.dependencies,
            apps=Apps(local=given.apps.local, third_party=("crispy_forms", "waffle.apps.WaffleConfig")),
        )
        assert contracts(given)["full-names"].forbidden == ("domain_events", "users")

    def test_a_folder_on_the_path_without_apps_gives_no_names(self):
        assert "full-names" not in contracts(
            shop({"shop/lib/x.py": ""}, python_roots=("", "shop/lib", "docs"))
        )


class TestPackages:
    def test_src_layout(self):
        files = {f"src/{path}": text for path, text in SHOP.items()}
        seen = linted(project(files, *SHOP_APPS, base="src"))
        assert seen.folder == "src"
        assert seen.roots == {"config": "src/config", "shop": "src/shop"}
        assert seen.apps == SHOP_APPS

    def test_the_folder_with_most_apps_wins(self):
        files = {
            "mysite/__init__.py": "",
            "mysite/settings.py": "",
            "mysite/urls.py": "",
            "apps/blog/__init__.py": "",
            "apps/shop/__init__.py": "",
            "legacy/__init__.py": "",
        }
        seen = linted(project(files, ("blog", "apps/blog"), ("shop", "apps/shop"), "legacy"))
        assert seen.folder == "apps"
        assert seen.apps == ("blog", "shop")
        assert seen.configuration == ()
        assert [app.name for app in seen.unseen] == ["legacy"]

    def test_a_namespace_of_apps(self):
        files = {**PLAIN, "apps/a/__init__.py": "", "apps/b/__init__.py": ""}
        seen = linted(project(files, "apps.a", "apps.b"))
        assert seen.roots == {"apps": "apps", "mysite": "mysite"}
        assert seen.apps == ("apps.a", "apps.b")

    @pytest.mark.parametrize(
        ("name", "files"),
        [
            ("spaced", {"spaced/models.py.txt": ""}),
            ("shop.spaced", {"shop/spaced/models.py": ""}),
            ("calendar", {"calendar/__init__.py": ""}),
            ("rich", {"rich/__init__.py": ""}),
        ],
        ids=[
            "no Python",
            "no __init__.py",
            "a name of the standard library",
            "a name that import-linter uses",
        ],
    )
    def test_what_lint_imports_would_not_see_is_left_out(self, name, files):
        seen = linted(project({**SHOP, **files}, *SHOP_APPS, name))
        assert seen.apps == SHOP_APPS
        assert [app.name for app in seen.unseen] == [name]

    def test_settings_in_a_file_at_the_top_are_in_no_package(self):
        files = {"mysite/settings.py": "", **SHOP}
        given = project(files, *SHOP_APPS)
        (module,) = given.settings.modules
        assert linted(given).configuration == ("config.settings.base", "config.urls")
        bare = type(module)(module="settings", path="settings.py", environment="base")
        given = project(
            files, *SHOP_APPS, settings=type(given.settings)(entry="settings", modules=(bare,)), urlconf=None
        )
        assert linted(given).configuration == ()
        assert "no-config" not in contracts(given)


class TestSupports:
    def test_it_fits(self):
        assert supports(shop()) is None
        assert supports(plain()) is None

    def test_no_app(self):
        assert "no app of its own" in supports(project(PLAIN))

    def test_only_apps_that_cannot_be_linted(self):
        assert "no app of its own" in supports(project({**PLAIN, "calendar/__init__.py": ""}, "calendar"))

    def test_only_the_bus(self):
        assert "no app of its own" in supports(
            project({**PLAIN, "domain_events/__init__.py": ""}, "domain_events")
        )

    def test_nothing_to_keep_apart(self):
        files = {"config/urls.py": "", "blog/__init__.py": "", "blog/models.py": ""}
        given = project(files, "blog", urlconf=None)
        assert "one app" in supports(given)
