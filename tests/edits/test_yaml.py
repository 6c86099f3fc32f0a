from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from djroadmap.edits.yaml_document import compose, plain
from djroadmap.edits.yaml_edits import YamlItem, YamlKey
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = ".github/workflows/ci.yml"
STEP = YamlItem(
    path=PATH, keys=("jobs", "pytest", "steps"), item="- name: Check imports\n  run: lint-imports\n"
)
OTHER = YamlItem(
    path=PATH,
    keys=("jobs", "pytest", "steps"),
    item="# Why.\n- name: Long\n  run: |\n    a\n    # b\n\n    c\n",
)
JOB = YamlKey(
    path=PATH,
    keys=("jobs",),
    name="schema",
    value="runs-on: ubuntu-latest\nsteps:\n  - uses: actions/checkout@v6\n\n  - run: make schema\n",
)
LATER = YamlKey(path=PATH, keys=("jobs",), name="later", value="{needs: [schema]}")
ENV = YamlKey(path=PATH, keys=("jobs", "pytest", "env"), name="A", value="'1'")

GITHUB = """\
name: CI

env:
  DOCKER_BUILDKIT: 1

on:
  push:
    branches: ['main']

jobs:
  linter:
    runs-on: ubuntu-latest
    steps:
      - name: Checkout
        uses: actions/checkout@v6
      # Consider using pre-commit.ci
      - name: Run pre-commit
        uses: pre-commit/action@v3

  # With no caching at all this takes 3m!
  pytest:
    runs-on: ubuntu-latest

    steps:
      - name: Checkout Code Repository
        uses: actions/checkout@v6

      # Dummy files.
      - name: Env
        run: |
          cat <<'EOF' > .env
          # not a comment
          EOF

      - name: Run DB Migrations
        run: docker compose run --rm django python manage.py migrate

      - name: Run Django Tests
        run: docker compose run django pytest

      - name: Tear down the Stack
        run: docker compose down

  frontend:
    runs-on: ubuntu-latest
    steps:
      - run: pnpm build
"""
TIGHT = """\
on: push
jobs:
  pytest:
    runs-on: x
    steps:
    - uses: actions/checkout@v6
    - run: pytest
      # at the end of the step
    # - run: commented out
  lint:
    runs-on: y
# the end
"""
BLOCK_LAST = """\
jobs:
  pytest:
    steps:
      - uses: a@v1
      - run: |
          x
          # y
"""
TEXTS = {
    "no file": None,
    "blank": "\n",
    "only comments": "# nothing\n# yet",
    "start marker": "---\n",
    "github": GITHUB,
    "crlf": GITHUB.replace("\n", "\r\n"),
    "no final newline": GITHUB[:-1],
    "tight": TIGHT,
    "tight crlf without final newline": TIGHT.replace("\n", "\r\n")[:-2],
    "block scalar last": BLOCK_LAST,
    "block scalar last, no final newline": BLOCK_LAST[:-1],
    "other keys": "a: 1\nb:\n    c: [1, 2]\n",
    "other keys, set apart": "a:\n  x: 1\n\nb:\n  - 1\n\n\n",
    "job without steps": "jobs:\n  pytest:\n    runs-on: x",
    "one step": "jobs:\n  pytest:\n    steps:\n      - run: pytest\n\n# end\n",
    "wide dashes": """\
jobs:
    pytest:
        steps:
        -   run: a

        -   run: b
        -
            run: c
""",
    "odd scalars": """\
jobs:
  pytest:
    steps:
      - run: 'a

          b'
      - "x
        - y"
      - plain
        more
""",
    "anchors elsewhere": "x: &x {a: 1}\ny: *x\njobs:\n  pytest:\n    steps:\n      - run: a\n      - *x\n",
    "tags": "jobs:\n  pytest:\n    steps:\n      - !reference [a, b]\n      - run: é\u2028\n",
}
# What was there before, but empty, is remembered by the edit that fills it.
EMPTY = {
    "empty": "",
    "empty jobs": "on: push\njobs:\n\n# end\n",
    "empty jobs, last": "on: push\njobs:",
    "empty steps": "jobs:\n  pytest:\n    steps: # none\n    # at all\n  x: 1\n",
    "empty pytest": "jobs:\n  lint:\n    x: 1\n\n  pytest:\n  last:\n    x: 1\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
EDITS = {"step": STEP, "long step": OTHER, "job": JOB, "inline": LATER, "env": ENV}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("text", [*TEXTS.values(), *EMPTY.values()], ids=[*TEXTS, *EMPTY])
def test_laws(edit, text):
    assert_laws(edit, text)


@texts
@pytest.mark.parametrize(
    ("one", "other"),
    [(STEP, OTHER), (STEP, JOB), (JOB, LATER), (OTHER, ENV), (ENV, LATER)],
    ids=["steps", "step and job", "jobs", "step and env", "env and job"],
)
def test_pairs(one, other, text):
    assert_pair(one, other, text)


@pytest.mark.parametrize("text", [GITHUB, GITHUB.replace("\n", "\r\n"), GITHUB[:-1]])
@pytest.mark.parametrize("first", [{"before": "Env"}, {"after": "Env"}, {"after": "manage.py migrate"}, {}])
@pytest.mark.parametrize(
    "second", [{"before": "Env"}, {"after": "Env"}, {"before": "Checkout Code Repository"}, {}]
)
def test_pairs_beside_a_sibling(first, second, text):
    assert_pair(STEP.with_(**first), OTHER.with_(**second), text)


@pytest.mark.parametrize("text", [GITHUB, TIGHT])
def test_keys_before_a_sibling(text):
    assert_pair(JOB.with_(before="pytest"), LATER, text)
    assert_pair(JOB.with_(before="pytest"), LATER.with_(before="pytest"), text)


def test_a_step_at_the_end_of_steps_set_apart():
    assert STEP.apply(GITHUB) == GITHUB.replace(
        "        run: docker compose down\n",
        "        run: docker compose down\n\n      - name: Check imports\n        run: lint-imports\n",
    )


def test_a_step_before_the_comments_of_its_sibling():
    after = OTHER.with_(before="Env").apply(GITHUB)
    assert after == GITHUB.replace(
        "      # Dummy files.\n",
        "      # Why.\n      - name: Long\n        run: |\n          a\n          # b\n\n          c\n\n"
        "      # Dummy files.\n",
    )


def test_scalars_as_siblings():
    text = "stages:\n  - lint\n # outdented\n  - test\n"
    edit = YamlItem(path=".gitlab-ci.yml", keys=("stages",), item="arch")
    assert assert_laws(edit.with_(after="lint"), text) == text.replace("lint\n", "lint\n  - arch\n")
    assert assert_laws(edit.with_(before="test"), text) == text.replace("  - test", "  - arch\n  - test")


def test_a_comment_that_was_dropped_since():
    assert OTHER.revert(OTHER.apply(GITHUB).replace("      # Why.\n", "")) == GITHUB


def test_nothing_is_bound_of_what_cannot_be_read():
    assert STEP.bind("a: [\n") == STEP


def test_a_step_behind_the_comment_inside_its_sibling():
    assert STEP.apply(TIGHT) == TIGHT.replace(
        "      # at the end of the step\n",
        "      # at the end of the step\n    - name: Check imports\n      run: lint-imports\n",
    )


def test_a_job_is_set_apart_and_written_as_the_file_writes():
    assert JOB.apply(GITHUB).endswith(
        "      - run: pnpm build\n\n  schema:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v6\n\n      - run: make schema\n"
    )
    assert (
        JOB.with_(before="pytest")
        .apply(GITHUB)
        .partition("  # With no caching")[0]
        .endswith(
            "\n\n  schema:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: actions/checkout@v6\n\n      - run: make schema\n\n"
        )
    )
    assert "  lint:\n    runs-on: y\n  schema:\n    runs-on" in JOB.apply(TIGHT)


def test_missing_keys_are_made_in_the_layout_of_the_file():
    edit = YamlItem(path=PATH, keys=("a", "b", "c"), item="x")
    assert edit.apply(None) == "a:\n  b:\n    c:\n      - x\n"
    assert (
        edit.apply("k:\n    l:\n    - 1\n") == "k:\n    l:\n    - 1\n\na:\n    b:\n        c:\n        - x\n"
    )
    assert edit.apply("a:\n  b:\n") == "a:\n  b:\n    c:\n      - x\n"
    odd = YamlKey(path=PATH, keys=("a: b",), name="#", value="|\n  x\n    y\n")
    assert odd.apply(None) == '"a: b":\n  "#": |\n    x\n      y\n'
    assert_laws(odd, None)


PRE_COMMIT = """\
default_stages: [pre-commit]

repos:
  - repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v6.0.0
    hooks:
      - id: check-json
      - id: check-toml

  # Run the Ruff linter.
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.16.3
    hooks:
      # Linter
      - id: ruff-check
        args: [--fix, --exit-non-zero-on-fix]

# sets up .pre-commit-ci.yaml
ci:
  skip: []
"""
REPO = YamlItem(
    path=".pre-commit-config.yaml",
    keys=("repos",),
    item="- repo: https://github.com/seddonym/import-linter\n  rev: v2.7\n  hooks:\n    - id: import-linter",
)
HOOK = YamlItem(
    path=".pre-commit-config.yaml",
    keys=("repos", "repo=https://github.com/pre-commit/pre-commit-hooks", "hooks"),
    item="id: debug-statements",
)
SKIP = YamlItem(path=".pre-commit-config.yaml", keys=("ci", "skip"), item="import-linter")
STAGE = YamlItem(path=".pre-commit-config.yaml", keys=("default_stages",), item="- pre-push")


def test_hooks():
    after = assert_laws(REPO, PRE_COMMIT)
    assert "exit-non-zero-on-fix]\n\n  - repo: https://github.com/seddonym/import-linter\n" in after
    assert "    - id: import-linter\n\n# sets up" in after
    assert "      - id: check-toml\n      - id: debug-statements\n\n" in assert_laws(HOOK, PRE_COMMIT)
    assert "  skip: [import-linter]\n" in assert_laws(SKIP, PRE_COMMIT)
    assert "default_stages: [pre-commit, pre-push]\n" in assert_laws(STAGE, PRE_COMMIT)
    for one in (REPO, HOOK, SKIP, STAGE):
        for other in (REPO, HOOK, SKIP, STAGE):
            if one is not other:
                assert_pair(one, other, PRE_COMMIT)
    last = HOOK.with_(keys=("repos", -1, "hooks"))
    assert "on-fix]\n      - id: debug-statements\n\n# sets" in assert_laws(last, PRE_COMMIT)


def test_versions_may_have_been_bumped():
    after = REPO.apply(PRE_COMMIT).replace("v2.7", "v3.0")
    assert not REPO.holds(after)
    assert REPO.kept(after)
    assert REPO.revert(after) == PRE_COMMIT
    after = JOB.apply(GITHUB)
    assert (
        JOB.revert(after.replace("checkout@v6\n\n      - run: make", "checkout@v7\n\n      - run: make"))
        == GITHUB
    )


LEFTHOOK = """\
pre-commit:
  parallel: true
  commands:
    # === Python ===
    mypy:
      glob: "*.py"
      run: mypy .

    # === Frontend ===
    prettier:
      run: pnpm format
      stage_fixed: true
"""


def test_a_command_of_lefthook():
    edit = YamlKey(
        path="lefthook.yml",
        keys=("pre-commit", "commands"),
        name="import-linter",
        value='glob: "*.py"\nrun: lint-imports',
    )
    assert assert_laws(edit, LEFTHOOK) == (
        LEFTHOOK + '\n    import-linter:\n      glob: "*.py"\n      run: lint-imports\n'
    )
    after = assert_laws(edit.with_(before="prettier"), LEFTHOOK)
    assert "      run: lint-imports\n\n    # === Frontend ===\n    prettier:\n" in after
    assert assert_laws(edit, "pre-commit:\n") == (
        'pre-commit:\n  commands:\n    import-linter:\n      glob: "*.py"\n      run: lint-imports\n'
    )


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (STEP, "jobs: {pytest: {steps: [{run: lint-imports, name: 'Check imports'}]}}\n"),
        (STEP, 'jobs:\n  pytest:\n    steps:\n    - run: "lint-imports" # x\n      name: Check imports\n'),
        (ENV, 'jobs:\n  pytest:\n    env: {A: "1"}\n'),
        (OTHER, 'jobs:\n  pytest:\n    steps:\n    - run: "a\\n# b\\n\\nc\\n"\n      name: Long\n'),
    ],
)
def test_what_is_there_is_left(edit, text):
    assert edit.holds(text)
    assert edit.apply(text) == text


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (STEP, "jobs:\n  lint:\n    steps:\n    - name: Check imports\n      run: lint-imports\n"),
        (STEP, "jobs:\n  pytest:\n    steps:\n    # - name: Check imports\n    #   run: lint-imports\n"),
        (STEP, "jobs:\n  pytest:\n    steps: 'name: Check imports, run: lint-imports'\n"),
        (ENV, "jobs:\n  pytest:\n    env:\n      A: 1\n"),
        (STEP, "name: Check imports\nrun: lint-imports\njobs: pytest: steps"),
    ],
)
def test_what_only_looks_alike_does_not_count(edit, text):
    assert not edit.holds(text)


@pytest.mark.parametrize(
    ("edit", "text", "message"),
    [
        (STEP, "a: 1\n---\nb: 1\n", ":2: does not read as one YAML document (but found another document)"),
        (
            STEP,
            "a:\n\tb: 1\n",
            ":2: does not read as one YAML document (found character '\\t' that cannot start any token)",
        ),
        (STEP, "a: {{ x }}\n", ":1: has a key that is no plain word"),
        (STEP, "a: {{ x }}y\n", ":1: does not read as one YAML document"),
        (STEP, "a: 1\n\na: 2\n", ':3: has the key "a" twice'),
        (STEP, "{% if x %}\na: 1\n", ":1: does not read as one YAML document"),
        (STEP, "jobs:\n  pytest: &x\n    steps: []\n", ":3: has brackets there"),
        (STEP, "jobs:\n  lint: &x\n    steps:\n    - a\n  pytest: *x\n", ":5: stands behind an alias"),
        (STEP, "jobs:\n  pytest:\n    steps: &x\n    - a\n", ":3: has an anchor (&x)"),
        (
            STEP,
            "jobs:\n  pytest: &x\n    steps:\n    - a\n  y: *x\n",
            ": is written in a way that djroadmap cannot",
        ),
        (STEP, "jobs:\n  pytest:\n    steps: x\n", ":3: has something else at jobs.pytest.steps"),
        (STEP, "jobs: null\n", ":1: has something else at jobs"),
        (STEP, "jobs:\n- pytest\n", ":1: has no jobs.pytest.steps"),
        (STEP, "- jobs\n", ": has no jobs.pytest.steps"),
        (STEP, "jobs: {pytest: {steps: [a]}}\n", ":1: has brackets there, in which several lines do not fit"),
        (STEP, "jobs: {x: 1}\n", ":1: has brackets there, in which several lines do not fit"),
        (JOB, "jobs:\n  ? a\n  : 1\n  b: 2\n", ":2: has keys that do not stand below each other"),
        (
            STEP,
            "jobs:\n  pytest:\n    steps: !!seq\n    - a\n    - b\n",
            ":3: has a list whose items do not stand",
        ),
        (
            STEP,
            "jobs:\n  pytest:\n    steps: !!seq\n    - a\n",
            ": is written in a way that djroadmap cannot",
        ),
        (SKIP, "ci:\n  skip: [a\n  , b\n  ,]\n", ":2: has brackets there that are laid out oddly"),
        (STEP.with_(after="no such"), GITHUB, ':25: has no entry with "no such"'),
        (STEP.with_(before="docker compose"), GITHUB, ':38: has more than one entry with "docker compose"'),
        (STEP.with_(keys=("jobs", 3)), GITHUB, ":10: has no jobs.3"),
        (JOB, GITHUB.replace("frontend:", "schema:"), ":44: has another value for schema"),
        (JOB.with_(before="nothing"), GITHUB, ':11: has no entry with "nothing"'),
        (JOB, "jobs:\n- pytest\n", ":1: has something else at jobs"),
        (
            HOOK,
            PRE_COMMIT.replace("astral-sh/ruff-pre-commit", "pre-commit/pre-commit-hooks"),
            ":11: has more than one item",
        ),
        (
            YamlKey(path=PATH, keys=("a", 0), name="b", value="1", before="c"),
            "a:\n  - c: 1\n",
            ":2: begins on the line of a dash",
        ),
        (YamlKey(path=PATH, keys=("a", 0), name="b", value="1"), "a:\n  -\n", ":2: has an empty item there"),
        (
            YamlKey(path=PATH, keys=("a", "b"), name="c", value="1"),
            "a:\n  b:\n    x: |+\n      y\n\n",
            ": is written in a way that djroadmap cannot",
        ),
    ],
)
def test_refused(edit, text, message):
    with pytest.raises(Unrecognised) as error:
        edit.apply(text)
    assert str(error.value).startswith(edit.path + message)
    assert error.value.problems[0].snippet or "does not read" in message or "key" in message
    assert not edit.holds(text)


@pytest.mark.parametrize(
    ("edit", "text", "line"),
    [
        (STEP, STEP.apply(GITHUB).replace("lint-imports", "lint-imports --verbose"), 44),
        (JOB, JOB.apply(GITHUB).replace("make schema", "make schema2"), 49),
        (ENV, ENV.apply("jobs:\n  pytest:\n    x: 1\n").replace("'1'", "'2'"), 5),
        (SKIP, "ci:\n  skip: [a\n  , import-linter\n  ,]\n", 2),
        (SKIP, "ci:\n  skip: [a\n  , import-linter\n  ,]\n", 2),
        (ENV, "x: &x\n  A: '1'\njobs:\n  pytest:\n    env: &y\n      A: '1'\n", 5),
    ],
)
def test_what_was_changed_is_kept(edit, text, line):
    assert edit.kept(text)
    with pytest.raises(CannotRevert) as error:
        edit.revert(text)
    assert error.value.problems[0].line == line


def test_what_the_user_wrote_since_stays():
    after = STEP.apply(GITHUB).replace(
        "      - name: Tear down the Stack\n        run: docker compose down\n\n", ""
    )
    assert STEP.revert(after) == GITHUB.replace(
        "\n      - name: Tear down the Stack\n        run: docker compose down\n", ""
    )
    after = ENV.apply("jobs:\n  pytest:\n    x: 1\n")
    assert (
        ENV.revert(after.replace("A:", "MINE: 2\n      A:"))
        == "jobs:\n  pytest:\n    x: 1\n    env:\n      MINE: 2\n"
    )
    assert (
        ENV.revert("jobs:\n  pytest:\n    env:\n      # mine\n      A: '1'\n")
        == "jobs:\n  pytest:\n    env:\n      # mine\n"
    )
    assert ENV.revert("jobs:\n  pytest:\n    env: {A: '1', B: 2}\n") == "jobs:\n  pytest:\n    env: {B: 2}\n"


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("text", [None, "", "a: 1\n", GITHUB])
def test_nothing_to_revert(edit, text):
    assert edit.revert(text) == text


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_cannot_be_read_is_kept(edit):
    with pytest.raises(
        CannotRevert, match=r"yml:2: does not read as one YAML .*, so what djroadmap wrote is kept"
    ):
        edit.revert("a: [\n")
    assert not edit.kept("a: [\n")


def test_descriptions():
    assert STEP.describe() == "Check imports in .github/workflows/ci.yml"
    assert JOB.describe() == "jobs.schema in .github/workflows/ci.yml"
    assert SKIP.describe() == "import-linter in .pre-commit-config.yaml"
    assert REPO.describe() == "https://github.com/seddonym/import-linter in .pre-commit-config.yaml"
    assert STEP.with_(item="- foo:\n    bar: baz").describe() == "foo in .github/workflows/ci.yml"


step_text = st.sampled_from(
    [
        "- run: a",
        "- name: b\n  run: |\n    x\n    # y",
        "- {run: c}",
        "- name: d\n  # inside\n  with:\n    e: [1,\n      2]",
        "-\n  run: f",
        "- run: 'g\n\n    h'",
        "- >-\n  folded\n\n  more",
    ]
)
between = st.sampled_from(["", "\n", "\n\n", "# comment\n", "\n# set apart\n", "  # deeper\n"])


@settings(max_examples=60)
@given(
    st.lists(st.tuples(between, step_text), min_size=1, max_size=4),
    st.sampled_from(["", "  "]),
    st.sampled_from(["", "\n# end\n", "  other: 1\n", "\n\n  other: 1\n"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_laws_on_any_steps(steps, indent, tail, end, final):
    body = "".join(f"{gap}{step}\n" for gap, step in steps)
    pad = "    " + indent
    inner = "".join(f"{pad}{line}\n" if line else "\n" for line in body.removesuffix("\n").split("\n"))
    text = (
        ("jobs:\n  pytest:\n    steps:\n" + inner + tail)
        .removesuffix("" if final else "\n")
        .replace("\n", end)
    )
    plain(compose(text))
    assert_pair(STEP, OTHER, text)
    assert_pair(STEP, JOB, text)
    assert_pair(JOB, LATER, text)


def test_another_local_repository_is_not_ours() -> None:
    def local(hook: str) -> str:
        return f"- repo: local\n  hooks:\n    - id: {hook}\n      name: {hook}\n      entry: {hook}\n      language: python\n"

    edit = YamlItem(path=".pre-commit-config.yaml", keys=("repos",), item=local("ours").rstrip())
    theirs = "repos:\n" + local("theirs")
    after = assert_laws(edit, theirs)
    assert after is not None
    assert not edit.kept(theirs)
    assert edit.kept(after.replace("language: python\n", "language: system\n"))


def test_a_neighbour_is_known_by_a_command_folded_over_lines():
    text = "jobs:\n  pytest:\n    steps:\n      - run: >\n          docker exec shop\n          pytest -x\n      - run: pytest\n"
    edit = YamlItem(path=PATH, keys=STEP.keys, item="- run: lint-imports", before="docker exec shop pytest")
    after = assert_laws(edit, text)
    assert after == text.replace("      - run: >", "      - run: lint-imports\n      - run: >")


SERVICES = """\
services:
  web: &web
    image: shop

    command: /start
    # Behind a proxy.
    expose: [5000]

  db:
    image: postgres

  worker:
    <<: *web
    command: /worker
  beat:
    <<: [*web]
"""
SHARED = YamlKey(
    path="compose.yml",
    keys=("services", "web"),
    name="healthcheck",
    value="test: [CMD, ask]\ntimeout: 5s\n",
    shared=True,
)
HEIR = YamlKey(path="compose.yml", keys=("services", "worker"), name="healthcheck", value="disable: true")


@pytest.mark.parametrize("change", [str, lambda text: text.replace("\n", "\r\n"), str.rstrip])
@pytest.mark.parametrize("text", [SERVICES, SERVICES.partition("  db:")[0], SERVICES.partition("  beat:")[0]])
def test_what_others_take_over_changes_knowingly(text, change):
    text = change(text)
    after = assert_laws(SHARED, text).replace("\r\n", "\n")
    assert "    expose: [5000]\n\n    healthcheck:\n      test: [CMD, ask]\n      timeout: 5s" in after
    if "worker" in text:
        assert_pair(SHARED, HEIR, text)


def test_it_goes_into_brackets_that_have_a_name():
    edit = YamlKey(path="x.yml", keys=("a",), name="c", value="1", shared=True)
    assert assert_laws(edit, "a: &a {b: 1}\nd:\n  <<: *a\n") == "a: &a {b: 1, c: 1}\nd:\n  <<: *a\n"


def test_what_others_take_over_is_not_changed_unawares():
    with pytest.raises(Unrecognised, match=r"has an anchor \(&web\)"):
        SHARED.with_(shared=False).apply(SERVICES)
    with pytest.raises(Unrecognised, match="stands behind an alias"):
        SHARED.with_(keys=("services", "web")).apply("a: &web\n  b: 1\nservices:\n  web: *web\n")


def test_aliases_count_by_name():
    node = compose("a: &x\n  b: 1\nc: *x\nd: &y 2\ne: *y\n")
    assert plain(node, aliases=True)["c"] == ("*", "x")
    assert plain(node, aliases=True)["e"] == ("*", "y")
    assert plain(node)["c"] == plain(node)["a"]
