"""What is special about this feature."""

import pytest

from djroadmap.testing import sample


@pytest.mark.parametrize(
    ("way", "line", "absent"),
    [
        ("robots-txt", '"GPTBot"', None),
        ("robots-txt --crawlers all", '"Disallow:"', "GPTBot"),
        ("robots-txt --crawlers none", '"Disallow: /"', "GPTBot"),
    ],
)
def test_who_may_read_is_chosen(way, line, absent):
    project = sample("startproject")
    project.add(way)
    text = project.files["mysite/robots.py"].decode()
    assert line in text
    assert absent is None or absent not in text
    assert b"path('robots.txt', robots_txt, name='robots-txt')" in project.files["mysite/urls.py"]


def test_a_robots_txt_of_ones_own_is_left_alone():
    project = sample("startproject")
    urls = project.files["mysite/urls.py"]
    project.files["mysite/urls.py"] = urls.replace(b"'admin/'", b"'robots.txt'")
    assert project.supports("robots-txt") == "mysite/urls.py has a robots.txt already"
    assert project.plan("robots-txt").problems


def test_it_stays_while_something_uses_it():
    project = sample("startproject")
    project.add("robots-txt")
    project.files["shop/views.py"] = b"from mysite.robots import robots_txt\n"
    assert [problem.path for problem in project.refused("robots-txt")] == ["shop/views.py"]
