"""The architecture of this project: which app may know which.

What breaks a rule today is listed in `known_violations.txt`, so only new ones fail.
To add a rule about one app, give it a line in `MAY_IMPORT`. For any other, add a
function that finds its violations, a line in `RULES` and a test.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from unittest import SkipTest

from django.test import SimpleTestCase

from .imports import app_of
from .imports import circle
from .imports import contracts
from .imports import folders_without_init
from .imports import imports
from .imports import known
from .imports import label
from .imports import own_apps
from .imports import placed
from .imports import strings

if TYPE_CHECKING:
    from collections.abc import Callable

BUS = "domain_events"
# Apps that every other may know, their models included.
SHARED = {"common", "core", "lib", "shared", "utils"}
# Of the apps of this project, those that an app may import, by the last part of their
# names: `"billing": SHARED | {BUS, "users"}`. One that stands not here may import all.
MAY_IMPORT: dict[str, set[str]] = {
    BUS: SHARED,
    **dict.fromkeys(SHARED, SHARED | {BUS}),
}


def in_circles() -> set[str]:
    """Imports through which apps import each other in a circle."""
    listed = known().get("circles", set())
    rest = [one for one in imports() if str(one) not in listed]
    needed = {str(one) for one in imports() if str(one) in listed and circle([*rest, one])}
    return needed | {str(one) for one in circle(rest)}


def not_allowed() -> set[str]:
    """Imports by an app of `MAY_IMPORT` of what does not stand there."""
    return {
        str(one)
        for one in imports()
        if label(one.other) not in MAY_IMPORT.get(label(one.app), {label(one.other)})
    }


def of_models() -> set[str]:
    """Imports of another app's models: use a service, an event or a foreign key."""
    return {
        str(one)
        for one in imports()
        if f"{one.imported}.".startswith(f"{one.other}.models.")
        and label(one.other) not in SHARED
    }


def through_strings() -> set[str]:
    """Imports of another app that no linter sees: `import_module("shop.models")`."""
    free = SHARED | {BUS}
    return {str(one) for one in strings() if label(one.other) not in free}


def not_placed() -> set[str]:
    """Apps that no contract of import-linter names, so that none protects them."""
    names = contracts()
    if names is None:
        return known().get("contracts", set())
    parents = {app_of(app.rpartition(".")[0]) for app in own_apps()}
    apps = {app for app in own_apps() if label(app) != BUS and app not in parents}
    return {app for app in apps if not placed(app, names)}


RULES: dict[str, Callable[[], set[str]]] = {
    "circles": in_circles,
    "allowed": not_allowed,
    "models": of_models,
    "strings": through_strings,
    "packages": lambda: set(folders_without_init()),
    "contracts": not_placed,
}


@cache
def found(rule: str) -> set[str]:
    """Everything that breaks a rule, known or not."""
    return RULES[rule]()


def check(rule: str, advice: str) -> None:
    """Fail for what breaks a rule and is not known."""
    new = sorted(found(rule) - known().get(rule, set()))
    assert not new, "\n    ".join([advice, *new])


class ArchitectureTests(SimpleTestCase):
    def test_apps_do_not_import_each_other_in_a_circle(self) -> None:
        check("circles", "these apps import each other; publish an event one way:")

    def test_apps_import_only_what_they_may(self) -> None:
        check("allowed", "MAY_IMPORT says that this app does not import that one:")

    def test_models_of_another_app_are_not_imported(self) -> None:
        check("models", "models belong to their app; call its services or get_model:")

    def test_apps_are_not_imported_through_strings(self) -> None:
        check("strings", "no rule sees imports through strings; write an import:")

    def test_folders_with_python_are_packages(self) -> None:
        check("packages", "no rule sees these folders; give them an __init__.py:")

    def test_every_app_is_in_a_contract(self) -> None:
        if contracts() is None:
            msg = "import-linter is not set up here"
            raise SkipTest(msg)
        check("contracts", "name these apps in a contract of import-linter:")

    def test_known_violations_are_still_there(self) -> None:
        """The list only gets shorter: what was mended goes, and stays mended."""
        for rule, listed in known().items():
            gone = sorted(listed - found(rule))
            advice = f"mended, so delete it from [{rule}] in known_violations.txt:"
            with self.subTest(rule=rule):
                assert not gone, "\n    ".join([advice, *gone])
