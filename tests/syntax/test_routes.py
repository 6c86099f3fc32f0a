"""What URL patterns answer for."""

from __future__ import annotations

import ast

import pytest

from djroadmap.syntax.routes import catches, equivalent, route_of


def tree(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


ROUTES = [
    ("path('a/', a)", "a/"),
    ("path(route='a/', view=a)", "a/"),
    ("urls.path('a/<int:pk>/', a)", "a/<int:pk>/"),
    ("path('', a)", ""),
    ("re_path(r'^a/$', a)", "a/"),
    (r"re_path(r'^a\.txt\Z', a)", "a.txt"),
    ("re_path(r'^a/', a)", "^a/"),
    ("re_path(r'a/', a)", "^a/"),
    ("re_path(r'^a/', include('a'))", "a/"),
    ("url(regex=r'^a/?$', view=a)", "^a/?$"),
    ("path(A, a)", None),
    ("path()", None),
    ("include('a')", None),
    ("a", None),
    ("f()('a/', a)", None),
]


@pytest.mark.parametrize(("code", "route"), ROUTES)
def test_route(code, route):
    assert route_of(tree(code)) == route


CATCHES = [
    ("path('<path:x>', x)", True),
    ("path('<x>/', x)", True),
    ("path('<slug:x>/', x)", True),
    ("path('<str:x>', x)", False),
    ("path('<int:x>/', x)", False),
    ("path('<own:x>/', x)", True),
    ("path('n/', x)", True),
    ("path('', x)", False),
    ("path('', include('x'))", True),
    ("path('n/', include('x'))", False),
    ("re_path(r'^', include('x'))", True),
    ("re_path(r'', x)", True),
    ("re_path(r'^.*$', x)", True),
    ("re_path(r'^(?!api/).*$', x)", True),
    ("re_path(r'^(?:.*)/?$', x)", True),
    ("re_path(r'^(?!n/).*$', x)", False),
    ("re_path(r'^$', x)", False),
    ("re_path(r'^(', x)", False),
    ("re_path(X, x)", False),
    ("path()", False),
    ("static('/')", False),
    ("x", False),
    ("i18n_patterns(path('<path:x>', x))", False),
    ("i18n_patterns(path('<path:x>', x), prefix_default_language=False)", True),
    ("i18n_patterns(path('a/', x), prefix_default_language=False)", False),
]


@pytest.mark.parametrize(("code", "expected"), CATCHES)
def test_catches(code, expected):
    assert catches(tree(code), "n/") is expected


def test_a_route_that_is_not_known_is_caught_by_what_takes_anything():
    assert catches(tree("path('<path:x>', x)"), None)
    assert not catches(tree("path('a/', x)"), None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("path('a/', a)", "re_path(r'^a/$', views.a, name='a')", True),
        ("path('a/', A.as_view())", "path('a/', views.A.as_view(b=1))", True),
        ("path('a/', f(a))", "path('a/', f(a), name='a')", True),
        ("path('a/', f(a))", "path('a/', f(b))", False),
        ("path('a/', a)", "path('a/')", False),
        ("path('a/', a)", "path('b/', a)", False),
        ("path(A, a)", "path(A, a)", False),
        ("path('a/', include('a'))", "path('a/', include('a', namespace='a'))", True),
        ("path('a/', include('a'))", "path('a/', include('b'))", False),
        ("path('a/', include())", "path('a/', include(arg='b'))", False),
    ],
)
def test_equivalent(one, other, expected):
    assert equivalent(tree(one), tree(other)) is expected
