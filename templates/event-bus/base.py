from __future__ import annotations


class DomainEvent:
    """The base class of all domain events: facts, named in the past tense."""
