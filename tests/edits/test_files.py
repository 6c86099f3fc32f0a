from __future__ import annotations

import pytest

from djroadmap.edits.files import WholeFile, digest_of
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws

EDIT = WholeFile(path=".importlinter", content="[importlinter]\nroot_package = a\n")


@pytest.mark.parametrize(
    "edit",
    [
        EDIT,
        WholeFile(path="run.sh", content="#!/bin/sh\n", executable=True),
        WholeFile(path="lazy.txt", content=lambda: "rendered\n"),
        WholeFile(path="empty/__init__.py", content=""),
        WholeFile(path="latin.txt", content="é\ud800"),
    ],
    ids=lambda edit: edit.path,
)
def test_laws(edit):
    assert_laws(edit, None)


def test_the_record_holds_a_digest_and_no_content():
    record = EDIT.bind(None).record()
    assert record == {"kind": "file", "path": ".importlinter", "digest": digest_of(EDIT.content)}
    assert WholeFile(path="x", content="", executable=True).record() == {
        "kind": "file",
        "path": "x",
        "executable": True,
    }


def test_the_content_is_rendered_only_when_asked():
    def fail():
        raise AssertionError

    edit = WholeFile(path="x", content=fail)
    assert edit.describe() == "x"
    assert not edit.holds(None)
    assert edit.kept("anything")


@pytest.mark.parametrize("text", ["[importlinter]\n", "", "[importlinter]\nroot_package = a"])
def test_another_file_in_the_way_is_refused(text):
    with pytest.raises(Unrecognised) as error:
        EDIT.apply(text)
    assert str(error.value) == ".importlinter: exists already with other content"
    assert error.value.problems[0].snippet == EDIT.content
    assert not EDIT.holds(text)
    assert EDIT.kept(text)


def test_the_same_file_is_left_even_with_other_line_ends():
    converted = EDIT.content.replace("\n", "\r\n")
    assert EDIT.holds(converted)
    assert EDIT.apply(converted) == converted
    assert EDIT.bind(converted).revert(converted) is None


def test_an_edited_file_is_kept():
    recorded = WholeFile.from_record(EDIT.bind(None).record())
    edited = EDIT.content + "# mine\n"
    assert recorded.kept(edited)
    assert not recorded.holds(edited)
    with pytest.raises(CannotRevert, match="edited since djroadmap wrote it, so it is kept"):
        recorded.revert(edited)
    assert recorded.revert(None) is None
    assert not recorded.kept(None)


def test_a_recorded_file_cannot_be_written_again():
    recorded = WholeFile.from_record(EDIT.bind(None).record())
    assert recorded.apply(EDIT.content) == EDIT.content
    with pytest.raises(Unrecognised, match="what stood in it is not recorded"):
        recorded.apply(None)
