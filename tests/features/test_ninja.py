"""Django Ninja: what it finds out of users, URLs and sessions, what is there already, and what it leaves alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from djroadmap.edits import WholeFile
from djroadmap.features.ninja import FEATURE
from djroadmap.features.ninja.existing import existing
from djroadmap.features.ninja.mounting import name_of, prefix_of
from djroadmap.features.ninja.users import Field, users_of
from djroadmap.model.feature import NoOptions
from djroadmap.model.memory import MemoryTree
from tests.features.small import SETTINGS, SMALL, Files, moved, project, pyproject
from tests.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.plan import Plan

SESSIONS = SETTINGS.replace(
    '"django.contrib.auth",', '"django.contrib.auth",\n    "django.contrib.sessions",'
)
SHOP: Files = {**SMALL, **pyproject(), "shop/settings.py": SESSIONS}
USERS = 'AUTH_USER_MODEL = "people.Person"\n'
URLS = "from django.urls import include, path, re_path\n\nurlpatterns = [{}]\n"


def installed(*apps: str, settings: str = SESSIONS) -> str:
    """The settings with these apps besides."""
    names = "".join(f'    "{app}",\n' for app in apps)
    return settings.replace(
        '    "django.contrib.contenttypes",\n', f'    "django.contrib.contenttypes",\n{names}'
    )


def people(model: str) -> Files:
    """A project with users of its own."""
    return {
        **SHOP,
        "shop/settings.py": installed("shop.people") + USERS,
        "shop/people/__init__.py": "",
        "shop/people/models.py": model,
    }


def plan(files: Mapping[str, str | bytes]) -> Plan:
    return FEATURE.plan(project(files), NoOptions())


def created(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """The new files with something in them."""
    found = {}
    for edit in plan(files).edits:
        if isinstance(edit, WholeFile) and (text := edit.rendered()):
            found[edit.path] = text
    return found


def described(files: Mapping[str, str | bytes]) -> list[str]:
    return [edit.describe() for edit in plan(files).edits]


def memory(files: Mapping[str, str | bytes]) -> Memory:
    return Memory({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def test_the_parts() -> None:
    assert set(created(SHOP)) == {
        "shop/ninja_api.py",
        "shop/users_api/routes.py",
        "shop/users_api/schemas.py",
        "shop/tests/test_ninja_api.py",
        "openapi/ninja.json",
    }
    assert 'path("api/v1/", api.urls) in urlpatterns' in described(SHOP)
    assert '"ninja" in INSTALLED_APPS' in described(SHOP)


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("django.contrib.auth", "tells who a user is"),
        ("django.contrib.sessions", "remembers who has signed in"),
    ],
)
def test_users_and_sessions_are_needed(app: str, reason: str) -> None:
    without = {**SHOP, "shop/settings.py": SESSIONS.replace(f'    "{app}",\n', "")}
    assert reason in (FEATURE.unfit(project(without)) or "")


def test_the_middleware_that_tells_who_asks_is_needed() -> None:
    without = SESSIONS.replace('    "django.contrib.auth.middleware.AuthenticationMiddleware",\n', "")
    assert "requests have no user" in (FEATURE.unfit(project({**SHOP, "shop/settings.py": without})) or "")
    another = SESSIONS.replace("django.contrib.auth.middleware.Auth", "shop.middleware.Auth")
    assert FEATURE.unfit(project({**SHOP, "shop/settings.py": another})) is None


def test_an_old_python_is_too_old() -> None:
    old = pyproject()["pyproject.toml"].replace('version = "1"', 'version = "1"\nrequires-python = "==3.9.*"')
    assert "3.10" in (FEATURE.unfit(project({**SHOP, "pyproject.toml": old})) or "")


def test_apps_that_only_running_tells_may_hold_sessions() -> None:
    dynamic = SETTINGS + "INSTALLED_APPS += extra_apps()\n"
    assert FEATURE.unfit(project({**SHOP, "shop/settings.py": dynamic})) is None


class TestUsers:
    """What is shown of users, by reading their class."""

    def test_of_djangos_own(self) -> None:
        users = users_of(project(SHOP))
        assert [field.name for field in users.shown] == ["username", "email", "first_name", "last_name"]
        assert [field.name for field in users.editable] == ["first_name", "last_name"]
        assert (users.module, users.name, users.app) == ("django.contrib.auth.models", "User", None)

    def test_with_an_email_for_a_name(self) -> None:
        model = (
            "class Person(AbstractUser):\n    name = models.CharField(max_length=9, null=True)\n"
            "    first_name = None\n    last_name: str = None\n    username = None\n    USERNAME_FIELD = 'email'\n"
        )
        users = users_of(project(people(model)))
        assert users.shown == (Field("email"), Field("name", null=True))
        assert users.editable == (Field("name", null=True),)
        assert users.app is not None
        assert users.app.path == "shop/people"
        assert users.module == "shop.people.models"

    def test_from_scratch(self) -> None:
        model = (
            "class Person(AbstractBaseUser):\n    phone = PhoneNumberField()\n    email = models.EmailField()\n"
            "    USERNAME_FIELD = 'phone'\n"
        )
        users = users_of(project(people(model)))
        assert users.shown == (Field("username"), Field("email"))
        assert not users.known
        assert not users.editable
        assert not users.staff

    def test_that_may_be_staff(self) -> None:
        model = "class Person(AbstractBaseUser):\n    is_staff = models.BooleanField()\n"
        assert users_of(project(people(model))).staff

    def test_in_a_package_of_models(self) -> None:
        files = people("")
        del files["shop/people/models.py"]
        files["shop/people/models/__init__.py"] = "from .person import Person\n"
        files["shop/people/models/person.py"] = "class Person(AbstractUser):\n    pass\n"
        assert users_of(project(files)).module == "shop.people.models.person"

    @pytest.mark.parametrize("model", ["", "class Person(AbstractUser:\n", "from elsewhere import Person\n"])
    def test_that_are_not_found(self, model: str) -> None:
        users = users_of(project(people(model)))
        assert users.name == "AbstractBaseUser"
        assert users.app is not None
        assert not users.editable

    @pytest.mark.parametrize("value", ['"accounts.User"', "choose_a_model()"])
    def test_of_somebody_else(self, value: str) -> None:
        files = {**SHOP, "shop/settings.py": SESSIONS + f"AUTH_USER_MODEL = {value}\n"}
        users = users_of(project(files))
        assert (users.name, users.app) == ("AbstractBaseUser", None)

    def test_without_fields_to_change_there_is_no_change(self) -> None:
        files = people("class Person(AbstractBaseUser):\n    pass\n")
        new = created(files)
        assert "patch" not in new["shop/people/api/routes.py"]
        assert "get_username" in new["shop/people/api/schemas.py"]
        assert list(json.loads(new["openapi/ninja.json"])["paths"]["/api/v1/users/me"]) == ["get"]
        assert "CSRF" not in new["shop/tests/test_ninja_api.py"]


class TestRoutes:
    """Where the routes for users are."""

    def test_beside_another_api_of_the_app(self) -> None:
        files = people("class Person(AbstractUser):\n    pass\n")
        files |= {"shop/people/api/__init__.py": "", "shop/people/api/views.py": "x = 1\n"}
        assert "shop/people/api/routes.py" in created(files)

    @pytest.mark.parametrize("taken", ["api.py", "api/routes.py", "api/schemas.py"])
    def test_not_in_the_way_of_another_api(self, taken: str) -> None:
        files = people("class Person(AbstractUser):\n    pass\n")
        files |= {f"shop/people/{taken}": "x = 1\n"}
        assert "shop/people/users_api/routes.py" in created(files)

    def test_beside_the_urls_where_manage_is_in_a_folder(self) -> None:
        files = moved("backend")
        files["backend/shop/settings.py"] = SESSIONS
        new = created(files)
        assert "from shop.users_api.routes import router" in new["backend/shop/ninja_api.py"]
        assert "--output ../openapi/ninja.json" in new["backend/shop/tests/test_ninja_api.py"]
        assert "parents[3]" in new["backend/shop/tests/test_ninja_api.py"]

    def test_beside_urls_that_are_a_package(self) -> None:
        files = {**SHOP, "shop/urls/__init__.py": SHOP["shop/urls.py"]}
        del files["shop/urls.py"]
        assert "shop/ninja_api.py" in created(files)


class TestMounting:
    """Where the API is mounted, and under what name."""

    @pytest.mark.parametrize(
        ("patterns", "expected"),
        [
            ('path("api/", include(router.urls))', "api/v1/"),
            ('path("api/", include("shop.other"))', "api/v1/"),
            ('path("api/v1/", include(router.urls))', "api/ninja/"),
            ('path("api/v1/", other.urls)', "api/ninja/"),
            ('path("api/v1/orders/", orders)', "api/ninja/"),
            ('path("api/<str:version>/", include(router.urls))', "ninja/"),
            ('re_path(r"^api/(?P<version>v1|v2)/", include(router.urls))', "api/ninja/"),
            ('re_path(r"^api/v1/orders$", orders)', "api/ninja/"),
            ('path("api/", include("shop.versions"))', "api/ninja/"),
            ('path("", include("shop.all"))', "api/ninja/"),
            ('path("", include("shop.itself"))', "api/v1/"),
            ('path("api/v1/", include(a)), path("api/ninja/", include(b))', "ninja/"),
            ('re_path(r"^(?!admin).*$", spa)', "api/v1/"),
            ('re_path(r"^api/(", include(broken))', "api/v1/"),
        ],
    )
    def test_nothing_else_is_there(self, patterns: str, expected: str) -> None:
        files = {
            **SHOP,
            "shop/urls.py": URLS.format(patterns),
            "shop/other.py": URLS.format('path("orders/", orders)'),
            "shop/versions.py": URLS.format('path("v1/", include("shop.other"))'),
            "shop/all.py": URLS.format('path("api/", include("shop.versions"))'),
            "shop/itself.py": URLS.format('path("", include("shop.itself"))'),
        }
        assert prefix_of(project(files), module="shop.ninja_api") == expected

    def test_our_own_does_not_count(self) -> None:
        files = {
            **SHOP,
            "shop/urls.py": "from shop.ninja_api import api\n" + URLS.format('path("api/v1/", api.urls)'),
        }
        assert prefix_of(project(files), module="shop.ninja_api") == "api/v1/"

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("", "api"),
            ("from shop import api", "ninja_api"),
            ("import api.views", "ninja_api"),
            ("api = 1", "ninja_api"),
        ],
    )
    def test_under_a_name_that_is_free(self, line: str, expected: str) -> None:
        files = {**SHOP, "shop/urls.py": f"{line}\n{SHOP['shop/urls.py']}"}
        assert name_of(project(files), module="shop.ninja_api") == expected

    def test_the_name_stays(self) -> None:
        start = memory({**SHOP, "shop/urls.py": f"from shop import api\n{SHOP['shop/urls.py']}"})
        start.add("ninja")
        assert b'path("api/v1/", ninja_api.urls)' in start.files["shop/urls.py"]
        del start.files[".djroadmap.toml"]
        assert not start.plan("ninja").changes


class TestAuthentication:
    """Who is let in, as the project does it."""

    def test_tokens_where_there_are_some(self) -> None:
        files = {**SHOP, "shop/settings.py": installed("rest_framework", "rest_framework.authtoken")}
        new = created(files)
        assert "auth=[TokenAuth(), SessionAuth()]" in new["shop/ninja_api.py"]
        assert "Token.objects" in new["shop/tests/test_ninja_api.py"]
        schema = json.loads(new["openapi/ninja.json"])
        assert set(schema["components"]["securitySchemes"]) == {"SessionAuth", "TokenAuth"}

    def test_no_tokens_where_there_are_none(self) -> None:
        new = created({**SHOP, "shop/settings.py": installed("rest_framework")})
        assert "rest_framework" not in new["shop/ninja_api.py"] + new["shop/tests/test_ninja_api.py"]

    def test_docs_without_the_admins_page(self) -> None:
        files = {**SHOP, "shop/urls.py": "urlpatterns = []\n"}
        assert "user_passes_test(is_staff)" in created(files)["shop/ninja_api.py"]

    @pytest.mark.parametrize(
        ("line", "cookie"),
        [("", "sessionid"), ('SESSION_COOKIE_NAME = "shop"', "shop")],
    )
    def test_the_schema_names_the_cookie(self, line: str, cookie: str) -> None:
        new = created({**SHOP, "shop/settings.py": f"{SESSIONS}{line}\n"})
        schemes = json.loads(new["openapi/ninja.json"])["components"]["securitySchemes"]
        assert schemes["SessionAuth"]["name"] == cookie

    def test_the_schema_is_left_to_a_command_where_only_running_names_the_cookie(self) -> None:
        files = {**SHOP, "shop/settings.py": f"{SESSIONS}SESSION_COOKIE_NAME = name_it()\n"}
        assert "openapi/ninja.json" not in created(files)
        [todo] = plan(files).todos
        assert "export_openapi_schema --api shop.ninja_api.api" in todo.snippet


class TestAsync:
    """`me` is async where the project is served so."""

    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ({}, False),
            ({"shop/asgi.py": "application = 1\n"}, False),
            (pyproject("uvicorn==1"), False),
            ({"shop/asgi.py": "application = 1\n", **pyproject("uvicorn==1")}, True),
        ],
    )
    def test_with_a_server_and_something_to_serve(self, files: Files, expected: bool) -> None:
        settings = f'{SESSIONS}ASGI_APPLICATION = "shop.asgi.application"\n'
        new = created({**SHOP, "shop/settings.py": settings, **files})
        assert ("async def me" in new["shop/users_api/routes.py"]) is expected


class TestPresence:
    """What is there already."""

    API = "from ninja import NinjaAPI\n\napi = NinjaAPI()\n"

    def there(self, **files: str) -> Memory:
        named = pyproject()["pyproject.toml"]
        assert isinstance(named, str)
        named = named.replace('"django==5.2"', '"django==5.2", "django-ninja==1.0"')
        return memory(
            {
                **SHOP,
                "pyproject.toml": named,
                **{path.replace("__", "/") + ".py": text for path, text in files.items()},
            }
        )

    def test_an_api_of_any_making_is_one(self) -> None:
        found = self.there(shop__api=self.API)
        assert found.has("ninja")
        prepared = found.plan("ninja")
        assert not prepared.changes
        assert any("already there" in note and "the API is shop/api.py" in note for note in prepared.notes)

    def test_it_is_told_what_it_could_do_with(self) -> None:
        presence = FEATURE.presence and FEATURE.presence(self.there(shop__api=self.API).world.project())
        assert presence is not None
        assert presence.found == ("shop/api.py",)
        assert "INSTALLED_APPS" in presence.note
        assert "500" in presence.note
        assert "ATOMIC_REQUESTS" not in presence.note
        atomic = self.there(shop__api=self.API)
        atomic.files["shop/settings.py"] += b'DATABASES = {"default": {"ATOMIC_REQUESTS": True}}\n'
        assert "ATOMIC_REQUESTS" in (FEATURE.presence(atomic.world.project()) or presence).note

    @pytest.mark.parametrize(
        "text",
        [
            "api: NinjaAPI = NinjaAPI(title='x')\n",
            "import ninja\n\napi = ninja.NinjaAPI()\n",
            "class API(NinjaAPI):\n    pass\n\n\napi = API()\n",
            "from ninja_extra import NinjaExtraAPI\n\napi = NinjaExtraAPI()\n",
        ],
    )
    def test_in_other_words(self, text: str) -> None:
        assert self.there(shop__api=text).has("ninja")

    @pytest.mark.parametrize(
        "text",
        [
            "# NinjaAPI is no good\n",
            "from ninja import NinjaAPI\n",
            "def make():\n    return NinjaAPI()\n",
            "api = NinjaAPI(\n",
            "api = make(NinjaAPI)\n",
        ],
    )
    def test_what_is_no_api(self, text: str) -> None:
        assert not self.there(shop__api=text).has("ninja")

    def test_tests_may_have_one(self) -> None:
        tree = MemoryTree({"shop/tests/test_api.py": self.API, "tests/api.py": self.API})
        assert existing(tree, but="shop/ninja_api.py") is None
        tree = MemoryTree({"testing/api.py": self.API})
        assert existing(tree, but="shop/ninja_api.py") is not None

    def test_a_dependency_alone_is_not_there(self) -> None:
        found = self.there()
        assert not found.has("ninja")
        assert found.add("ninja").changes

    def test_added_and_forgotten_is_there(self) -> None:
        found = memory(SHOP)
        found.add("ninja")
        del found.files[".djroadmap.toml"]
        assert found.has("ninja")


class TestGuard:
    """What still uses it."""

    def test_routes_of_another_app(self) -> None:
        found = memory(SHOP)
        found.add("ninja")
        found.files["shop/orders.py"] = b"from ninja import Router\n\nfrom shop.ninja_api import api\n"
        problems = found.refused("ninja")
        assert [(one.path, one.line) for one in problems] == [("shop/orders.py", 1), ("shop/orders.py", 3)]

    def test_urls_that_need_more_than_the_api(self) -> None:
        found = memory(SHOP)
        found.add("ninja")
        found.files["shop/urls.py"] = b"import ninja\n" + found.files["shop/urls.py"]
        assert [(one.path, one.line) for one in found.refused("ninja")] == [("shop/urls.py", 1)]

    def test_nothing_else(self) -> None:
        found = memory(SHOP)
        before = dict(found.files)
        found.add("ninja")
        assert not found.refused("ninja")
        found.remove("ninja")
        assert found.files == before


@pytest.mark.parametrize("files", [SHOP, people("class Person(AbstractBaseUser):\n    pass\n")])
def test_the_schema_is_written_as_it_is_exported(files: Files) -> None:
    text = created(files)["openapi/ninja.json"]
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
