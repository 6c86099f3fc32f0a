"""A GraphQL API that the project has already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.project import Project

VIEW = regex(r"\bGraphQLView\b|\bAsyncGraphQLView\b|\bgraphql_view\b")
MOUNTING = ("urls.py", "asgi.py", "routing.py")


def mounted(project: Project) -> str:
    """Where a view of GraphQL is mounted: `a GraphQL view in shop/urls.py`; or nothing."""
    for path in project.tree.files():
        if not path.endswith(MOUNTING):
            continue
        try:
            text = project.tree.read(path) or ""
        except Refused:
            continue
        if VIEW.search(text):
            return f"a GraphQL view in {path}"
    return ""
