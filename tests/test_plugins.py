"""Plugins: what is wrong with one is said, with the distribution and the entry point, and costs only its features."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djroadmap import API_VERSION, __version__, plugins
from djroadmap.catalog import load
from djroadmap.cli.flags import Flags
from djroadmap.errors import PluginFailed, UsageError
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.memory import MemoryTree
from djroadmap.planning.dependencies import dependency, dev_dependency
from djroadmap.versions import Pin
from tests.cli.conftest import flat
from tests.cli_runner import Cli
from tests.features.small import SMALL, detect

if TYPE_CHECKING:
    from collections.abc import Callable

    Install = Callable[..., None]

__all__ = ["flat"]

GOOD = """\
from typing import Annotated, NamedTuple

from djroadmap.edits import InstalledApp
from djroadmap.model.feature import Feature, Option
from djroadmap.model.plan import Plan


def plan(project, options):
    return Plan((InstalledApp(path=project.settings.base.path, app="acme"),))


GIVEN = dict(
    id="acme", title="Acme", summary="Acme's.", group="API", version=1, docs="", plan=plan, api=1
)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a distribution on sys.path, for this process and for others, whose module ends with these lines."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))

    def make(
        last: str = "FEATURE = Feature(**GIVEN)", *, name: str = "acme", entries: str | None = None
    ) -> None:
        module = name.replace("-", "_")
        info = site / f"{module}-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (site / f"{module}.py").write_text(f"{GOOD}{last}\n")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        lines = f"acme = {module}:FEATURE" if entries is None else entries
        (info / "entry_points.txt").write_text(f"[djroadmap.features]\n{lines}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        sys.modules.pop(module, None)

    yield make
    for path in site.glob("*.py"):
        sys.modules.pop(path.stem, None)


def shipped() -> set[str]:
    return {path.parent.name for path in (Path(plugins.__file__).parent / "features").glob("*/__init__.py")}


def test_a_plugin_is_a_feature_like_the_others(install: Install) -> None:
    install()
    catalog = load()
    assert catalog.broken == ()
    assert catalog.get("acme").title == "Acme"
    assert len(catalog.features) == len(shipped()) + 1


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("import nothing_of_that_name", "it cannot be imported: ModuleNotFoundError: No module named"),
        ("raise ValueError", "it cannot be imported: ValueError"),
        ("raise SystemExit(3)", "it cannot be imported: SystemExit: 3"),
        ("def (", "it cannot be imported: SyntaxError"),
        ("", "it cannot be imported: AttributeError"),
        ("FEATURE = Feature(**GIVEN, colour=1)", "it cannot be imported: TypeError"),
        ("FEATURE = plan", "of type function, not a djroadmap.model.feature.Feature"),
        (
            "FEATURE = Feature(**{**GIVEN, 'api': 0})",
            "does not say which API it is written for: Feature(..., api=",
        ),
        ("FEATURE = Feature(**{**GIVEN, 'api': '1'})", "does not say which API"),
        (
            "FEATURE = Feature(**{**GIVEN, 'api': 99})",
            f"is written for API 99, and djroadmap {__version__} has API",
        ),
        (
            "FEATURE = Feature(**{**GIVEN, 'id': 'other'})",
            "its id is 'other', and its entry point has another name",
        ),
        ("FEATURE = Feature(**{**GIVEN, 'id': 'Acme s'})", "its id 'Acme s' is not of small letters"),
        ("FEATURE = Feature(**{**GIVEN, 'title': None})", "its title is not a text"),
        (
            "FEATURE = Feature(**{**GIVEN, 'group': 'Mine'})",
            "its group 'Mine' is unknown; there are: Module bound",
        ),
        ("FEATURE = Feature(**{**GIVEN, 'version': '1'})", "its version '1' is not a whole number"),
        ("FEATURE = Feature(**{**GIVEN, 'plan': None})", "its plan is not a function"),
        ("FEATURE = Feature(**GIVEN, guard='no')", "its guard is not a function"),
        ("FEATURE = Feature(**GIVEN, links=['x'])", "its links are not a mapping of titles to addresses"),
        ("FEATURE = Feature(**GIVEN, requires='waffle')", "its requires is not a tuple of ids"),
        (
            "FEATURE = Feature(**GIVEN, requires=('nobody',))",
            "it names the feature 'nobody', which is not there",
        ),
        ("FEATURE = Feature(**GIVEN, requires=('acme',))", "it needs itself"),
        ("FEATURE = Feature(**GIVEN, options=dict)", "its options are not a named tuple"),
        (
            "class Options(NamedTuple):\n    yes: Annotated[bool, Option('Yes.')] = True\n\n\n"
            "FEATURE = Feature(**GIVEN, options=Options)",
            "its option 'yes' is one that `add` has for every feature",
        ),
        (
            "class Options(NamedTuple):\n    at: Annotated[bytes, Option('Where.')]\n\n\n"
            "FEATURE = Feature(**GIVEN, options=Options)",
            "its option 'at' is not of str, int, float, bool",
        ),
        (
            "class Options(NamedTuple):\n    at: Annotated[int, Option('Where.', ('1', '2'))] = 1\n\n\n"
            "FEATURE = Feature(**GIVEN, options=Options)",
            "its option 'at' has choices, and is not of str",
        ),
        (
            "class Options(NamedTuple):\n    at: int = 1\n\n\nFEATURE = Feature(**GIVEN, options=Options)",
            "Options.at has no Annotated",
        ),
        (
            "FEATURE = Feature(**GIVEN, requires_for={'at': {'x': ('waffle',)}})",
            "needs others by the option 'at'",
        ),
        ("FEATURE = Feature(**GIVEN, requires_for=('waffle',))", "requires_for is not a mapping"),
    ],
)
def test_what_is_wrong_is_said(install: Install, last: str, why: str) -> None:
    install(last)
    catalog = load()
    [broken] = catalog.broken
    assert broken.source == "the plugin acme 1.2 (entry point acme = acme:FEATURE)"
    assert why in broken.why
    assert "\n" not in str(broken)
    assert broken.hint
    assert "acme" not in catalog.features
    assert len(catalog.features) == len(shipped())
    with pytest.raises(UsageError, match=r"the plugin acme 1\.2"):
        catalog.get("acme")


def test_a_newer_api_needs_a_newer_djroadmap(install: Install) -> None:
    install("FEATURE = Feature(**{**GIVEN, 'api': 99})")
    assert load().broken[0].hint == "upgrade djroadmap"


def test_an_error_that_may_come_from_another_djroadmap_names_the_api(install: Install) -> None:
    install("from djroadmap.model.feature import Recipe")
    assert f"has API {API_VERSION}" in load().broken[0].hint
    install("import nothing_of_that_name")
    assert load().broken[0].hint == plugins.UPGRADE


def test_an_id_of_our_own_is_not_given_away(install: Install) -> None:
    install("FEATURE = Feature(**{**GIVEN, 'id': 'waffle'})", entries="waffle = acme:FEATURE")
    catalog = load()
    assert [one.why for one in catalog.broken] == ["djroadmap itself has a feature 'waffle'"]
    assert catalog.get("waffle").title != "Acme"


def test_two_plugins_of_one_id_are_both_left_out(install: Install) -> None:
    install()
    install(name="other-acme")
    catalog = load()
    assert "acme" not in catalog.features
    assert len(catalog.broken) == 2
    assert (
        "the plugin other-acme 1.2 (entry point acme = other_acme:FEATURE) is a feature"
        in catalog.broken[0].why
    )


def test_what_needs_a_broken_one_is_left_out_as_well(install: Install) -> None:
    install(
        "FEATURE = Feature(**{**GIVEN, 'group': 'Mine'})\n"
        "NEEDS = Feature(**{**GIVEN, 'id': 'needs', 'requires': ('acme',)})\n"
        "FREE = Feature(**{**GIVEN, 'id': 'free', 'requires': ('waffle',)})",
        entries="acme = acme:FEATURE\nneeds = acme:NEEDS\nfree = acme:FREE",
    )
    catalog = load()
    assert {one.name for one in catalog.broken} == {"acme", "needs"}
    assert catalog.get("free").requires == ("waffle",)


def test_plugins_that_need_each_other_in_a_circle_are_left_out(install: Install) -> None:
    install(
        "FEATURE = Feature(**GIVEN, requires=('needs',))\n"
        "NEEDS = Feature(**{**GIVEN, 'id': 'needs', 'requires': ('acme',)})",
        entries="acme = acme:FEATURE\nneeds = acme:NEEDS",
    )
    assert [one.why for one in load().broken] == ["it needs itself, by way of others"] * 2


def test_metadata_that_cannot_be_read_is_no_traceback(install: Install, tmp_path: Path) -> None:
    install()
    (tmp_path / "site" / "acme-1.2.dist-info" / "entry_points.txt").write_bytes(
        b"[djroadmap.features]\n\xff = x:Y\n"
    )
    catalog = load()
    assert [str(one) for one in catalog.broken] == [
        "every plugin is left out: their metadata cannot be read: UnicodeDecodeError: 'utf-8' codec can't decode byte "
        "0xff in position 21: invalid start byte"
    ]
    assert len(catalog.features) == len(shipped())


@pytest.mark.parametrize(
    ("last", "what"),
    [
        ("def plan(project, options):\n    raise KeyError('x')", "failed in plan: KeyError: 'x'"),
        ("def plan(project, options):\n    pass", "plan gave NoneType, not Plan"),
        (
            "class Own:\n    kind = 'own'\n\n\ndef plan(project, options):\n    return Plan((Own(),))",
            "plan has an edit of kind 'own', and a record knows no such kind",
        ),
    ],
)
def test_what_a_plan_must_not_do_is_the_plugins_bug(install: Install, last: str, what: str) -> None:
    install(f"{last}\n\n\nFEATURE = Feature(**{{**GIVEN, 'plan': plan}})")
    project = detect(MemoryTree(SMALL), root="/tmp/project")
    with pytest.raises(PluginFailed, match=r"the plugin acme 1\.2") as caught:
        load().get("acme").plan(project, None)
    assert what in caught.value.message


DEFAULT = """\
class Options(NamedTuple):
    size: Annotated[int, Option("How big.", default_from=default)] = 1
    names: Annotated[tuple[str, ...], Option("Which.")] = ("a",)


def options_are(project, options):
    assert isinstance(options, Options), options
    assert options._asdict() == {"size": 7, "names": ("a",)}, options
    return plan(project, options)


FEATURE = Feature(**{**GIVEN, "options": Options, "plan": options_are})"""


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("raise KeyError('x')", "failed in default_from of the option 'size': KeyError: 'x'"),
        ("raise SystemExit(0)", "failed in default_from of the option 'size': SystemExit: 0"),
        ("return 'big'", "failed: default_from of the option 'size' gave str, not int"),
    ],
)
def test_a_default_that_fails_is_the_plugins_bug(install: Install, flat: Cli, body: str, what: str) -> None:
    install(f"def default(project):\n    {body}\n\n\n{DEFAULT}")
    ran = flat("add", "acme", "--yes", code=4)
    assert f"the plugin acme 1.2 (entry point acme = acme:FEATURE) {what}" in ran.err
    assert "a bug in djroadmap" not in ran.err
    assert flat("status", "waffle", "--json").json["features"][0]["state"] == "available"


def test_a_default_that_is_right_is_taken(install: Install, flat: Cli) -> None:
    install(f"def default(project):\n    print('hello')\n    return 7\n\n\n{DEFAULT}")
    assert flat("add", "acme", "--yes", "--json").json["result"] == "changed"
    assert flat("status", "acme", "--json").json["features"][0]["options"] == {"size": 7, "names": ["a"]}


@pytest.mark.parametrize(
    ("function", "call", "what"),
    [
        ("plan", "Plan([])", "the edits of plan are not a tuple of edits"),
        ("plan", "Plan(commands=('pip install',))", "the commands of plan are not a tuple of Command"),
        ("plan", "Plan(todos=None)", "the todos of plan are not a tuple of Todo"),
        ("checks", "('manage.py check',)", "checks gave something that is no Command"),
        ("farewell", "[None]", "farewell gave something that is no Command"),
        ("guard", "('in use',)", "guard gave something that is no Problem"),
    ],
)
def test_what_a_function_must_not_give_is_the_plugins_bug(
    install: Install, function: str, call: str, what: str
) -> None:
    install(f"FEATURE = Feature(**{{**GIVEN, '{function}': lambda *_: {call}}})")
    project = detect(MemoryTree(SMALL), root="/tmp/project")
    arguments = (project,) if function == "guard" else (project, None)
    with pytest.raises(PluginFailed, match=r"the plugin acme 1\.2") as caught:
        getattr(load().get("acme"), function)(*arguments)
    assert what in caught.value.message


def test_a_template_that_is_missing_is_the_plugins_bug(install: Install, flat: Cli) -> None:
    install(
        "from pathlib import Path\n\nfrom djroadmap.planning.files import new_file\n\n\n"
        "def plan(project, options):\n    return new_file('a.txt', 'acme', 'a.txt', folder=Path('/nowhere'))\n\n\n"
        "FEATURE = Feature(**{**GIVEN, 'plan': plan})"
    )
    ran = flat("add", "acme", "--yes", code=4)
    assert (
        "the plugin acme 1.2 (entry point acme = acme:FEATURE) failed in a template: TemplateNotFound"
        in ran.err
    )
    assert "a bug in djroadmap" not in ran.err


def test_reserved_names_are_those_of_our_flags() -> None:
    assert {field.name for field in fields(Flags)} <= set(plugins.RESERVED)


def test_a_plugin_has_pins_of_its_own() -> None:
    project = detect(MemoryTree({**SMALL, "requirements.txt": "django==5.2\n"}), root="/tmp/project")
    for plan in (dependency, dev_dependency):
        [edit] = plan(project, Pin("acme", "1.2", "https://example.com")).edits
        assert "acme==1.2" in (edit.apply("django==5.2\n") or "")


def test_a_broken_plugin_is_a_warning_and_no_more(install: Install, flat: Cli) -> None:
    install("print('hello')\nimport nothing_of_that_name")
    for arguments in (("status",), ("status", "--json"), ("list", "--json"), ("info", "waffle"), ("check",)):
        ran = flat(*arguments)
        assert ran.err.count("the plugin acme 1.2 (entry point acme = acme:FEATURE) is left out") == 1
        assert "nothing_of_that_name" in ran.err
        assert "Traceback" not in ran.err
        if "--json" in arguments:
            assert any(one["id"] == "waffle" for one in ran.json["features"])
    added = flat("add", "waffle", "--yes", "--json")
    assert added.json["result"] == "changed"
    assert "is left out" in added.err
    flat("remove", "waffle", "--yes")
    for arguments in (("info", "acme"), ("add", "acme", "--yes"), ("add", "acme", "--color", "red")):
        named = flat(*arguments, code=2)
        assert "there is no feature 'acme', since the plugin acme 1.2" in named.err
    assert "acme" not in flat("add", "--help").out


def test_a_feature_whose_plugin_breaks_can_still_be_removed(install: Install, flat: Cli) -> None:
    install()
    before = (flat.project / "mysite" / "settings.py").read_bytes()
    flat("add", "acme", "--yes")
    install("import nothing_of_that_name")
    assert "acme was added here, but is not known to this djroadmap" in flat("status").err
    checked = flat("check", code=3).err
    assert (
        ".djroadmap.toml: acme was added here, but there is no feature 'acme', since the plugin acme"
        in checked
    )
    assert "djroadmap remove acme" in checked
    flat("remove", "acme", "--yes")
    assert (flat.project / "mysite" / "settings.py").read_bytes() == before
    assert not (flat.project / MANIFEST).exists()


def test_a_plugin_that_fails_at_work_does_not_end_status(install: Install, flat: Cli) -> None:
    install(
        "def supports(project):\n    raise KeyError('x')\n\n\nFEATURE = Feature(**GIVEN, supports=supports)"
    )
    found = {one["id"]: one for one in flat("status", "--json").json["features"]}
    assert found["acme"]["state"] == "unavailable"
    assert "failed in supports: KeyError: 'x'" in found["acme"]["reason"]
    assert found["waffle"]["state"] == "available"
    ran = flat("add", "acme", "--yes", code=4)
    assert "the plugin acme 1.2 (entry point acme = acme:FEATURE) failed in supports" in ran.err
    assert "a bug in djroadmap" not in ran.err


def test_an_installed_feature_that_cannot_be_asked_is_not_said_to_be_whole(
    install: Install, flat: Cli
) -> None:
    install()
    flat("add", "acme", "--yes")
    flat("check")
    install(
        "def growth(project, options):\n    raise KeyError('x')\n\n\nFEATURE = Feature(**GIVEN, growth=growth)"
    )
    [found] = [one for one in flat("status", "--json").json["features"] if one["id"] == "acme"]
    assert found["state"] == "partial"
    assert "acme" in flat("check", code=1).err
