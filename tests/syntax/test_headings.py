from __future__ import annotations

import ast

import pytest

from djroadmap.syntax.headings import sections


def found(*rows: str):
    text = "\n".join(["APPS = [", *(f"    {row}" if row else "" for row in rows), "]"])
    literal = ast.parse(text).body[0].value
    return [(section.group, section.first, section.stop) for section in sections(text, literal)]


@pytest.mark.parametrize(
    ("heading", "group"),
    [
        ("# Third-party apps", "third-party"),
        ("# 3rd party", "third-party"),
        ("# third party django apps", "third-party"),
        ("## --- Vendor --- ##", "third-party"),
        ("# External libs", "third-party"),
        ("# Local", "local"),
        ("# our apps", "local"),
        ("# project apps:", "local"),
        ("# Apps", "local"),
        ("# Django", "django"),
        ("# Default apps", "django"),
    ],
)
def test_heading_names_a_group(heading, group):
    assert found(heading, '"a",', '"b",') == [(group, 0, 2)]


@pytest.mark.parametrize(
    "comment",
    [
        "# must come before the admin of Django, see #123",
        '# "local.debug",',
        "# 'third_party_thing',",
        "# (project)",
        "#",
        "# ----------",
        "# Overrides runserver",
    ],
)
def test_comment_on_an_element_heads_nothing(comment):
    assert found('"a",', comment, '"b",') == []


def test_sections_follow_each_other():
    rows = ('"x",', "# Django", '"a",', '"b",', "# Third party", '"c",', "", "# Local", '"d",')
    assert found(*rows) == [("django", 1, 3), ("third-party", 3, 4), ("local", 4, 5)]


def test_unknown_heading_behind_a_blank_line_ends_a_section():
    assert found("# Third party", '"a",', "", "# Wagtail", '"b",') == [("third-party", 0, 1), ("", 1, 2)]
    assert found("# Third party", '"a",', "# Wagtail", '"b",') == [("third-party", 0, 2)]


def test_comment_at_the_end_of_a_line_is_no_heading():
    assert found('"a",  # third party', '"b",') == []


def test_lines_inside_an_element_are_not_looked_at():
    assert found('("a"', "# local", '"b"),', '"c",') == []
