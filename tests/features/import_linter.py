"""Projects for the tests of import-linter, made of facts and texts, and the real lint-imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djroadmap.model.memory import MemoryTree
from djroadmap.model.project import (
    App,
    Apps,
    Dependencies,
    Docker,
    Project,
    PythonStyle,
    Settings,
    SettingsModule,
    Tests,
    Urlconf,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Files = dict[str, str]

SHOP: Files = {
    "manage.py": "",
    "config/__init__.py": "",
    "config/settings/__init__.py": "",
    "config/settings/base.py": "",
    "config/urls.py": "from shop.orders import urls\n",
    "shop/__init__.py": "",
    "shop/conftest.py": "from shop.users.models import User\n",
    "shop/core/__init__.py": "",
    "shop/core/models.py": "from django.db import models\n",
    "shop/users/__init__.py": "",
    "shop/users/models.py": "from shop.core.models import Base\n",
    "shop/users/admin.py": "from shop.users.models import User\n",
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": "from django.db import models\n",
    "shop/orders/views.py": "from shop.orders.models import Order\n",
    "shop/orders/urls.py": "from shop.orders import views\n",
}
"""Like cookiecutter: apps in a package of their own, which is on the path as well. It breaks no rule."""
SHOP_APPS = ("shop.core", "shop.orders", "shop.users")

PLAIN: Files = {
    "manage.py": "",
    "mysite/__init__.py": "",
    "mysite/settings.py": "",
    "mysite/urls.py": "from blog import views\n",
    "blog/__init__.py": "",
    "blog/admin.py": "from blog.models import Post\n",
    "blog/models.py": "",
    "blog/views.py": "from blog.models import Post\n",
}
"""Like startproject: apps are top-level packages. It breaks no rule."""


def project(files: Mapping[str, str | bytes], *apps: str | tuple[str, str], **facts: Any) -> Project:
    """A project of these files; an app is a dotted name, or that and its folder.

    The settings are `config.settings.base` or `mysite.settings`, whichever `files` has, below `facts["base"]`.
    """
    base = facts.get("base", "")
    package = next(name for name in ("config", "mysite") if any(f"/{name}/" in f"/{path}" for path in files))
    top = next(path for path in files if f"/{package}/" in f"/{path}").partition(f"{package}/")[0] + package
    module = f"{package}.settings.base" if package == "config" else f"{package}.settings"
    path = top + module.removeprefix(package).replace(".", "/") + ".py"
    values: dict[str, Any] = {
        "tree": MemoryTree(files),
        "root": "project",
        "name": "shop",
        "package": "shop",
        "layout": "other",
        "template": None,
        "manage": f"{base}/manage.py" if base else "manage.py",
        "base": base,
        "settings": Settings(
            entry=module, modules=(SettingsModule(module=module, path=path, environment="base"),)
        ),
        "apps": Apps(local=tuple(_app(app, base) for app in apps)),
        "urlconf": Urlconf(module=f"{package}.urls", path=f"{top}/urls.py"),
        "dependencies": Dependencies(style="none", manager="pip"),
        "docker": Docker(),
        "style": PythonStyle(),
        "tests": Tests(runner="django"),
    }
    return Project(**values | facts)


def shop(files: Mapping[str, str | bytes] | None = None, **facts: Any) -> Project:
    """`SHOP` with these files besides (or instead)."""
    return project({**SHOP, **(files or {})}, *SHOP_APPS, **{"python_roots": ("", "shop"), **facts})


def plain(files: Mapping[str, str | bytes] | None = None, **facts: Any) -> Project:
    """`PLAIN` with these files besides (or instead)."""
    return project({**PLAIN, **(files or {})}, "blog", **{"name": "mysite", "package": "mysite", **facts})


def _app(app: str | tuple[str, str], base: str) -> App:
    name, path = (app, "/".join(filter(None, (base, app.replace(".", "/"))))) if isinstance(app, str) else app
    return App(name=name, label=name.rpartition(".")[2], path=path)


def write(files: Mapping[str, str | bytes], root: Path) -> None:
    """Put the files on the disk."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def lint(folder: Path) -> tuple[int, str]:
    """The exit code and the output of the real lint-imports, run in `folder`."""
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr
