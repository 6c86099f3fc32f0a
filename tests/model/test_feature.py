from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass

from djroadmap.model.feature import NoOptions, specs_of


def test_no_options_are_a_dataclass_without_fields() -> None:
    assert is_dataclass(NoOptions)
    assert fields(NoOptions) == ()
    assert asdict(NoOptions()) == {}
    assert specs_of(NoOptions) == ()


def test_no_options_are_all_the_same() -> None:
    assert NoOptions() == NoOptions()
    assert NoOptions() != ()
    assert NoOptions()
    assert len({NoOptions(), NoOptions()}) == 1
    assert repr(NoOptions()) == "NoOptions()"
