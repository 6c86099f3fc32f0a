"""INSTALLED_APPS and MIDDLEWARE in the shapes that real projects write them."""

from __future__ import annotations

import pytest

from .samples import found, installed, manage, package, plain

APPS = [
    'INSTALLED_APPS = ["a", "b"]',
    'INSTALLED_APPS = ("a", "b")',
    'INSTALLED_APPS: list[str] = ["a", "b"]',
    'INSTALLED_APPS = ["a"] + ["b"]',
    'X = ["a"]\nY = ("b",)\nINSTALLED_APPS = X + list(Y)',
    'X = ["a"]\nINSTALLED_APPS = [*X, "b"]',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS += ["b"]',
    'INSTALLED_APPS = ("a",)\nINSTALLED_APPS += "b",',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.append("b")',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.extend(["b"])',
    'INSTALLED_APPS = ["b"]\nINSTALLED_APPS.insert(0, "a")',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.insert(INSTALLED_APPS.index("a") + 1, "b")',
    'INSTALLED_APPS = ["a"]\nif DEBUG:\n    INSTALLED_APPS += ["b"]',
    'INSTALLED_APPS = ["a"]\ntry:\n    import b\n    INSTALLED_APPS.append("b")\nexcept ImportError:\n    pass',
    'if DEBUG:\n    INSTALLED_APPS = ["a"]\nelse:\n    INSTALLED_APPS = ["b"]',
    'INSTALLED_APPS = ["a", "b"] if DEBUG else ["a"]',
    'INSTALLED_APPS = ["a"] + (["b"] if DEBUG else [])',
    'INSTALLED_APPS = ["a"]\nfor app in ["b"]:\n    INSTALLED_APPS.append(app)',
    'NAMES = ["a", "b"]\nINSTALLED_APPS = [name for name in NAMES]',
    'INSTALLED_APPS = list(dict.fromkeys(["a", "b"]))',
    'INSTALLED_APPS = env.list("APPS", default=["a", "b"])',
    'INSTALLED_APPS = ["a", "b"]\nINSTALLED_APPS = deduplicated(INSTALLED_APPS)',
    'INSTALLED_APPS = ["a", "b"]\nMIDDLEWARE = []\nINSTALLED_APPS, MIDDLEWARE = setup(INSTALLED_APPS, MIDDLEWARE)',
    'INSTALLED_APPS, MIDDLEWARE = ["a", "b"], []',
    'INSTALLED_APPS = ["a", "c", "b"]\nINSTALLED_APPS.remove("c")',
    'INSTALLED_APPS = ["a", ["b"]]',
    'NAME = "b"\nINSTALLED_APPS = ["a", NAME]',
    'INSTALLED_APPS = ["a", "{}".format("b")]',
    'INSTALLED_APPS = "a b".split()',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS = INSTALLED_APPS[:1] + ["b"]',
    'INSTALLED_APPS = ["a"]\nINSTALLED_APPS[1:1] = ["b"]',
    'with context():\n    INSTALLED_APPS = ["a", "b"]',
    'match ENV:\n    case "x":\n        INSTALLED_APPS = ["a"]\n    case _:\n        INSTALLED_APPS = ["b"]',
    'ALL = OTHER = INSTALLED_APPS = ["a", "b"]',
    'OTHER = ["a"]\nINSTALLED_APPS = OTHER\nINSTALLED_APPS += ["b"]',
]


@pytest.mark.parametrize("text", APPS)
def test_shapes(text: str) -> None:
    project = found(plain(settings=f'{text}\nROOT_URLCONF = "shop.urls"\n'))
    assert installed(project) == ["a", "b"]
    assert project.settings.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        'INSTALLED_APPS = ["a"]\n# INSTALLED_APPS += ["b"]',
        'INSTALLED_APPS = [\n    "a",\n    # "b",\n]',
        'INSTALLED_APPS = ["a"]\ndef f(INSTALLED_APPS):\n    INSTALLED_APPS += ["b"]',
        'INSTALLED_APPS = ["a"]\ndef f():\n    INSTALLED_APPS = ["b"]',
        'INSTALLED_APPS = ["a"]\nOTHER_APPS = ["b"]',
        'INSTALLED_APPS = ["b"]\nINSTALLED_APPS = ["a"]',
        'INSTALLED_APPS = ["a"]\n"""INSTALLED_APPS = ["b"]"""',
    ],
)
def test_what_is_not_installed(text: str) -> None:
    assert installed(found(plain(settings=text + "\n"))) == ["a"]


@pytest.mark.parametrize(
    "text",
    ["X = 1", "INSTALLED_APPS = load()", "INSTALLED_APPS = 5", "INSTALLED_APPS = {}", "INSTALLED_APPS = []"],
)
def test_what_cannot_be_known_is_reported(text: str) -> None:
    project = found(plain(settings=f'{text}\nROOT_URLCONF = "shop.urls"\n'))
    assert installed(project) == []
    place = "shop/settings.py:1" if text.startswith("INSTALLED_APPS") else "shop/settings.py"
    assert project.settings.problems == (
        f"{place}: INSTALLED_APPS is not found, or only running the settings could tell",
    )


def test_over_several_files() -> None:
    files = package(
        base=(
            "from .apps import THIRD_PARTY\nfrom config.settings import extra\n"
            'INSTALLED_APPS = ["django.contrib.auth"] + THIRD_PARTY + extra.MORE\n'
        ),
        apps='THIRD_PARTY = ["waffle"]\n',
        extra='MORE = ("guardian",)\n',
        local=(
            "from .base import *\nfrom .base import INSTALLED_APPS\n"
            'INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]\n'
            'INSTALLED_APPS += ["debug_toolbar"]\n'
        ),
        production='from .base import *\nINSTALLED_APPS += ["anymail"]\n',
    )
    project = found(files)
    assert dict(project.apps.where) == {
        "django.contrib.auth": "config/settings/base.py",
        "waffle": "config/settings/apps.py",
        "guardian": "config/settings/extra.py",
        "whitenoise.runserver_nostatic": "config/settings/local.py",
        "debug_toolbar": "config/settings/local.py",
        "anymail": "config/settings/production.py",
    }
    assert project.apps.has("anymail") and not project.apps.has("celery")


def test_a_module_alias() -> None:
    files = package(
        base='INSTALLED_APPS = ["a"]\n',
        local="import config.settings.base as base\nINSTALLED_APPS = base.INSTALLED_APPS + ['b']\n",
    )
    assert installed(found(files)) == ["a", "b"]


def test_middleware() -> None:
    text = (
        'MIDDLEWARE = ("one",)\nif DEBUG:\n    MIDDLEWARE = ("zero",) + MIDDLEWARE\nMIDDLEWARE += ("two",)\n'
    )
    assert set(found(plain(settings=f"INSTALLED_APPS = ['a']\n{text}")).middleware) == {"zero", "one", "two"}


def test_absurd_nesting_is_survived() -> None:
    deep = " + ".join(['["a"]'] * 3000)
    project = found(plain(settings=f'INSTALLED_APPS = {deep}\nROOT_URLCONF = "shop.urls"\n'))
    assert project.settings.problems


class TestOrigin:
    def test_by_origin(self) -> None:
        files = plain(
            settings=(
                'INSTALLED_APPS = ["django.contrib.auth", "django_extensions", '
                '"shop.orders", "rest_framework.authtoken"]\n'
            )
        )
        apps = found(files).apps
        assert apps.django == ("django.contrib.auth",)
        assert apps.third_party == ("django_extensions", "rest_framework.authtoken")
        assert [(app.name, app.label, app.path) for app in apps.local] == [
            ("shop.orders", "orders", "shop/orders")
        ]

    @pytest.mark.parametrize("entry", ["shop.orders.apps.OrdersConfig", "shop.orders.apps.WithLabel"])
    def test_app_config_paths(self, entry: str) -> None:
        files = plain(settings=f'INSTALLED_APPS = ["{entry}", "allauth.apps.AllauthConfig"]\n')
        files["shop/orders/apps.py"] = (
            "from django.apps import AppConfig\nclass OrdersConfig(AppConfig):\n"
            '    name = "shop.orders"\n    label = "shop_orders"\n'
        )
        apps = found(files).apps
        assert [(app.name, app.label, app.path) for app in apps.local] == [
            ("shop.orders", "shop_orders", "shop/orders")
        ]
        assert apps.third_party == ("allauth.apps.AllauthConfig",)
        assert apps.has("shop.orders") and apps.has("allauth") and not apps.has("shop")
        assert list(apps.where) == [entry, "allauth.apps.AllauthConfig"]

    def test_an_app_config_outside_apps_py(self) -> None:
        files = plain(settings='INSTALLED_APPS = ["shop.orders.config.OrdersConfig"]\n')
        files["shop/orders/config.py"] = 'class OrdersConfig(AppConfig):\n    name = "shop.orders"\n'
        assert [app.name for app in found(files).apps.local] == ["shop.orders"]

    @pytest.mark.parametrize(
        "path",
        [
            'sys.path.append(str(Path(__file__).resolve().parent / "shop"))',
            'sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "shop"))',
            'HERE = Path(__file__).parent.resolve()\nsys.path.append(str(HERE.joinpath("shop")))',
        ],
    )
    def test_short_names_through_sys_path(self, path: str) -> None:
        script = f"import os, sys\nfrom pathlib import Path\n{path}\n{manage()}"
        project = found(plain(manage=script, settings='INSTALLED_APPS = ["orders"]\n'))
        assert project.python_roots == ("", "shop")
        assert [(app.name, app.path) for app in project.apps.local] == [("orders", "shop/orders")]

    def test_sys_path_in_settings(self) -> None:
        text = (
            "import environ, sys\nROOT = environ.Path(__file__) - 2\n"
            'sys.path.append(str(ROOT("shop")))\nINSTALLED_APPS = ["orders"]\n'
        )
        assert [app.path for app in found(plain(settings=text)).apps.local] == ["shop/orders"]

    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            ("def root(*parts):\n    return os.path.join(HERE, *parts)\n", ["shop/orders"]),
            ('def root(*parts):\n    """Below."""\n    return os.path.join(HERE, *parts)\n', ["shop/orders"]),
            ("root = lambda *parts: os.path.join(HERE, *parts)\n", ["shop/orders"]),
            ("def root(name, home=None):\n    return os.path.join(HERE, name)\n", ["shop/orders"]),
            ("def root(*parts):\n    return root(*parts)\n", []),
            ("def root(*parts):\n    parts = ()\n    return os.path.join(HERE, *parts)\n", []),
            ("@cache\ndef root(*parts):\n    return os.path.join(HERE, *parts)\n", []),
        ],
    )
    def test_a_function_for_paths(self, function: str, expected: list[str]) -> None:
        text = (
            "import os, sys\nHERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
            f'{function}sys.path.insert(0, root("shop"))\nINSTALLED_APPS = ["orders"]\n'
        )
        assert [app.path for app in found(plain(settings=text)).apps.local] == expected

    def test_a_path_outside_the_project_is_no_root(self) -> None:
        script = f"import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), '..', 'lib'))\n{manage()}"
        assert found(plain(manage=script)).python_roots == ("",)

    def test_apps_without_init(self) -> None:
        files = plain(settings='INSTALLED_APPS = ["shop.stock"]\n') | {"shop/stock/models.py": ""}
        assert [app.path for app in found(files).apps.local] == ["shop/stock"]

    def test_src_layout_with_manage_at_the_root(self) -> None:
        files = {f"src/{path}" if path != "manage.py" else path: text for path, text in plain().items()}
        project = found(files)
        assert project.settings.base.module == "shop.settings"
        assert (project.name, project.package) == ("shop", "src/shop")
        assert project.python_roots == ("", "src")
