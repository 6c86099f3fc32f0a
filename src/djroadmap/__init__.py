"""djroadmap: retrofit what a Django project's roadmap still promises."""

__version__ = "0.1.0"
