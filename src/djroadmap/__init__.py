"""djroadmap: retrofit what a Django project's roadmap still promises."""

__version__ = "0.1.0"

API_VERSION = 1
"""What features of others are written for: see docs/plugins.md."""
