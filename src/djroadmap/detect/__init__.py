"""From a tree of files to the facts of a Django project, without importing or running any of it."""

from .project import detect

__all__ = ["detect"]
