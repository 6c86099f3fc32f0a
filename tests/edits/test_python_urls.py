"""Elements of urlpatterns: where they go, what they stay before, and how they are found again."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.python_urls import UrlPattern
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair


def edit(pattern: str = 'path("n/", n)', **options: str) -> UrlPattern:
    return UrlPattern(path="urls.py", pattern=pattern, **options)


NEW = '    path("n/", n),\n'

PLACED = [
    pytest.param('urlpatterns = [\n    path("a/", a),\n~]\n', id="last"),
    pytest.param('urlpatterns: list[URLPattern] = [\n    path("a/", a),\n~]\n', id="annotated"),
    pytest.param('urlpatterns = (\n    path("a/", a),\n~)\n', id="tuple"),
    pytest.param('urlpatterns = [\n    path("a/", a),  # c\n~    # d\n]\n', id="comment on the comma"),
    pytest.param("urlpatterns = [\n    # c\n~]\n", id="only a comment"),
    pytest.param('urlpatterns = []\nurlpatterns += [\n    path("a/", a),\n~]\n', id="empty, then +="),
    pytest.param(
        'urlpatterns = []\nurlpatterns.extend([\n    path("a/", a),\n~])\n', id="empty, then extend"
    ),
    pytest.param('urlpatterns = [\n    path("a/", a),\n~] + static("/m/")\n', id="sum with a call"),
    pytest.param('urlpatterns = base + [\n    path("a/", a),\n~]\n', id="sum with a name"),
    pytest.param('urlpatterns = [\n    path("a/", a),\n~    *static("/m/"),\n]\n', id="before unpacked ones"),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    # rest\n    *router.urls,\n    *static("/m/"),\n]\n',
        id="before several unpacked ones",
    ),
    pytest.param("urlpatterns = [\n    *router.urls,\n~]\n", id="behind what is unpacked alone"),
    pytest.param(
        'urlpatterns = [\n    *router.urls,\n    path("a/", a),\n~]\n', id="behind what is unpacked first"
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    re_path(r"^.*$", spa),\n]\n', id="before a catch-all"
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    path("<path:rest>", spa),\n]\n', id="before any path"
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    path("<slug:page>/", page),\n    path("b/", b),\n]\n',
        id="before what takes the route",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    path("", include("pages.urls")),\n]\n',
        id="before an include at the root",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~]\nurlpatterns += [re_path("", spa)]\n',
        id="a catch-all follows",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n    path("<int:pk>/", b),\n    re_path(r"^(?P<y>\\d+)/$", c),\n~]\n',
        id="behind what does not take the route",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~] + i18n_patterns(\n    path("<path:rest>", spa),\n)\n',
        id="outside i18n_patterns",
    ),
    pytest.param(
        'urlpatterns = i18n_patterns(path("<path:x>", spa))\nurlpatterns += [\n    path("a/", a),\n~]\n',
        id="i18n_patterns first",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    # Your stuff: custom urls includes go here\n    # ...\n]\n',
        id="before the marker",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~    # Your stuff here\n    path("b/", b),\n    *static("/"),\n]\n',
        id="before the marker though there is something behind it",
    ),
    pytest.param(
        'urlpatterns = [\n    # Your stuff: custom urls go here\n    path("b/", b),\n~]\n',
        id="the marker comes first",
    ),
    pytest.param(
        'def of(x):\n    urlpatterns = [t]\n    return urlpatterns\n\n\nurlpatterns = [\n    path("a/", a),\n~]\n',
        id="a temporary in a function",
    ),
    pytest.param(
        'if M:\n    urlpatterns = [a]\nelse:\n    urlpatterns = []\nurlpatterns += [\n    path("b/", b),\n~]\n',
        id="both branches, then +=",
    ),
    pytest.param(
        'urlpatterns = [\n    path("a/", a),\n~]\nif DEBUG:\n    urlpatterns = [path("d/", d), *urlpatterns]\n',
        id="put before it under a condition",
    ),
]


@pytest.mark.parametrize("template", PLACED)
def test_places(template):
    before, after = template.replace("~", ""), template.replace("~", NEW)
    assert assert_laws(edit(), before) == after
    before, after = (text.replace("\n", "\r\n").rstrip() for text in (before, after))
    assert assert_laws(edit(), before) == after


WRITTEN = {
    "empty": (edit(), "urlpatterns = []", 'urlpatterns = [path("n/", n)]'),
    "empty tuple": (edit(), "urlpatterns = ()\n", 'urlpatterns = (path("n/", n),)\n'),
    "one line": (edit(), "urlpatterns = [path('a/', a)]", "urlpatterns = [path('a/', a), path('n/', n)]"),
    "tuple without parentheses": (
        edit(),
        "urlpatterns = []\nurlpatterns += path('a/', a),\n",
        "urlpatterns = []\nurlpatterns += path('a/', a), path('n/', n)\n",
    ),
    "quotes": (
        edit(),
        "urlpatterns = [\n\tpath('a/', a)\n]",
        "urlpatterns = [\n\tpath('a/', a),\n\tpath('n/', n)\n]",
    ),
    "regular expression": (
        edit('re_path(r"^n/(?P<x>[\'a]+)$", n)'),
        "urlpatterns = [\n    path('a/', a),\n]",
        "urlpatterns = [\n    path('a/', a),\n    re_path(r\"^n/(?P<x>['a]+)$\", n),\n]",
    ),
    "long": (
        edit('path("nnnnnnnnnnnnnnnnnnnnnn/", views.NNNNNNNNNNNNNNNN.as_view(), name="nnnnnnnnnnnnn")'),
        "urlpatterns = [\n    path('a/', a),\n]",
        """\
urlpatterns = [
    path('a/', a),
    path(
        'nnnnnnnnnnnnnnnnnnnnnn/',
        views.NNNNNNNNNNNNNNNN.as_view(),
        name='nnnnnnnnnnnnn',
    ),
]""",
    ),
    "long, tabs": (
        edit('path("n/", n, name="' + "n" * 60 + '")'),
        'urlpatterns = [\n\tpath("a/", a),\n]\n',
        f"""\
urlpatterns = [
\tpath("a/", a),
\tpath(
\t\t"n/",
\t\tn,
\t\tname="{"n" * 60}",
\t),
]
""",
    ),
    "first": (
        edit(position="first"),
        'urlpatterns = [  # c\n    # a\n    path("a/", a),\n]\n',
        f'urlpatterns = [  # c\n{NEW}    # a\n    path("a/", a),\n]\n',
    ),
    "first of several": (
        edit(position="first"),
        'urlpatterns = []\nurlpatterns += [path("a/", a)]\n',
        'urlpatterns = []\nurlpatterns += [path("n/", n), path("a/", a)]\n',
    ),
    "before": (
        edit(before="b/"),
        'urlpatterns = [\n    path("a/", a),\n    # b\n    path("b/", b),\n]\n',
        f'urlpatterns = [\n    path("a/", a),\n{NEW}    # b\n    path("b/", b),\n]\n',
    ),
    "after": (
        edit(after="a/"),
        'urlpatterns = [\n    path("a/", a),  # a\n    # b\n    path("b/", b),\n]\n',
        f'urlpatterns = [\n    path("a/", a),  # a\n{NEW}    # b\n    path("b/", b),\n]\n',
    ),
    "after a regular expression, in another list": (
        edit(after="a/b-c/"),
        'urlpatterns = [b]\nurlpatterns += [\n    re_path(r"^a/b\\-c/$", a),\n    path("<x>/", x),\n]\n',
        f'urlpatterns = [b]\nurlpatterns += [\n    re_path(r"^a/b\\-c/$", a),\n{NEW}    path("<x>/", x),\n]\n',
    ),
    "all translated": (
        edit(),
        "urlpatterns = i18n_patterns(\n    path('a/', a),\n)\n",
        "urlpatterns = i18n_patterns(\n    path('a/', a),\n)\nurlpatterns += (path('n/', n),)\n",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_writes(name):
    wish, before, after = WRITTEN[name]
    assert assert_laws(wish, before) == after


HOLDS = {
    "laid out otherwise": (
        'path("n/", n, name="n")',
        "urlpatterns = [path(\n    'n/', n,  # c\n    name='n')]\n",
    ),
    "under a condition": (
        'path("n/", n)',
        "urlpatterns = []\nif D:\n    urlpatterns.append(path('n/', n))\n",
    ),
    "with another name": ('path("n/", n, name="n")', "urlpatterns = [path('n/', n)]\n"),
    "imported otherwise": ('path("n/", n)', "urlpatterns = [path('n/', views.n)]\n"),
    "a class imported otherwise": (
        'path("n/", N.as_view())',
        "urlpatterns = [path('n/', v.N.as_view(x=1))]\n",
    ),
    "as a regular expression": ('path("n/", n)', "urlpatterns = [re_path(r'^n/$', n)]\n"),
    "by keywords": ('path("n/", n)', "urlpatterns = [path(route='n/', view=n)]\n"),
    "an include": ('path("n/", include("n.urls"))', "urlpatterns = [url(r'^n/', include('n.urls', 'n'))]\n"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_untouched_where_it_holds(name):
    pattern, text = HOLDS[name]
    assert edit(pattern).holds(text)
    assert edit(pattern).apply(text) == text


ABSENT = [
    "urlpatterns = [path('m/', n)]\n",
    "urlpatterns = [path('n/', m)]\n",
    "urlpatterns = [path('n/', n.urls)]\n",
    "urlpatterns = [path('n/', include('n'))]\n",
    "urlpatterns = [path(N, n)]\n",
    "urlpatterns = [path('n/')]\n",
    "urlpatterns = [re_path(r'^n/', n)]\n",
    "urlpatterns = [re_path(r'^(n)/$', n)]\n",
    "urlpatterns = [('n/', n)]\n",
    "urlpatterns = [\n    # path('n/', n),\n]\n",
    "patterns = [path('n/', n)]\n",
    "class Site:\n    urlpatterns = [path('n/', n)]\n",
    "urlpatterns = [\n",
    None,
]


@pytest.mark.parametrize("text", ABSENT)
def test_what_is_something_else(text):
    assert not edit().holds(text)
    assert not edit().kept(text)
    assert edit().revert(text) == text


REFUSED = {
    "no file": (edit(), None, None, "no such file"),
    "broken": (edit(), "urlpatterns = [\n", 1, "cannot be parsed"),
    "not set": (edit(), "urls = []\n", None, "not set in this file"),
    "both branches": (
        edit(),
        "if M:\n    urlpatterns = [a]\nelse:\n    urlpatterns = [b]\n",
        2,
        "under a condition",
    ),
    "a loop": (edit(), "for x in y:\n    urlpatterns = [a]\n", 2, "under a condition"),
    "a block": (edit(), "with x:\n    urlpatterns = [a]\n", 2, "inside a with block"),
    "a class": (edit(), "class Site:\n    urlpatterns = [a]\n", 2, "only set in a class"),
    "a call": (edit(), "\nurlpatterns = patterns('', url(r'^$', a))\n", 2, "built by a function call"),
    "an attribute": (edit(), "urlpatterns = router.urls\n", 1, "not a list or tuple literal"),
    "a comprehension": (edit(), "urlpatterns = [path(x, x) for x in y]\n", 1, "comprehension"),
    "another name": (edit(), "from .a import b\nurlpatterns = b\n", 1, "so it is left alone"),
    "results": (edit(), "urlpatterns, x = f()\n", 1, "several results"),
    "a catch-all in a call": (
        edit(),
        "urlpatterns = i18n_patterns(path('<path:x>', x), prefix_default_language=False)\n",
        1,
        "catches everything",
    ),
    "a catch-all in a call, then a list": (
        edit(),
        "urlpatterns = i18n_patterns(path('<path:x>', x), prefix_default_language=False)\nurlpatterns += [a]\n",
        1,
        "catches everything",
    ),
    "a catch-all under a condition": (
        edit(),
        "urlpatterns = []\nif D:\n    urlpatterns += [re_path('', x)]\nurlpatterns += [a]\n",
        3,
        "catches everything",
    ),
    "a catch-all that is appended": (
        edit(),
        "urlpatterns = []\nurlpatterns.append(re_path('', x))\nurlpatterns += [a]\n",
        2,
        "catches everything",
    ),
    "first, but something is": (
        edit(position="first"),
        "urlpatterns = base + [a]\n",
        1,
        "nothing is put first",
    ),
    "first, but all is translated": (
        edit(position="first"),
        "urlpatterns = i18n_patterns(a)\n",
        1,
        "built by a function call",
    ),
    "no anchor": (edit(after="x/"), "urlpatterns = [path('a/', a)]\n", 1, 'no pattern for "x/"'),
    "no anchor, no element": (edit(before="x/"), "urlpatterns = f()\n", 1, 'no pattern for "x/"'),
    "anchor under a condition": (
        edit(after="a/"),
        "urlpatterns = []\nif D:\n    urlpatterns += [path('a/', a)]\n",
        3,
        "not in a plain list",
    ),
    "anchor that is appended": (
        edit(before="a/"),
        "urlpatterns = []\nurlpatterns.append(path('a/', a))\n",
        2,
        "not in a plain list",
    ),
    "anchor behind what catches it": (
        edit(after="a/"),
        "urlpatterns = [\n    path('<x>/', x),\n    path('a/', a),\n]\n",
        2,
        'put beside "a/"',
    ),
    "changed by position": (
        edit(position="first"),
        "urlpatterns = [a, b]\nurlpatterns.insert(1, c)\n",
        2,
        "by position",
    ),
    "commas first": (edit(), "urlpatterns = [\n    a\n    , b\n    ,\n]\n", None, "commas"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    wish, text, line, why = REFUSED[name]
    assert not wish.holds(text)
    with pytest.raises(Unrecognised) as refused:
        wish.apply(text)
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == ("urls.py", line)
    assert why in problem.why
    assert problem.snippet == 'urlpatterns += [path("n/", n)]'


TEXTS = [
    "urlpatterns = []",
    "urlpatterns = ()\r\n",
    "urlpatterns = [\n]\n",
    "urlpatterns = [path('', a)]",
    "urlpatterns = (\n    path('', a),  # é\n)\n",
    "urlpatterns = [\n\tpath('a/', a),\n\t# Your stuff\n\t*static('/m/')\n]",
    "urlpatterns = [\r\n  path('', a),\r\n  # b\r\n  path('b/', b)\r\n]\r\n",
    "urlpatterns = []\nurlpatterns += [path('', a),]\nif D:\n    urlpatterns += [d]\n",
    "urlpatterns = [\n    path('', a),\n    re_path(r'', spa),\n] + static('/m/')\n",
    "urlpatterns = i18n_patterns(path('a/', a))\n",
]
PATTERNS = [
    'path("n/", n)',
    'path("m/", include("m.urls"))',
    f'path("{"o" * 40}/", O.as_view(), name="{"o" * 20}")',
]
POSITIONS = st.sampled_from(["first", "last"])


@given(st.sampled_from(TEXTS), st.permutations(PATTERNS), POSITIONS, POSITIONS)
def test_two_patterns_do_not_know_each_other(text, patterns, one, other):
    if "i18n" in text:
        one = other = "last"
    assert_pair(edit(patterns[0], position=one), edit(patterns[1], position=other), text)


def test_what_the_user_did_since_survives():
    text = 'urlpatterns = [\n    path("a/", a),\n]\n'
    after = edit().apply(text).replace(NEW, f'{NEW}    # b\n    path("b/", b),\n')
    assert edit().revert(after) == 'urlpatterns = [\n    path("a/", a),\n    # b\n    path("b/", b),\n]\n'


NOT_REVERTED = {
    "tuned": ("\nurlpatterns = [\n    path('n/', n, name='n'),\n]\n", 3, "has been changed since"),
    "under a condition": ("if D:\n    urlpatterns = [path('n/', n)]\n", 2, "not in a plain list"),
    "appended": ("urlpatterns = []\nurlpatterns.append(path('n/', n))\n", 2, "not in a plain list"),
    "appended, and tuned in the list": (
        "urlpatterns = [path('n/', n, {})]\nurlpatterns.append(path('n/', n))\n",
        2,
        "not in a plain list",
    ),
}


@pytest.mark.parametrize("name", NOT_REVERTED)
def test_does_not_revert(name):
    text, line, why = NOT_REVERTED[name]
    assert edit().kept(text)
    with pytest.raises(CannotRevert) as refused:
        edit().revert(text)
    (problem,) = refused.value.problems
    assert problem.line == line
    assert why in problem.why


def test_describes_itself():
    assert edit().describe() == 'path("n/", n) in urlpatterns'
