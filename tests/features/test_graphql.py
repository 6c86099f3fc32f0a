"""graphql: which library, whose users, where things go, and what is left alone."""

from __future__ import annotations

import pytest

from djroadmap.errors import Refused
from djroadmap.features.graphql import FEATURE, GRAPHENE, STRAWBERRY, Options
from djroadmap.features.graphql.accounts import Account, account

from .small import SETTINGS, SMALL, Files, applied, moved, project, pyproject

PYPROJECT = pyproject("pytest")
IMPORTS = "from django.contrib.auth.models import AbstractBaseUser, AbstractUser, PermissionsMixin\n"


def with_users(model: str, *, name: str = "people.Person", path: str = "people/models.py") -> Files:
    """The small project with a user model of its own."""
    settings = SETTINGS.replace('    "django.contrib.auth",\n', '    "django.contrib.auth",\n    "people",\n')
    settings += f'AUTH_USER_MODEL = "{name}"\n'
    return {**SMALL, "shop/settings.py": settings, "people/__init__.py": "", path: IMPORTS + model}


def depending(*requirements: str) -> Files:
    """The small project with these dependencies."""
    named = ", ".join(f'"{one}"' for one in ("django==5.2", *requirements))
    return {"pyproject.toml": f'[project]\nname = "shop"\nversion = "1"\ndependencies = [{named}]\n'}


def add(files: Files, library: str = STRAWBERRY) -> dict[str, str]:
    return {
        path: str(text)
        for path, text in applied(FEATURE.plan(project(files), Options(library=library)), files).items()
    }


def refusal(files: Files, library: str) -> str:
    with pytest.raises(Refused) as refused:
        add(files, library)
    problem = refused.value.problems[0]
    return f"{problem} [{problem.snippet}]"


class TestLibrary:
    def test_strawberry_is_the_default(self) -> None:
        assert FEATURE.defaults(project(SMALL)) == Options(library=STRAWBERRY)

    @pytest.mark.parametrize("name", ["graphene-django==3.2.3", "graphene"])
    def test_one_that_is_there_is_taken(self, name: str) -> None:
        assert FEATURE.defaults(project(SMALL | depending(name))) == Options(library=GRAPHENE)

    def test_an_older_django_gets_graphene(self) -> None:
        files = SMALL | {
            "pyproject.toml": str(PYPROJECT["pyproject.toml"]).replace("django==5.2", "django==4.2")
        }
        assert FEATURE.defaults(project(files)) == Options(library=GRAPHENE)
        assert "graphene-django==3.2.3" in add(files, GRAPHENE)["pyproject.toml"]

    def test_strawberry_is_refused_for_an_older_django(self) -> None:
        files = SMALL | {
            "pyproject.toml": str(PYPROJECT["pyproject.toml"]).replace("django==5.2", "django==4.2")
        }
        assert "needs Django 5.2 or newer" in refusal(files, STRAWBERRY)

    @pytest.mark.parametrize(
        ("there", "wanted"),
        [
            ("strawberry-graphql", GRAPHENE),
            ("strawberry-graphql-django", GRAPHENE),
            ("graphene", STRAWBERRY),
            ("graphene-django", STRAWBERRY),
        ],
    )
    def test_it_is_refused_beside_the_other(self, there: str, wanted: str) -> None:
        said = refusal(SMALL | depending(there), wanted)
        assert "different versions of graphql-core" in said
        other = STRAWBERRY if wanted == GRAPHENE else GRAPHENE
        assert said.endswith(f"[djroadmap add graphql --library {other}]")

    def test_the_same_one_may_be_there(self) -> None:
        pin = "strawberry-graphql-django==0.90.0"
        assert pin in add(SMALL | depending(pin))["pyproject.toml"]


class TestUsers:
    def test_of_django(self) -> None:
        files = add(SMALL)
        assert 'user.has_perm("auth.view_user")' in files["shop/graphql_api/selectors.py"]
        users = files["shop/graphql_api/users.py"]
        assert "from django.contrib.auth.models import Group, User\n" in users
        assert "    username: strawberry.auto\n" in users

    def test_of_the_project(self) -> None:
        files = add(with_users("class Person(AbstractUser):\n    pass\n"))
        assert 'user.has_perm("people.view_person")' in files["people/selectors.py"]
        assert "from people.models import Person\n" in files["shop/graphql_api/users.py"]
        assert "shop/graphql_api/selectors.py" not in files

    @pytest.mark.parametrize("library", [STRAWBERRY, GRAPHENE])
    def test_who_sign_in_by_email(self, library: str) -> None:
        model = (
            'class Person(AbstractUser):\n    email = EmailField(unique=True)\n    USERNAME_FIELD = "email"\n'
        )
        files = add(with_users(model), library)
        assert "  email: String!\n" in files["shop/graphql_api/schema.graphql"]
        assert "username" not in files["shop/graphql_api/users.py"]
        assert "people/selectors.py" in files

    @pytest.mark.parametrize(
        "field",
        [
            'phone = PhoneField()\n    USERNAME_FIELD = "phone"',
            'email = EmailField(null=True)\n    USERNAME_FIELD = "email"',
            'username = LowerCaseField()\n    USERNAME_FIELD = "username"',
            "USERNAME_FIELD = NAMED",
        ],
    )
    def test_whose_name_is_another_field(self, field: str) -> None:
        files = add(with_users(f"class Person(AbstractBaseUser, PermissionsMixin):\n    {field}\n"))
        assert "return self.get_username()" in files["shop/graphql_api/users.py"]
        assert "  username: String!\n" in files["shop/graphql_api/schema.graphql"]

    def test_whose_key_has_another_name(self) -> None:
        model = "class Person(AbstractUser):\n    uuid = UUIDField(primary_key=True)\n"
        assert 'field(field_name="pk")' in add(with_users(model))["shop/graphql_api/users.py"]
        assert "    id = graphene.ID(" in add(with_users(model), GRAPHENE)["shop/graphql_api/users.py"]

    def test_in_a_package_of_models(self) -> None:
        base = "class Base(AbstractUser):\n    class Meta:\n        abstract = True\n\n\n"
        files = with_users(f"{base}class Person(Base):\n    pass\n", path="people/models/person.py")
        found = account(project(files))
        assert isinstance(found, Account)
        assert found[:5] == ("people", "Person", "people", "username", True)

    def test_selectors_that_are_a_package_stay(self) -> None:
        model = with_users("class Person(AbstractUser):\n    pass\n")
        files = add(model | {"people/selectors/__init__.py": "", "people/selectors/others.py": ""})
        assert "from shop.graphql_api.selectors import" in files["shop/graphql_api/users.py"]
        assert files["people/selectors/__init__.py"] == ""

    def test_selectors_that_are_there_stay(self) -> None:
        model = with_users("class Person(AbstractUser):\n    pass\n")
        own = "def user_list():\n    return []\n"
        text = add(model | {"people/selectors.py": own})["people/selectors.py"]
        assert own in text
        assert "def groups_of_users" in text

    def test_a_selector_of_that_name_is_not_replaced(self) -> None:
        model = with_users("class Person(AbstractUser):\n    pass\n")
        own = "def users_visible_to(user):\n    return []\n"
        with pytest.raises(Refused, match=r"people/selectors.py:\d+: users_visible_to is something else"):
            add(model | {"people/selectors.py": own})


class TestUnsupported:
    @pytest.mark.parametrize(
        "model",
        [
            "class Person(AbstractBaseUser):\n    pass\n",
            "class Person(AbstractUser):\n    groups = None\n",
            "class Person(SomebodysUser):\n    pass\n",
        ],
    )
    def test_users_without_groups(self, model: str) -> None:
        why = FEATURE.supports(project(with_users(model)))
        assert why is not None
        assert why.startswith("people/models.py:2: Person has no groups")

    def test_users_with_groups_of_their_own(self) -> None:
        model = "class Person(AbstractBaseUser):\n    groups = models.ManyToManyField(Group)\n"
        assert FEATURE.supports(project(with_users(model))) is None

    def test_users_of_somebody_else(self) -> None:
        files = with_users("", name="identity.User")
        assert (
            FEATURE.supports(project(files))
            == "the user model identity.User is not in an app of this project"
        )

    def test_users_that_are_not_found(self) -> None:
        files = with_users("")
        assert FEATURE.supports(project(files)) == "the user model people.Person is not found in people"

    def test_no_users_at_all(self) -> None:
        files = SMALL | {"shop/settings.py": SETTINGS.replace('    "django.contrib.auth",\n', "")}
        assert "django.contrib.auth is not installed" in str(FEATURE.supports(project(files)))

    def test_urls_of_somebody_else(self) -> None:
        files = SMALL | {"shop/settings.py": SETTINGS.replace("shop.urls", "elsewhere.urls")}
        assert "URL configuration" in str(FEATURE.supports(project(files)))


class TestPresence:
    def test_nothing(self) -> None:
        found = FEATURE.presence(project(SMALL)) if FEATURE.presence else None
        assert found is not None
        assert not found.found

    @pytest.mark.parametrize("view", ["GraphQLView.as_view(graphiql=True)", "AsyncGraphQLView.as_view()"])
    def test_an_api_of_the_projects_own_counts(self, view: str) -> None:
        urls = f'from x import GraphQLView, AsyncGraphQLView\n\nurlpatterns = [path("graphql", {view})]\n'
        files = SMALL | depending("graphene-django") | {"shop/api/urls.py": urls}
        found = FEATURE.presence(project(files)) if FEATURE.presence else None
        assert found is not None
        assert found.note == "a GraphQL view in shop/api/urls.py, not by djroadmap"

    def test_a_library_that_is_not_mounted_is_a_part(self) -> None:
        files = SMALL | depending("strawberry-graphql-django")
        assert FEATURE.presence is not None
        assert FEATURE.presence(project(files)) is None


class TestPlaces:
    def test_the_url_of_a_plain_project(self) -> None:
        urls = add(SMALL)["shop/urls.py"]
        assert 'path("graphql/", graphql_view, name="graphql")' in urls
        assert "from shop.graphql_api.views import graphql_view" in urls

    @pytest.mark.parametrize("library", [STRAWBERRY, GRAPHENE])
    def test_where_other_origins_may_ask(self, library: str) -> None:
        files = SMALL | {"shop/settings.py": SETTINGS + 'CORS_URLS_REGEX = r"^/api/.*$"\n'}
        assert 'path("api/graphql/", graphql_view' in add(files, library)["shop/urls.py"]

    def test_below_a_source_root(self) -> None:
        files = add(moved("src"), GRAPHENE)
        assert '"SCHEMA_OUTPUT": "shop/graphql_api/schema.graphql"' in files["src/shop/settings.py"]
        assert "src/shop/graphql_api/views.py" in files

    def test_urls_beside_manage_py(self) -> None:
        files: Files = {
            "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n',
            "settings.py": SETTINGS.replace("shop.urls", "urls"),
            "urls.py": str(SMALL["shop/urls.py"]),
        }
        after = add(files)
        assert "from graphql_api.views import graphql_view" in after["urls.py"]
        assert "graphql_api/schema.py" in after


class TestGraphiql:
    def test_follows_debug_where_one_module_serves_all(self) -> None:
        assert "GRAPHIQL = DEBUG\n" in add(SMALL)["shop/settings.py"]

    def test_is_for_local_settings(self) -> None:
        files = {path: text for path, text in SMALL.items() if path != "shop/settings.py"}
        files["manage.py"] = str(files["manage.py"]).replace("shop.settings", "shop.settings.local")
        files |= {"shop/settings/__init__.py": "", "shop/settings/base.py": SETTINGS}
        files["shop/settings/local.py"] = "from .base import *  # noqa: F403\n"
        after = add(files)
        assert "GRAPHIQL = False\n" in after["shop/settings/base.py"]
        assert "GRAPHIQL = True\n" in after["shop/settings/local.py"]

    def test_is_left_to_the_owner_where_nothing_tells_what_is_for_development(self) -> None:
        files = {path: text for path, text in SMALL.items() if path != "shop/settings.py"}
        files["manage.py"] = str(files["manage.py"]).replace("shop.settings", "shop.settings.mine")
        files |= {"shop/settings/__init__.py": "", "shop/settings/base.py": SETTINGS}
        files["shop/settings/mine.py"] = "from .base import *  # noqa: F403\nDEBUG = False\n"
        plan = FEATURE.plan(project(files), Options())
        assert plan.todos[-1].snippet == "GRAPHIQL = True"
        assert "GRAPHIQL = False\n" in str(applied(plan, files)["shop/settings/base.py"])


def test_graphene_says_what_it_cannot_do_under_asgi() -> None:
    files = SMALL | depending("uvicorn[standard]==0.54.0")
    assert "no async view" in FEATURE.plan(project(files), Options(library=GRAPHENE)).todos[-1].text
    assert not FEATURE.plan(project(files), Options(library=STRAWBERRY)).todos
    assert not FEATURE.plan(project(SMALL | depending()), Options(library=GRAPHENE)).todos


def test_it_does_not_go_while_others_use_it() -> None:
    files = SMALL | {
        "orders/api.py": "import strawberry_django\nfrom shop.graphql_api.limits import page_of\n"
    }
    assert FEATURE.guard is not None
    whys = [f"{one.path}:{one.line}: {one.why}" for one in FEATURE.guard(project(files))]
    assert whys == [
        "orders/api.py:1: still imports strawberry_django",
        "orders/api.py:2: still imports shop.graphql_api",
    ]


def test_selectors_that_others_use_stay() -> None:
    files = with_users("class Person(AbstractUser):\n    pass\n")
    files["orders/views.py"] = "from people.selectors import users_visible_to\n"
    assert FEATURE.guard is not None
    whys = [f"{one.path}:{one.line}: {one.why}" for one in FEATURE.guard(project(files))]
    assert whys == ["orders/views.py:1: still imports people.selectors.users_visible_to"]
    assert not FEATURE.guard(project(with_users("")))
