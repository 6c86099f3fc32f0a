"""What the documents say is what the catalogue, the options and the package are."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from djroadmap import API_VERSION, __version__
from djroadmap.catalog import Catalog, load
from djroadmap.model.feature import GROUPS, specs_of
from djroadmap.plugins import fault
from djroadmap.templating import templates_folder
from djroadmap.testing import SAMPLES, FeatureLaws, sample
from djroadmap.versions import charts, image, pins, terraform_modules, tool

SHARED = ("ci",)
"""Folders of templates that features share."""

ROOT = Path(__file__).resolve().parent.parent
FEATURES = load().public()


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.id)
def test_every_feature_is_documented(feature) -> None:
    page = ROOT / "docs" / "features" / f"{feature.id}.md"
    text = page.read_text()
    assert f"djroadmap add {feature.id}" in text
    assert all(spec.flag in text for spec in specs_of(feature.options))
    assert f"docs/features/{feature.id}.md" in (ROOT / "README.md").read_text()
    assert f"`{feature.id}`" in (ROOT / "CHANGELOG.md").read_text()
    assert feature.group in GROUPS
    assert feature.docs.startswith("https://")
    assert feature.summary.endswith(".")


def test_no_page_and_no_template_is_left_over() -> None:
    known = {feature.id for feature in load().features.values()}
    assert {path.stem for path in (ROOT / "docs" / "features").glob("*.md")} <= known
    assert {path.name for path in templates_folder().iterdir()} <= {*known, *SHARED}


def test_every_dependency_is_justified() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {line.split(">")[0].split("<")[0].strip() for line in declared}
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert all(f"| {name} |" in text for name in names)
    assert "pydantic" not in {name.lower() for name in names}


def test_every_pin_is_exact_and_has_a_link() -> None:
    assert pins()
    for pin in pins().values():
        assert pin.requirement == f"{pin.name}=={pin.version}"
        assert pin.link.startswith("https://")


def test_images_are_pinned_to_a_release() -> None:
    assert re.fullmatch(r"tufin/oasdiff:v\d+\.\d+\.\d+", image("tufin/oasdiff"))
    with pytest.raises(KeyError):
        image("nobody/nothing")


def test_modules_and_tools_of_terraform_are_pinned_to_a_release() -> None:
    versions = [*terraform_modules().values(), tool("terraform"), tool("terragrunt")]
    assert set(charts()) == {"aws-load-balancer-controller", "external-secrets", "metrics-server"}
    versions += [chart.version for chart in charts().values()]
    assert {"vpc", "rds", "elasticache", "s3-bucket", "ecr", "ecs", "eks"} <= set(terraform_modules())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    with pytest.raises(OSError, match="nobody"):
        tool("nobody")


def test_what_authors_of_plugins_are_told() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    assert f"`djroadmap.API_VERSION` is {API_VERSION}." in text
    laws = {name for name in vars(FeatureLaws) if name.startswith("test_")}
    assert set(re.findall(r"(?m)^\| `(test_\w+)` \|", text)) == laws
    assert all(f"`{name}`" in text for name in SAMPLES)
    example = next(
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "FEATURE" in block
    )
    told: dict[str, Any] = {}
    exec(example, told)
    assert fault(told["FEATURE"]) == ""
    project = sample("startproject", catalog=Catalog.of([told["FEATURE"]]))
    project.add("humans-txt")
    assert project.files["humans.txt"].startswith(b"/* TEAM */")
    for module in set(re.findall(r"`(djroadmap\.planning\.\w+)", text)):
        import_module(module)


@pytest.mark.e2e
def test_the_wheel_holds_everything(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    assert __version__ in wheel.name
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in templates_folder().rglob("*"):
        if path.is_file():
            assert f"djroadmap/templates/{path.relative_to(templates_folder()).as_posix()}" in inside
    assert {
        "djroadmap/py.typed",
        "djroadmap/versions/requirements.txt",
        "djroadmap/versions/Dockerfile",
        "djroadmap/versions/Chart.yaml",
        "djroadmap/versions/modules.tf",
        "djroadmap/versions/.terraform-version",
        "djroadmap/versions/.terragrunt-version",
    } <= inside
    assert not any(name.startswith(("tests/", "fixtures/")) for name in inside)
