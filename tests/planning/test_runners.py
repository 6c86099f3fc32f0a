"""Recipes in a justfile or a Makefile: their style, names that are taken, and the justfile that `just` made."""

from __future__ import annotations

import pytest

from djroadmap.model.project import TaskRunner
from djroadmap.planning.runners import LISTING, Recipe, called, free, made_runner, own_runner, with_recipes
from tests.features.small import SMALL, Files, applied, project

LOOK = Recipe(
    "look", "Look at it.", ("docker compose -f compose.dev.yml run web ls", "echo $HOME"), "where", "here"
)
JUST = "up:\n    docker compose up\n"


def written(files: Files) -> str:
    facts = project(SMALL | files)
    runner = own_runner(facts)
    assert runner is not None
    plan = with_recipes(facts, runner, LOOK)
    return str(applied(plan, SMALL | files)[runner.path])


def test_a_justfile() -> None:
    assert written({"justfile": JUST}) == (
        f'{JUST}\n# Look at it.\nlook where="here":\n    docker compose -f compose.dev.yml run web ls\n'
        "    echo $HOME {{ quote(where) }}\n"
    )


def test_a_justfile_that_names_the_compose_file_for_all() -> None:
    after = written({"justfile": f'export COMPOSE_FILE := "compose.dev.yml"\n\n{JUST}'})
    assert "    docker compose run web ls\n" in after
    after = written({"justfile": f'export COMPOSE_FILE := "compose.yml"\n\n{JUST}'})
    assert "    docker compose -f compose.dev.yml run web ls\n" in after


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("up:\n\techo\n", "# Look at it.\n.PHONY: look\nlook:\n"),
        ("up: ## Start\n\techo\n", ".PHONY: look\nlook: ## Look at it\n"),
        ("up: down  ## Start\n\techo\n", ".PHONY: look\nlook:  ## Look at it\n"),
    ],
    ids=["without help", "help", "help two spaces away"],
)
def test_a_makefile(text: str, head: str) -> None:
    assert written({"Makefile": text}) == (
        f'{text}\n{head}\tdocker compose -f compose.dev.yml run web ls\n\techo $$HOME "$${{WHERE:-here}}"\n'
    )


def test_a_runner_below_the_root_goes_up_first() -> None:
    files = {f"backend/{path}": text for path, text in SMALL.items()} | {"backend/justfile": JUST}
    facts = project(files)
    runner = own_runner(facts)
    assert runner is not None
    after = str(applied(with_recipes(facts, runner, LOOK), files)["backend/justfile"])
    assert "    cd .. && docker compose -f compose.dev.yml run web ls\n    cd .. && echo" in after


def test_names_that_are_taken() -> None:
    files = SMALL | {"justfile": "import 'more.just'\nlook:\n    ls\n", "more.just": "see:\n    ls\n"}
    facts = project(files)
    runner = own_runner(facts)
    assert runner is not None
    see, walk = LOOK._replace(name="see"), LOOK._replace(name="walk")
    assert free(facts, runner, LOOK, see, walk) == (walk,)
    assert called(runner, walk) == "just walk"


def test_a_recipe_of_ours_is_not_taken_by_itself() -> None:
    files: Files = SMALL | {"justfile": written({"justfile": JUST})}
    facts = project(files)
    runner = own_runner(facts)
    assert runner is not None
    assert free(facts, runner, LOOK) == (LOOK,)
    assert applied(with_recipes(facts, runner, LOOK), files) == files


@pytest.mark.parametrize(
    ("files", "own", "made"),
    [
        ({}, None, None),
        ({"justfile": JUST}, "justfile", None),
        ({"Makefile": "up:\n\techo\n"}, "Makefile", None),
        ({"justfile": JUST, "Makefile": "up:\n\techo\n"}, "justfile", None),
        ({"justfile": f"{LISTING}\n"}, None, "justfile"),
        ({"justfile": f"{LISTING}\n", "Makefile": "up:\n\techo\n"}, "Makefile", "justfile"),
    ],
    ids=["none", "just", "make", "both", "made", "made beside make"],
)
def test_whose_runner_it_is(files: Files, own: str | None, made: str | None) -> None:
    def path(runner: TaskRunner | None) -> str | None:
        return runner.path if runner else None

    facts = project(SMALL | files)
    assert (path(own_runner(facts)), path(made_runner(facts))) == (own, made)
