"""What is found of a project's containers, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from djroadmap.errors import Refused
from djroadmap.planning.deploying.discovery import deployment, slug_of
from djroadmap.planning.deploying.environment import is_secret
from djroadmap.planning.deploying.facts import Celery, Frontend, Image, Process
from tests.features.small import SMALL, project as detected, pyproject
from tests.memory import Memory

FIXTURES = Path(__file__).parents[2] / "fixtures"

WSGI = (
    "import os\n\nfrom django.core.wsgi import get_wsgi_application\n\n"
    'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\napplication = get_wsgi_application()\n'
)
ASGI = WSGI.replace("wsgi", "asgi")
CELERY = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("django.conf:settings", namespace="CELERY")\n'

DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8000"]
"""

SETTINGS = SMALL["shop/settings.py"] + (
    '\nimport dj_database_url\n\nDATABASES = {"default": dj_database_url.config()}\n'
)
SHOP = {
    **SMALL,
    "shop/settings.py": SETTINGS,
    "shop/wsgi.py": WSGI,
    "shop/asgi.py": ASGI,
    "Dockerfile": DOCKERFILE,
}
TASKS = {**SHOP, "shop/celery.py": CELERY, **pyproject("celery")}


def known(**files):
    """The facts of the shop with files changed; `__` stands for a slash, None for no file."""
    return of({**SHOP, **files})


def of(files):
    return deployment(detected({path: text for path, text in files.items() if text is not None}))


def dockerfile(last, first="COPY . .\n"):
    """The shop with this in its Dockerfile."""
    return of({**SHOP, "Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\n{first}{last}\n"})


def settings(text, **more):
    """The shop with this at the end of its settings."""
    return of({**SHOP, "shop/settings.py": SETTINGS + "\n" + text + "\n", **more})


def why(found, *topics):
    return [str(problem) for problem in found.about(*topics)]


def required(found):
    return {one.name for one in found.environment if one.required}


def variable(found, name):
    return next(one for one in found.environment if one.name == name)


def fixture(name):
    return deployment(Memory.of(FIXTURES / name).world.project())


# The fixtures, in whole

OPERATORS = {"DJANGO_ADMIN_URL", "MAILGUN_API_KEY", "MAILGUN_DOMAIN"}
DATABASE = {"POSTGRES_PASSWORD", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB"}
ALWAYS = {"DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY"}
MEANINGS = {
    "DJANGO_SETTINGS_MODULE": "settings-module",
    "POSTGRES_USER": "database-user",
    "POSTGRES_PASSWORD": "database-password",
    "POSTGRES_HOST": "database-host",
    "POSTGRES_PORT": "database-port",
    "POSTGRES_DB": "database-name",
    "DATABASE_URL": "database-url",
    "REDIS_URL": "redis-url",
    "DJANGO_SECRET_KEY": "secret-key",
    "DJANGO_ALLOWED_HOSTS": "allowed-hosts",
}
OPTIONAL = {
    "POSTGRES_USER": "postgres",
    "DJANGO_READ_DOT_ENV_FILE": "False",
    "DJANGO_DEBUG": "False",
    "DJANGO_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "REDIS_URL": "redis://redis:6379/0",
    "DJANGO_ACCOUNT_ALLOW_REGISTRATION": "True",
    "CONN_MAX_AGE": "60",
    "DJANGO_SECURE_SSL_REDIRECT": "True",
    "DJANGO_SECURE_HSTS_INCLUDE_SUBDOMAINS": "True",
    "MAILGUN_API_URL": "https://api.mailgun.net/v3",
    "DATABASE_URL": None,
}
SENTRY = {
    "DJANGO_SENTRY_LOG_LEVEL": None,
    "SENTRY_ENVIRONMENT": "production",
    "SENTRY_TRACES_SAMPLE_RATE": "0.0",
}
SECRETS = {
    "POSTGRES_PASSWORD",
    "DJANGO_SECRET_KEY",
    "DJANGO_ADMIN_URL",
    "MAILGUN_API_KEY",
    "SENTRY_DSN",
    "DATABASE_URL",
    "REDIS_URL",
}
LAYOUTS = {
    "turbo": ("bakery", "Bakery", "bakery.example.com", "docker"),
    "turbo_requirements": ("orchard", "Orchard", "orchard.example.com", "docker"),
    "turbo_minimal": ("tidepool", "Tidepool", "tidepool.example.com", "docker"),
    "cookiecutter": ("lending-desk", "Lending Desk", "lending-desk.example.com", "compose"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_image_of_each_fixture(name):
    found = fixture(name)
    folder = LAYOUTS[name][3]
    assert found.image == Image(
        dockerfile=f"{folder}/production/django/Dockerfile",
        context="",
        workdir="/app",
        user="django",
        entrypoint=("/entrypoint",),
        sets=("PATH",),
    )
    assert (found.slug, found.python_path) == (LAYOUTS[name][0], "/app")
    assert (found.settings_module, found.postgres, found.redis) == ("config.settings.production", "18", True)
    assert (found.media, found.unknowns) == ("filesystem", ())


def line_of(name, path, word):
    text = (FIXTURES / name / path).read_text()
    return f"{path}:{next(number for number, line in enumerate(text.splitlines(), 1) if word in line)}"


@pytest.mark.parametrize("name", LAYOUTS)
def test_processes_of_each_fixture(name):
    folder = f"{LAYOUTS[name][3]}/production/django"
    celery = name != "turbo_minimal"
    web = Process(
        name="web",
        command=("/start",),
        where=line_of(name, f"{folder}/start", "gunicorn"),
        program="gunicorn",
        port=5000,
        asgi=name == "turbo_minimal",
        script=f"{folder}/start",
        writes=("/app/staticfiles",),
    )
    worker = Process(
        name="worker",
        command=("/start-celeryworker",),
        where=line_of(name, f"{folder}/celery/worker/start", "celery -A") if celery else "",
        program="celery",
        script=f"{folder}/celery/worker/start",
    )
    beat = Process(
        name="beat",
        command=("celery", "-A", "config.celery_app", "beat", "-l", "INFO"),
        where=line_of(name, "config/settings/base.py", "CELERY_BEAT_SCHEDULER") if celery else "",
        program="celery",
    )
    migrate = Process(
        name="migrate",
        command=("python", "manage.py", "migrate", "--noinput"),
        where="manage.py:1",
        program="python",
    )
    assert fixture(name).processes == ((web, worker, beat, migrate) if celery else (web, migrate))


@pytest.mark.parametrize("name", LAYOUTS)
def test_environment_of_each_fixture(name):
    _, title, host, _ = LAYOUTS[name]
    found = fixture(name)
    sentry = name in {"turbo", "turbo_requirements"}
    optional = {
        **OPTIONAL,
        **(SENTRY if sentry else {}),
        "DJANGO_ALLOWED_HOSTS": host,
        "DJANGO_DEFAULT_FROM_EMAIL": f"{title} <noreply@{host}>",
        "DJANGO_SERVER_EMAIL": f"{title} <noreply@{host}>",
        "DJANGO_EMAIL_SUBJECT_PREFIX": f"[{title}] ",
    }
    assert required(found) == ALWAYS | DATABASE | OPERATORS | ({"SENTRY_DSN"} if sentry else set())
    assert {one.name: one.default for one in found.environment if not one.required} == optional
    assert {one.name: one.meaning for one in found.environment if one.meaning} == MEANINGS
    assert {one.name for one in found.environment if one.secret} == SECRETS - (
        set() if sentry else {"SENTRY_DSN"}
    )
    assert [one.name for one in found.environment if one.exported] == ["DATABASE_URL"]
    assert all(":" in place for one in found.environment for place in one.where), found.environment


@pytest.mark.parametrize("name", LAYOUTS)
def test_celery_of_each_fixture(name):
    celery = Celery(
        app="config.celery_app",
        time_limit=300,
        scheduler="django_celery_beat.schedulers:DatabaseScheduler",
        broker="REDIS_URL",
    )
    assert fixture(name).celery == (None if name == "turbo_minimal" else celery)


@pytest.mark.parametrize(
    ("name", "frontends"),
    [
        (
            "turbo",
            (
                Frontend("bakery-app", "apps/bakery", "vite build", served=True),
                Frontend("landing", "apps/landing", "astro build", served=True),
            ),
        ),
        (
            "turbo_requirements",
            (
                Frontend("landing", "apps/landing", "astro build", served=True),
                Frontend("orchard-app", "apps/orchard", "vite build", served=True),
            ),
        ),
        ("turbo_minimal", (Frontend("tidepool-app", "apps/tidepool", "vite build", served=True),)),
        ("cookiecutter", ()),
    ],
)
def test_frontends_of_each_fixture(name, frontends):
    assert fixture(name).frontends == frontends


@pytest.mark.parametrize("name", ["cookiecutter_gitlab", "poetry"])
def test_project_without_a_dockerfile_has_no_image(name):
    found = fixture(name)
    assert (found.image, found.processes) == (None, ())
    assert why(found, "image") == ["Dockerfile: there is no Dockerfile, and so no image to deploy"]
    with pytest.raises(Refused, match="no Dockerfile"):
        found.require("image", "web")


# The image


def test_image_of_a_small_dockerfile():
    found = known()
    assert found.image == Image(dockerfile="Dockerfile", context="", workdir="/app")
    assert found.python_path == "/app"
    assert found.unknowns == ()


@pytest.mark.parametrize(
    ("user", "name", "uid"),
    [
        ("USER 1000", "1000", 1000),
        ("USER 1000:1000", "1000:1000", 1000),
        ("RUN useradd --uid 1234 --create-home shop\nUSER shop", "shop", 1234),
        ("RUN adduser -u 4321 -D shop && chown shop /app\nUSER shop", "shop", 4321),
        ("ARG UID=1500\nRUN useradd -u ${UID} shop\nUSER shop", "shop", 1500),
        ("RUN useradd -u 1234 other && useradd shop\nUSER shop", "shop", None),
        ("RUN groupadd --gid 1234 shop && useradd --gid shop shop\nUSER shop", "shop", None),
        ("USER root", "", None),
    ],
)
def test_user_of_the_image(user, name, uid):
    image = dockerfile(f'{user}\nCMD ["gunicorn", "shop.wsgi"]').image
    assert (image.user, image.uid) == (name, uid)


def test_stages_are_followed_and_arguments_expanded():
    text = """\
ARG HOME_OF=/srv/app
FROM python:3.13-slim AS base
ARG HOME_OF
ENV PYTHONUNBUFFERED=1 APP=${HOME_OF}
WORKDIR $HOME_OF
USER 1001
FROM base AS build
COPY . .
FROM base AS run
# A comment
COPY --from=build --chown=1001 $APP $APP
COPY bin/start /start
ENTRYPOINT ["/start", \\
    # another
    "--now"]
FROM run AS test
CMD ["pytest"]
"""
    start = '#!/bin/sh\npython manage.py collectstatic --noinput\nexec "$@"\n'
    compose = (
        "services:\n  app:\n    build: {context: ., target: run}\n    command: gunicorn shop.wsgi -b :9000\n"
    )
    found = known(**{"Dockerfile": text, "bin/start": start, "docker-compose.prod.yml": compose})
    assert found.image == Image(
        dockerfile="Dockerfile",
        context="",
        stage="run",
        workdir="/srv/app",
        user="1001",
        uid=1001,
        entrypoint=("/start", "--now"),
        sets=("PYTHONUNBUFFERED", "APP"),
    )
    assert found.python_path == "/srv/app"
    assert found.process("web").command == ("gunicorn", "shop.wsgi", "-b", ":9000")
    assert (found.process("web").port, found.process("web").where) == (9000, "docker-compose.prod.yml:4")


def test_dockerfile_that_a_compose_file_for_production_builds_is_chosen():
    found = known(
        **{
            "docker/one.Dockerfile": DOCKERFILE,
            "docker/two.Dockerfile": DOCKERFILE,
            "Dockerfile": None,
            "docker-compose.prod.yml": "services:\n  web:\n    build: {context: ., dockerfile: docker/two.Dockerfile}\n",
        }
    )
    assert found.image.dockerfile == "docker/two.Dockerfile"


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ("dev.Dockerfile", DOCKERFILE),
        ("docker/local/Dockerfile", DOCKERFILE),
        ("nginx/Dockerfile", "FROM nginx\nCOPY nginx.conf /etc/nginx/nginx.conf\n"),
        ("docs/Dockerfile", DOCKERFILE),
        ("runserver.Dockerfile", DOCKERFILE.replace("gunicorn", "python").replace("shop.wsgi", "runserver")),
    ],
)
def test_dockerfiles_for_something_else_are_left_alone(other, text):
    found = known(**{other: text, "nginx/nginx.conf": ""})
    assert found.image.dockerfile == "Dockerfile"
    assert found.unknowns == ()


def test_dockerfile_that_is_called_so_wins():
    found = known(**{"Dockerfile.prod": DOCKERFILE})
    assert found.image.dockerfile == "Dockerfile.prod"


def test_several_equal_dockerfiles_are_refused():
    found = known(**{"one.Dockerfile": DOCKERFILE, "two.Dockerfile": DOCKERFILE, "Dockerfile": None})
    assert found.image is None
    assert (
        "several images could be the one for production: one.Dockerfile, two.Dockerfile"
        in why(found, "image")[0]
    )


def test_context_is_the_folder_that_holds_what_is_copied():
    files = {f"backend/{path}": text for path, text in SHOP.items()}
    text = DOCKERFILE.replace("COPY . .", "COPY requirements.txt .\nCOPY . .")
    found = of({**files, "backend/Dockerfile": text, "backend/requirements.txt": "django\n", "README.md": ""})
    assert (found.image.dockerfile, found.image.context) == ("backend/Dockerfile", "backend")
    assert (found.python_path, found.unknowns) == ("/app", ())


@pytest.mark.parametrize(
    "copies",
    [
        "COPY manage.py ./\nCOPY shop shop/\n",
        "COPY manage.py shop /app/\n",
        'COPY ["manage.py", "/app/"]\n',
        "COPY --chown=shop:shop --link manage.py /app/manage.py\n",
        "ADD . /app\n",
    ],
)
def test_manage_py_by_itself(copies):
    assert dockerfile('CMD ["gunicorn", "shop.wsgi", "-b", ":80"]', first=copies).python_path == "/app"


def test_folder_below_the_context():
    files = {f"backend/{path}": text for path, text in SHOP.items() if path != "Dockerfile"}
    text = DOCKERFILE.replace("COPY . .", "COPY backend /app")
    found = of({**files, "Dockerfile": text})
    assert (found.image.context, found.python_path) == ("", "/app")


MISSING = DOCKERFILE.replace("COPY . .", "COPY package-lock.json ./\nCOPY . .")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (MISSING, {"package-lock.json": "{}"}),
        (MISSING.replace("package-lock.json", "package-lock.json*"), {}),
        (MISSING.replace("COPY package", "COPY --from=node:22 package"), {}),
        (MISSING.replace("package-lock.json", "$LOCK"), {}),
        (MISSING, {".gitignore": "package-lock.json\n"}),
        ("FROM node AS unused\nCOPY package-lock.json .\n" + DOCKERFILE, {}),
    ],
)
def test_copies_that_may_succeed_are_no_problem(text, more):
    assert known(Dockerfile=text, **more).unknowns == ()


def test_copy_of_what_is_not_there_is_a_problem():
    found = known(Dockerfile=MISSING)
    assert why(found, "image") == [
        "Dockerfile:3: copies package-lock.json, which is not in the repository, so the image cannot be built"
    ]
    assert found.image is not None


def test_copied_files_that_git_ignores_are_named():
    found = known(Dockerfile=MISSING, **{".gitignore": "package-lock.json\n", "package-lock.json": "{}"})
    assert found.image.untracked == ("package-lock.json",)


def test_manage_py_that_is_not_in_the_image_is_a_problem():
    found = dockerfile('CMD ["gunicorn", "shop.wsgi"]', first="COPY shop shop\n")
    assert "Dockerfile: does not take manage.py into the image by COPY" in why(found, "image")
    assert found.process("migrate") is None


def test_base_image_of_unknown_entrypoint_is_a_problem():
    found = known(Dockerfile=DOCKERFILE.replace("python:3.13-slim", "acme/django-base:4"))
    assert "goes on from acme/django-base:4" in why(found, "entrypoint")[0]


# The web server


@pytest.mark.parametrize(
    ("command", "program", "port", "asgi"),
    [
        ('["gunicorn", "shop.wsgi", "-b", "0.0.0.0:8080"]', "gunicorn", 8080, False),
        ('["gunicorn", "shop.wsgi:application", "--bind=:8080"]', "gunicorn", 8080, False),
        ("gunicorn shop.wsgi --bind 0.0.0.0:8080 --workers 3", "gunicorn", 8080, False),
        ("exec gunicorn shop.asgi -k uvicorn_worker.UvicornWorker -b [::]:8080", "gunicorn", 8080, True),
        (
            '["uvicorn", "shop.asgi:application", "--host", "0.0.0.0", "--port", "8001"]',
            "uvicorn",
            8001,
            True,
        ),
        ('["uvicorn", "--host=0.0.0.0", "shop.asgi:application"]', "uvicorn", 8000, True),
        ('["daphne", "-b", "0.0.0.0", "-p", "9000", "shop.asgi:application"]', "daphne", 9000, True),
        ('["hypercorn", "shop.asgi:application", "--bind", "0.0.0.0:8002"]', "hypercorn", 8002, True),
        (
            '["granian", "--interface", "asgi", "--host", "0.0.0.0", "--port", "8003", "shop.asgi:application"]',
            "granian",
            8003,
            True,
        ),
        ('["uv", "run", "gunicorn", "shop.wsgi", "-b", ":8080"]', "gunicorn", 8080, False),
        (
            '["sh", "-c", "python manage.py migrate && gunicorn shop.wsgi -b :${PORT:-8080}"]',
            "gunicorn",
            8080,
            False,
        ),
        ("gunicorn shop.wsgi --bind 0.0.0.0:${PORT:-8080}", "gunicorn", 8080, False),
        ("gunicorn shop.wsgi --bind \\\n  0.0.0.0:8080", "gunicorn", 8080, False),
    ],
)
def test_web(command, program, port, asgi):
    found = dockerfile(f"CMD {command}")
    web = found.process("web")
    assert (web.program, web.port, web.asgi) == (program, port, asgi)
    assert web.where == "Dockerfile:4"
    assert found.unknowns == ()


@pytest.mark.parametrize(
    ("environment", "command", "port"),
    [
        ("ENV PORT=7000", '["sh", "-c", "gunicorn shop.wsgi -b 0.0.0.0:$PORT"]', 7000),
        ("ENV PORT=7000", '["gunicorn", "shop.wsgi"]', 7000),
        ('ENV GUNICORN_CMD_ARGS="--bind=0.0.0.0:7001 --workers=2"', '["gunicorn", "shop.wsgi"]', 7001),
        ("ARG P=7002\nENV PORT ${P}", "gunicorn shop.wsgi -b :$PORT", 7002),
        ("ENV UVICORN_HOST=0.0.0.0 UVICORN_PORT=7003", '["uvicorn", "shop.asgi:application"]', 7003),
    ],
)
def test_port_that_the_image_sets(environment, command, port):
    assert dockerfile(f"{environment}\nCMD {command}").process("web").port == port


@pytest.mark.parametrize(
    ("config", "port"),
    [
        ('bind = "0.0.0.0:8765"\n', 8765),
        ('import os\n\nbind = "0.0.0.0:" + os.environ.get("PORT", "8766")\n', 8766),
        ("import os\n\nbind = f\"0.0.0.0:{os.getenv('PORT', 8767)}\"\n", 8767),
        ('bind = ["0.0.0.0:8768"]\n', 8768),
    ],
)
@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("gunicorn.conf.py", ""),
        ("deploy/gunicorn.py", " -c deploy/gunicorn.py"),
        ("conf.py", " --config=/app/conf.py"),
    ],
)
def test_port_of_a_configuration_file(path, option, config, port):
    text = f"FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD gunicorn shop.wsgi{option}\n"
    found = known(**{"Dockerfile": text, path: config})
    assert found.process("web").port == port, found.unknowns


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (
            "gunicorn shop.wsgi -b 0.0.0.0:$PORT",
            "gunicorn listens at 0.0.0.0:$PORT, which nothing here gives a value",
        ),
        ("gunicorn shop.wsgi", "gunicorn listens at 127.0.0.1:8000, which only its own container reaches"),
        ("gunicorn shop.wsgi -b unix:/run/shop.sock", "gunicorn listens at a socket, not at a port"),
        (
            "gunicorn shop.wsgi -c /etc/gunicorn.py",
            "gunicorn is configured by /etc/gunicorn.py, whose `bind`",
        ),
        ("gunicorn shop.wsgi -b :443 --certfile c.pem", "gunicorn ends TLS itself"),
        (
            "uvicorn shop.asgi:application --port 8000",
            "uvicorn listens at 127.0.0.1:8000, which only its own",
        ),
        ("uvicorn shop.asgi:application --uds /run/shop.sock", "uvicorn listens at a socket"),
        ("daphne -p 8000 shop.asgi:application", "daphne listens at 127.0.0.1:8000"),
    ],
)
def test_port_that_is_not_certain_is_refused(command, reason):
    found = dockerfile(f"CMD {command}")
    assert found.process("web").port is None
    assert why(found, "port")[0].startswith(f"Dockerfile:4: {reason}")
    with pytest.raises(Refused):
        found.require("port")


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py runserver 0.0.0.0:8000",
        "gunicorn other.wsgi -b :8000",
        "uvicorn shop.asgi:application --host 0.0.0.0 --reload",
        "sleep infinity",
        "",
    ],
)
def test_command_that_serves_nothing_is_no_web_server(command):
    found = dockerfile(f"CMD {command}" if command else "")
    assert found.process("web") is None
    named = f"Dockerfile:4: no command of its image serves this project by a server that is known here (CMD is `{SH}{command}`)"
    assert why(found, "web")[0].startswith(named if command else "Dockerfile: no command of its image")


SH = "/bin/sh -c "


def test_dollars_of_a_compose_file_are_the_containers():
    compose = 'services:\n  a:\n    build: .\n    command: sh -c "gunicorn shop.wsgi -b :$${PORT:-8123}"\n'
    web = known(**{"docker-compose.prod.yml": compose}).process("web")
    assert (web.command, web.port) == (("sh", "-c", "gunicorn shop.wsgi -b :${PORT:-8123}"), 8123)


def test_service_that_extends_another():
    compose = (
        "services:\n  base:\n    build: {context: ., dockerfile: two.Dockerfile}\n"
        "  web:\n    extends: {service: base}\n    command: gunicorn shop.wsgi -b :8000\n"
    )
    found = known(**{"docker-compose.prod.yml": compose, "two.Dockerfile": DOCKERFILE})
    assert (found.image.dockerfile, found.process("web").port) == ("two.Dockerfile", 8000)


def test_entrypoint_drops_the_command_of_the_stage_before():
    text = "FROM python:3.13 AS one\nWORKDIR /app\nCOPY . .\n{cmd}\nFROM one\n{entry}\n"
    cmd, entry = 'CMD ["gunicorn", "shop.wsgi", "-b", ":80"]', 'ENTRYPOINT ["tini", "--"]'
    assert known(Dockerfile=text.format(cmd=cmd, entry="")).process("web").port == 80
    assert known(Dockerfile=text.format(cmd=cmd, entry=entry)).process("web") is None
    assert known(Dockerfile=text.format(cmd="", entry=f"{entry}\n{cmd}")).process("web").port == 80
    assert known(Dockerfile=text.format(cmd="", entry=f"{cmd}\n{entry}")).process("web").port == 80


def test_several_commands_that_serve_are_refused():
    compose = (
        "services:\n  a:\n    build: .\n    command: gunicorn shop.wsgi -b :8000\n"
        "  b:\n    build: .\n    command: uvicorn shop.asgi:application --host 0.0.0.0\n"
    )
    found = known(**{"docker-compose.prod.yml": compose})
    assert "several commands could be the one for production" in why(found, "web")[0]


def test_script_that_starts_everything_is_refused():
    start = "#!/bin/sh\ncelery -A shop worker &\ngunicorn shop.wsgi -b :8000\n"
    found = of({**TASKS, "start.sh": start, "Dockerfile": DOCKERFILE.replace("gunicorn", "./start.sh")})
    assert "starts the web server and Celery as well" in why(found, "web")[0]


def test_writes_and_migrations_at_the_start():
    start = "#!/bin/sh\npython manage.py migrate\npython manage.py collectstatic --noinput\nexec gunicorn shop.wsgi -b :80\n"
    files = {
        "start.sh": start,
        "Dockerfile": 'FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD ["/app/start.sh"]\n',
    }
    root = (
        'from pathlib import Path\nBASE = Path(__file__).parent.parent\nSTATIC_ROOT = BASE / "var" / "static"'
    )
    web = settings(root, **files).process("web")
    assert (web.writes, web.migrates, web.script, web.where) == (
        ("/app/var/static",),
        True,
        "start.sh",
        "start.sh:4",
    )
    web = settings('STATIC_ROOT = "/var/static"', **files).process("web")
    assert web.writes == ("/var/static",)
    web = settings("", **files).process("web")
    assert web.writes == ()


def test_static_files_of_the_build_are_not_written_at_the_start():
    text = DOCKERFILE.replace("CMD", "RUN python manage.py collectstatic --noinput\nCMD")
    web = settings('STATIC_ROOT = "/var/static"', Dockerfile=text).process("web")
    assert (web.writes, web.migrates) == ((), False)


# The entrypoint


@pytest.mark.parametrize(
    ("entrypoint", "script", "reason"),
    [
        (
            "ENTRYPOINT /app/entry.sh",
            '#!/bin/sh\nexec "$@"\n',
            "Dockerfile:4: ENTRYPOINT is written without brackets",
        ),
        (
            'ENTRYPOINT ["/app/entry.sh"]',
            "#!/bin/sh\nexec gunicorn shop.wsgi -b :80\n",
            "entry.sh: does not run the",
        ),
        (
            'ENTRYPOINT ["gunicorn", "shop.wsgi", "-b", ":80"]',
            "",
            "Dockerfile:4: ENTRYPOINT is the server itself",
        ),
        (
            'ENTRYPOINT ["python", "manage.py"]',
            "",
            "Dockerfile:4: whether ENTRYPOINT (python manage.py) runs the command",
        ),
        (
            'ENTRYPOINT ["entrypoint.sh"]',
            "",
            "Dockerfile:4: whether ENTRYPOINT (entrypoint.sh) runs the command",
        ),
        ('ENTRYPOINT ["python", "entry.py"]', "", "Dockerfile:4: whether ENTRYPOINT (python entry.py) runs"),
    ],
)
def test_entrypoint_that_runs_no_other_commands_is_refused(entrypoint, script, reason):
    text = f"FROM python:3.13\nWORKDIR /app\nCOPY . .\n{entrypoint}\n"
    found = known(
        **{"Dockerfile": text, "entry.sh": script, "entry.py": "import os\nos.execvp('gunicorn', [])\n"}
    )
    assert why(found, "entrypoint")[0].startswith(reason)


@pytest.mark.parametrize(
    "entrypoint",
    [
        '["/app/entry.sh"]',
        '["/usr/bin/tini", "--", "/app/entry.sh"]',
        '["sh", "entry.sh"]',
        '["tini", "--"]',
        '["uv", "run"]',
        '["doppler", "run", "--"]',
        '["python", "/app/entry.py"]',
        "[]",
    ],
)
def test_entrypoint_that_hands_over_is_none_to_speak_of(entrypoint):
    text = f'FROM python:3.13\nWORKDIR /app\nCOPY . .\nENTRYPOINT {entrypoint}\nCMD ["gunicorn", "shop.wsgi", "-b", ":80"]\n'
    script = "import os, sys\nos.execvp(sys.argv[1], sys.argv[1:])\n"
    found = known(**{"Dockerfile": text, "entry.py": script, "entry.sh": '#!/bin/sh\nset -e\nexec "$@"\n'})
    assert found.unknowns == ()
    assert found.process("web").port == 80


def test_arguments_for_a_server_are_no_commands():
    found = entrypoint('#!/bin/sh\nexec gunicorn shop.wsgi -b :80 \\\n  "$@"', end="")
    assert "entry.sh: does not run the command that it is given" in why(found, "entrypoint")[0]


DISPATCHING = """\
#!/bin/sh
set -e
case "$1" in
web|serve)
    exec gunicorn shop.wsgi \\
        --bind 0.0.0.0:8000
    ;;
'worker') exec celery -A shop worker -Q mail ;;
shell)
    exec python manage.py shell
    ;;
*)
    exec "$@"
    ;;
esac
"""


@pytest.mark.parametrize("command", ['CMD ["web"]', ""])
def test_entrypoint_that_takes_words(command):
    text = f'FROM python:3.13\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["/app/entry.sh"]\n{command}\n'
    found = of({**TASKS, "Dockerfile": text, "entry.sh": DISPATCHING.replace("|serve", "")})
    web, worker = found.process("web"), found.process("worker")
    assert (web.command, web.port, web.where) == (("web",), 8000, "entry.sh:5")
    assert (worker.command, worker.queues, worker.where) == (("worker",), ("mail",), "entry.sh:8")
    assert found.unknowns == ()


def test_word_of_a_compose_file_is_what_the_entrypoint_runs_for_it():
    text = 'FROM python:3.13\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["/app/entry.sh"]\n'
    compose = "services:\n  app:\n    build: .\n    command: serve\n"
    found = of({**TASKS, "Dockerfile": text, "entry.sh": DISPATCHING, "docker-compose.prod.yml": compose})
    assert (found.process("web").command, found.process("web").port) == (("serve",), 8000)


# Celery and migrations


def test_worker_and_beat_of_a_compose_file():
    compose = """\
services:
  web: &app
    build: .
    command: gunicorn shop.wsgi -b :8000
  mail:
    <<: *app
    command: celery -A shop worker -Q mail,sms -l INFO
  other:
    <<: *app
    command: ["celery", "-A", "shop", "worker"]
  beat:
    <<: *app
    command: celery -A shop beat
  flower:
    <<: *app
    command: celery -A shop flower --port=6000
"""
    found = of({**TASKS, "docker-compose.prod.yml": compose})
    assert [
        (one.name, one.command[-2:], one.queues, one.port, one.where) for one in found.processes[1:-1]
    ] == [
        ("worker", ("-l", "INFO"), ("mail", "sms"), None, "docker-compose.prod.yml:7"),
        ("worker", ("shop", "worker"), (), None, "docker-compose.prod.yml:10"),
        ("beat", ("shop", "beat"), (), None, "docker-compose.prod.yml:13"),
        ("flower", ("flower", "--port=6000"), (), 6000, "docker-compose.prod.yml:16"),
    ]


def test_worker_is_derived_and_beat_only_if_something_is_scheduled():
    found = of(TASKS)
    assert found.process("worker").command == ("celery", "-A", "shop.celery", "worker", "-l", "INFO")
    assert found.process("worker").where == "shop/celery.py:3"
    assert found.process("beat") is None
    schedule = SETTINGS + "CELERY_BEAT_SCHEDULE = {}\n"
    found = of({**TASKS, "shop/settings.py": schedule})
    assert found.process("beat").command == (
        "celery",
        "-A",
        "shop.celery",
        "beat",
        "-l",
        "INFO",
        "--schedule",
        "/tmp/celerybeat-schedule",
    )
    assert found.process("beat").where == f"shop/settings.py:{len(schedule.splitlines())}"


def test_derived_commands_run_where_manage_py_is_and_as_the_server_does():
    text = """\
FROM python:3.13
WORKDIR /
COPY . /code
CMD ["uv", "run", "--no-sync", "gunicorn", "shop.wsgi", "--chdir", "/code", "-b", ":80"]
"""
    found = of({**TASKS, "Dockerfile": text})
    launcher = ("uv", "run", "--no-sync")
    assert found.process("worker").command == (
        *launcher, "celery", "-A", "shop.celery", "--workdir", "/code", "worker", "-l", "INFO",
    )  # fmt: skip
    assert found.process("migrate").command == (
        *launcher,
        "python",
        "/code/manage.py",
        "migrate",
        "--noinput",
    )


def test_worker_that_runs_beat_is_refused():
    compose = (
        "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: celery -A shop worker -B\n"
    )
    found = of({**TASKS, "docker-compose.prod.yml": compose})
    assert "docker-compose.prod.yml:6: the worker runs beat in itself (-B)" in why(found, "beat")[0]


def test_commands_that_only_compose_can_fill_in_are_refused():
    compose = (
        "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi -b :80 --workers ${WORKERS}\n"
        "  worker:\n    build: .\n    command: celery -A shop worker -c $COUNT -Q ${QUEUES:-mail}\n"
        "  flower:\n    build: .\n    command: celery -A shop flower --basic_auth=$USER\n"
    )
    found = of({**TASKS, "docker-compose.prod.yml": compose})
    assert [problem.split(", ")[0] for problem in why(found, "web", "worker", "beat", "port")] == [
        "docker-compose.prod.yml:4: its command holds ${WORKERS}",
        "docker-compose.prod.yml:7: its command holds $COUNT",
    ]
    assert found.process("worker").queues == ("mail",)


def test_no_celery_no_processes_of_it():
    assert {one.name for one in known().processes} == {"web", "migrate"}
    assert known().celery is None


def test_celery_of_settings():
    text = (
        'import os\nCELERY_BROKER_URL = os.environ["BROKER"]\nCELERY_TASK_TIME_LIMIT = 60 * 30\n'
        'CELERY_TASK_ACKS_LATE = True\nCELERY_TASK_DEFAULT_QUEUE = "shop"\n'
    )
    found = of({**TASKS, "shop/settings.py": SETTINGS + text})
    assert found.celery == Celery(
        app="shop.celery", time_limit=1800, late=True, default_queue="shop", broker="BROKER"
    )


# The environment


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ('import os\nX = os.environ["A"]', True),
        ('from os import environ\nX = environ["A"]', True),
        ('import os\nX = os.environ.get("A")', False),
        ('import os\nX = os.getenv("A", "b")', False),
        ('import environ\nenv = environ.Env()\nX = env("A")', True),
        ('import environ\nenv = environ.Env()\nX = env("A", default="b")', False),
        ('import environ\nenv = environ.Env()\nX = env.bool("A", False)', False),
        ('import environ\nenv = environ.Env()\nX = env("A", bool)', True),
        ('import environ\nenv = environ.Env(A=(bool, False))\nX = env("A")', False),
        ('import environ\nenv = environ.Env(A=bool)\nX = env("A")', True),
        ('import environ\nroot = environ.Env()\nX = root.list("A")', True),
        ('from environs import Env\nenv = Env()\nenv.read_env()\nX = env.str("A", "b")', False),
        ('from environs import Env\nenv = Env()\nX = env.int("A")', True),
        ('from decouple import config\nX = config("A")', True),
        ('from decouple import config\nX = config("A", default="")', False),
        ('from decouple import config\nX = config("A", cast=int)', True),
        ('import os\nif os.environ.get("B"):\n    X = os.environ["A"]', False),
        ('import os\nif not os.environ.get("B"):\n    X = os.environ["A"]', True),
        ('import os\nif os.environ.get("B"):\n    X = 1\nelse:\n    X = os.environ["A"]', True),
        ('import environ\nenv = environ.Env()\nif env.bool("B", default=True):\n    X = env("A")', True),
        (
            'import environ\nenv = environ.Env()\nB = env.bool("B", default=False)\nif B:\n    X = env("A")',
            False,
        ),
        ('import os\nif "B" in os.environ:\n    X = os.environ["A"]', False),
        ('import os\nif os.getenv("B", "local") == "production":\n    X = os.environ["A"]', False),
        ('import os\nif os.getenv("B", "local") != "production":\n    X = os.environ["A"]', True),
        ('import os\nif os.environ["B"] == "production":\n    X = os.environ["A"]', False),
        ('import os\nif DEBUG:\n    X = os.environ["A"]', True),
        ('import os\nif not DEBUG:\n    X = os.environ["A"]', False),
        ('import os\ntry:\n    X = os.environ["A"]\nexcept KeyError:\n    X = 1', False),
        ('import os\nX = os.environ.get("B") or os.environ["A"]', True),
        ('import os\nX = os.environ["A"] if os.environ.get("B") else 1', False),
        ('import os\nX = "b" or os.environ["A"]', False),
        ('import os\nX = {"a": [os.environ["A"]]}', True),
        ('import os\ndef later():\n    return os.environ["A"]', False),
        ('import os\nX = lambda: os.environ["A"]', False),
        (
            "import os\ndef need(name):\n    try:\n        return os.environ[name]\n    except KeyError:\n"
            '        raise ImproperlyConfigured(name)\nX = need("A")',
            True,
        ),
        (
            'import os\ndef get(name, default=None):\n    return os.environ.get(name, default)\nX = get("A")',
            False,
        ),
        (
            "import os\ndef maybe(name):\n    if name in os.environ:\n        return os.environ[name]\n"
            'X = maybe("A")',
            False,
        ),
        ('import os\nos.environ.setdefault("A", "b")\nX = os.environ["A"]', False),
    ],
)
def test_variables_that_settings_need(text, needed):
    found = settings(text)
    assert ("A" in required(found)) is needed
    assert "B" not in required(found) or 'os.environ["B"]' in text


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ('SECRET_KEY = os.environ.get("A", "django-insecure-1")', True),
        ('SECRET_KEY = os.environ.get("A") or get_random_secret_key()', True),
        ('X = os.environ.get("A", "django-insecure-1")', False),
        ('STRIPE = {"SECRET_KEY": os.environ.get("A", "x")}', False),
        ('SECRET_KEY = open("key").read()\nX = os.environ.get("A")', False),
    ],
)
def test_the_secret_key_of_the_repository_is_not_relied_on(text, needed):
    assert ("A" in required(settings(f"import os\n{text}"))) is needed


def test_default_and_place_of_a_variable():
    found = settings('import environ\nenv = environ.Env()\nX = env.list("HOSTS_OF", default=["a", "b"])')
    one = variable(found, "HOSTS_OF")
    assert (one.default, one.where, one.secret) == ("a,b", ("shop/settings.py:22",), False)


@pytest.mark.parametrize(
    ("text", "name", "meaning"),
    [
        ('X = {"default": env.db()}', "DATABASE_URL", "database-url"),
        ('DATABASES = {"default": env.db("PG_URL")}', "PG_URL", "database-url"),
        (
            'import dj_database_url\nX = dj_database_url.config(default="sqlite:///x")',
            "DATABASE_URL",
            "database-url",
        ),
        ('DATABASES = {"default": env.db("A"), "replica": env.db("B")}', "B", ""),
        ('DATABASES = {"default": {"USER": env("WHO")}}', "WHO", "database-user"),
        ('DATABASES = {"default": {"NAME": env("WHAT")}}', "WHAT", "database-name"),
        ('DATABASES = {"default": {}, "old": {"HOST": env("DB_HOST_OLD")}}', "DB_HOST_OLD", ""),
        (
            'DATABASES = {"default": {}}\nDATABASES["default"]["PASSWORD"] = env("PW")',
            "PW",
            "database-password",
        ),
        ('SECRET_KEY = env("KEY_OF_THIS")', "KEY_OF_THIS", "secret-key"),
        ('ALLOWED_HOSTS = env.list("HOSTS")', "HOSTS", "allowed-hosts"),
        ('AWS_STORAGE_BUCKET_NAME = env("MEDIA")', "MEDIA", "bucket"),
        ('AWS_ACCESS_KEY_ID = env("DJANGO_AWS_ACCESS_KEY_ID")', "DJANGO_AWS_ACCESS_KEY_ID", "aws-access-key"),
        ('AWS_SECRET_ACCESS_KEY = env("S3_SECRET")', "S3_SECRET", "aws-secret-key"),
        ('AWS_S3_REGION_NAME = env("WHERE", default=None)', "WHERE", "aws-region"),
        ('CACHES = {"default": {"LOCATION": env("CACHE", default="redis://x")}}', "CACHE", "redis-url"),
        ('X = env("REDIS_URL")', "REDIS_URL", "redis-url"),
        ('CELERY_BROKER_URL = env("BROKER_URL", default="amqp://x")', "BROKER_URL", ""),
        ('STRIPE = env("STRIPE_SECRET_KEY")', "STRIPE_SECRET_KEY", ""),
        ('WEBHOOK_ALLOWED_HOSTS = env("WEBHOOK_ALLOWED_HOSTS")', "WEBHOOK_ALLOWED_HOSTS", ""),
        ('X = env("CLOUDAMQP_URL")\nCELERY_BROKER_URL = X', "CLOUDAMQP_URL", ""),
        ('A = "default"\nB = "x"\nDATABASES = {A: env.db("ONE"), B: env.db("TWO")}', "ONE", "database-url"),
        ('A = "default"\nB = "x"\nDATABASES = {A: env.db("ONE"), B: env.db("TWO")}', "TWO", ""),
    ],
)
def test_meanings(text, name, meaning):
    found = settings(f"import environ\nenv = environ.Env()\n{text}")
    assert variable(found, name).meaning == meaning


def test_settings_module_is_always_there():
    one = known().environment[0]
    assert (one.name, one.required, one.meaning) == ("DJANGO_SETTINGS_MODULE", True, "settings-module")
    assert one.where == ("manage.py:3", "shop/wsgi.py:5", "shop/asgi.py:5")


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DJANGO_SECRET_KEY", True),
        ("STRIPE_API_KEY", True),
        ("SENTRY_DSN", True),
        ("SLACK_TOKEN", True),
        ("EMAIL_HOST_PASSWORD", True),
        ("DJANGO_ADMIN_URL", True),
        ("DATABASE_URL", True),
        ("DATABASE_REPLICA_URL", True),
        ("CELERY_BROKER_URL", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("MAILGUN_DOMAIN", False),
        ("MAILGUN_API_URL", False),
        ("SITE_URL", False),
        ("DJANGO_ALLOWED_HOSTS", False),
        ("STRIPE_PUBLISHABLE_KEY", False),
        ("CACHE_KEY_PREFIX", False),
        ("CLIENT_SECRET", True),
        ("BASIC_AUTH_ENABLED", False),
        ("AWS_QUERYSTRING_AUTH", False),
        ("PASSWORD_RESET_TIMEOUT", False),
        ("MONKEYS", False),
        ("KEYCLOAK_REALM", False),
    ],
)
def test_secrets_by_name(name, secret):
    assert is_secret(name) is secret


START = 'FROM python:3.13\nWORKDIR /app\nCOPY . .\n{more}ENTRYPOINT ["/app/entry.sh"]\nCMD ["gunicorn", "shop.wsgi", "-b", ":80"]\n'


def entrypoint(script, more="", end='\nexec "$@"\n', **files):
    """The shop with this at the start of its entrypoint."""
    return known(**{"Dockerfile": START.format(more=more), "entry.sh": script + end, **files})


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ('#!/bin/sh\nset -o nounset\necho "${A}"', True),
        ('#!/bin/sh\nset -eu\necho "$A"', True),
        ('#!/bin/bash\nset -euo pipefail\necho "$A"', True),
        ('#!/bin/sh -eu\necho "$A"', True),
        ('#!/bin/sh\nset -e\necho "$A"', False),
        ('#!/bin/sh\necho "${A:?is needed}"', True),
        ('#!/bin/sh\nset -u\necho "${A:-b}" "${A-b}" "${A:+b}"', False),
        ('#!/bin/sh\nset -u\nA=b\necho "$A"', False),
        ('#!/bin/sh\nset -u\nexport A="$A"', True),
        ('#!/bin/sh\nset -u\n: "${A:=b}"\necho "$A"', False),
        ("#!/bin/sh\nset -u\necho '$A'", False),
        ('#!/bin/sh\nset -u\necho "it\'s $A"', True),
        ("#!/bin/sh\nset -u\n# echo $A", False),
        ("#!/bin/sh\nset -u\necho \\$A", False),
        ('#!/bin/sh\nset -u\nif [ -z "${A}" ]; then\n  export A=b\nfi', True),
        ('#!/bin/sh\nset -u\nif [ -z "${A:-}" ]; then\n  export A=b\nfi\necho "$A"', False),
        ('#!/bin/sh\nset -u\nif [ -n "${B:-}" ]; then\n  echo "$A"\nfi', False),
        ('#!/bin/sh\nset -u\n[ -n "${B:-}" ] && echo "$A"', False),
        ('#!/bin/sh\nset -u\nfor A in x y; do\n  echo "$A"\ndone', False),
        ('#!/bin/sh\nset -u\ncheck() {\n  echo "$A"\n}', False),
        ("#!/bin/sh\nset -u\ncat <<EOF\n$A\nEOF", False),
        ('#!/bin/sh\nset -u\necho "$HOME" "$1" "$#" "${A%%/*}"', True),
        ('#!/bin/sh\nset -u\nA=$(python -c "print(1)")\necho "$A"', False),
    ],
)
def test_variables_that_the_entrypoint_needs(script, needed):
    found = entrypoint(script)
    assert required(found) == {"DJANGO_SETTINGS_MODULE"} | ({"A"} if needed else set())


def test_what_the_entrypoint_exports_is_not_to_be_given():
    script = (
        '#!/bin/sh\nexport DATABASE_URL="postgres://$DB_USER:$DB_PASSWORD@$DB_HOST:${DB_PORT:-5432}/$DB_NAME"'
    )
    text = SETTINGS + 'import environ\nenv = environ.Env()\nDATABASES = {"default": env.db()}\n'
    found = entrypoint(script, **{"shop/settings.py": text})
    url = found.variable("database-url")
    assert (url.required, url.exported) == (False, True)
    assert required(found) == {"DJANGO_SETTINGS_MODULE", "DB_USER", "DB_PASSWORD", "DB_HOST", "DB_NAME"}
    assert variable(found, "DB_PORT").default == "5432"
    assert found.environment[-1] is url


def test_what_the_entrypoint_has_a_default_for_is_not_required():
    text = SETTINGS + 'import os\nX = os.environ["A"]\n'
    script = '#!/bin/sh\nset -u\nif [ -z "${A:-}" ]; then\n  export A=b\nfi'
    assert required(entrypoint(script, **{"shop/settings.py": text})) == {"DJANGO_SETTINGS_MODULE"}


def test_condition_on_a_name_that_the_entrypoint_decides_is_not_certain():
    text = SETTINGS + 'import os\nFLAG = os.environ.get("FLAG", "yes")\nif FLAG:\n    X = os.environ["A"]\n'
    assert "A" in required(known(**{"shop/settings.py": text}))
    assert "A" not in required(entrypoint('#!/bin/sh\nexport FLAG="$(date)"', **{"shop/settings.py": text}))


def test_entrypoint_that_leaves_its_folder():
    files = {**TASKS, "entry.sh": '#!/bin/sh\ncd /srv\nexec "$@"\n', "Dockerfile": START.format(more="")}
    found = of(files)
    assert found.process("migrate").command == ("python", "/app/manage.py", "migrate", "--noinput")
    assert "--workdir" in found.process("worker").command


def test_entrypoint_is_no_command_behind_itself():
    text = START.format(more="COPY entry.sh /entry.sh\n").replace("/app/entry.sh", "/entry.sh")
    text = text[: text.index("CMD")]
    script = '#!/bin/sh\nif [ "$1" = web ]; then\n  exec gunicorn shop.wsgi -b :80\nfi\nexec "$@"\n'
    found = known(**{"Dockerfile": text, "entry.sh": script})
    assert found.process("web") is None
    found = known(**{"Dockerfile": text, "entry.sh": script.replace('"$1" = web', "$# -eq 0")})
    assert (found.process("web").command, found.process("web").port) == ((), 80)
    assert found.unknowns == ()


def test_what_the_image_sets_is_not_required():
    found = entrypoint('#!/bin/sh\nset -u\necho "$A"', more="ENV A=b\n")
    assert required(found) == {"DJANGO_SETTINGS_MODULE"}
    text = SETTINGS + 'import os\nX = os.environ["A"]\n'
    found = known(**{"Dockerfile": DOCKERFILE.replace("COPY", "ENV A=b\nCOPY"), "shop/settings.py": text})
    assert (variable(found, "A").required, found.image.sets) == (False, ("A",))


def test_condition_on_what_the_entrypoint_exports_holds():
    script = '#!/bin/sh\nexport DATABASE_URL="postgres://${PGUSER}@x/y"'
    text = (
        "import os\nimport environ\nenv = environ.Env()\n"
        'if os.getenv("DATABASE_URL", default=None):\n    DATABASES = {"default": env.db("DATABASE_URL")}\n'
        'else:\n    DATABASES = {"default": {"NAME": env("POSTGRES_DB")}}\n'
    )
    found = entrypoint(script, **{"shop/settings.py": SETTINGS + text})
    assert required(found) == {"DJANGO_SETTINGS_MODULE", "PGUSER"}
    found = settings(text)
    assert required(found) == {"DJANGO_SETTINGS_MODULE", "POSTGRES_DB"}


def test_variables_of_one_process_are_its_own():
    scripts = {
        "start": "#!/bin/sh\nexec gunicorn shop.wsgi -b :80\n",
        "flower": '#!/bin/sh\nset -u\nexec celery -A shop flower --basic_auth="$FLOWER_USER"\n',
        "worker": '#!/bin/sh\nset -u\nexec celery -A shop worker -c "$CONCURRENCY"\n',
    }
    text = "FROM python:3.13\nWORKDIR /app\nCOPY . .\nCOPY start /start\nCOPY flower /flower\nCOPY worker /worker\n"
    found = of({**TASKS, **scripts, "Dockerfile": text})
    assert (found.process("web").command, found.process("worker").command) == (("/start",), ("/worker",))
    flower = variable(found, "FLOWER_USER")
    assert (flower.required, flower.needed_by) == (False, ("flower",))
    assert variable(found, "CONCURRENCY").required


def test_application_code_is_read_but_needs_nothing():
    found = known(
        **{
            "shop/views.py": 'import os\n\nKEY = os.environ["MAPS_KEY"]\n',
            "shop/tests/test_x.py": 'import os\nos.environ["T"]\n',
        }
    )
    one = variable(found, "MAPS_KEY")
    assert (one.required, one.secret, one.where) == (False, True, ("shop/views.py:3",))
    assert "T" not in {each.name for each in found.environment}


# Settings


def module(name, text="from .base import *\n"):
    return {f"shop/settings/{name}.py": text}


PACKAGE = {
    **{path: text for path, text in SHOP.items() if path != "shop/settings.py"},
    "shop/settings/__init__.py": "",
    **module("base", SETTINGS),
    **module("local"),
    "manage.py": SMALL["manage.py"].replace("shop.settings", "shop.settings.local"),
    "shop/wsgi.py": WSGI.replace("shop.settings", "shop.settings.local"),
    "shop/asgi.py": ASGI.replace("shop.settings", "shop.settings.local"),
}


def test_only_what_production_runs_is_read():
    found = of(
        {
            **PACKAGE,
            **module("local", 'from .base import *\nimport os\nX = os.environ["LOCAL"]\n'),
            **module("production", 'from .base import *\nimport os\nX = os.environ["PRODUCTION"]\n'),
            **module("base", SETTINGS + 'import os\nY = os.environ["BASE"]\n'),
        }
    )
    assert found.settings_module == "shop.settings.production"
    assert required(found) == {"DJANGO_SETTINGS_MODULE", "PRODUCTION", "BASE"}


def test_settings_that_the_image_names():
    text = DOCKERFILE.replace("COPY", "ENV DJANGO_SETTINGS_MODULE=shop.settings.cloud\nCOPY")
    found = of({**PACKAGE, **module("production"), **module("cloud"), "Dockerfile": text, **CLOUD})
    assert found.settings_module == "shop.settings.cloud"


def test_settings_that_the_entrypoint_or_a_compose_file_names():
    files = {**PACKAGE, **module("cloud"), **module("production")}
    script = {
        "Dockerfile": START.format(more=""),
        "entry.sh": '#!/bin/sh\nexport DJANGO_SETTINGS_MODULE=shop.settings.cloud\nexec "$@"\n',
    }
    compose = "services:\n  app:\n    build: .\n    command: gunicorn shop.wsgi -b :80\n    environment:\n      - DJANGO_SETTINGS_MODULE=shop.settings.cloud\n"
    for more in (script, {"compose.prod.yml": compose}, {"production.yml": compose}):
        assert of({**files, **CLOUD, **more}).settings_module == "shop.settings.cloud", more
    assert of({**files, **CLOUD, "compose.yml": compose}).settings_module == "shop.settings.production"


def test_settings_that_wsgi_names():
    files = {**PACKAGE, **module("cloud"), **CLOUD}
    assert of(files).settings_module == "shop.settings.cloud"


def test_settings_that_are_nowhere_are_refused():
    text = DOCKERFILE.replace("COPY", "ENV DJANGO_SETTINGS_MODULE=shop.settings.nowhere\nCOPY")
    found = known(Dockerfile=text)
    assert why(found, "settings") == [
        "Dockerfile: DJANGO_SETTINGS_MODULE is shop.settings.nowhere, which is not in the repository"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "from .secrets import *",
            "shop/settings.py:20: .secrets is imported, but not in the repository, so that variables",
        ),
        (
            "class Env(BaseSettings):\n    token: str",
            "shop/settings.py:20: reads variables by fields of pydantic's BaseSettings",
        ),
    ],
)
def test_variables_that_may_hide_are_said(text, reason):
    assert why(settings(text), "environment")[0].startswith(reason)


CLOUD = {"shop/wsgi.py": WSGI.replace("shop.settings", "shop.settings.cloud")}


def test_settings_that_are_not_clear_are_refused():
    found = of(PACKAGE)
    assert found.settings_module == ""
    assert "which settings module production uses is not clear" in why(found, "settings")[0]


# What stands behind


@pytest.mark.parametrize(
    ("image", "major"),
    [
        ("postgres:18", "18"),
        ("docker.io/postgres:16.4-alpine", "16"),
        ("postgis/postgis:15-3.4", "15"),
        ("pgvector/pgvector:pg17", "17"),
        ("timescale/timescaledb:2.15.2-pg16", "16"),
        ("bitnami/postgresql:14.5.0", "14"),
        ("postgres:${PG_VERSION:-13}", "13"),
        ("postgres:latest", None),
        ("postgres", None),
        ("mysql:8", None),
    ],
)
def test_postgres(image, major):
    found = known(**{"docker-compose.yml": f"services:\n  db:\n    image: {image}\n"})
    assert found.postgres == major


def test_postgres_of_a_dockerfile_and_production_first():
    found = known(
        **{
            "docker-compose.local.yml": "services:\n  db:\n    image: postgres:15\n",
            "docker-compose.production.yml": "services:\n  db:\n    build: {context: ., dockerfile: pg/Dockerfile}\n",
            "pg/Dockerfile": "FROM docker.io/postgres:17\nCOPY pg/backup /backup\n",
            "pg/backup": "",
        }
    )
    assert (found.postgres, found.image.dockerfile) == ("17", "Dockerfile")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db'}}",
            "the database is sqlite",
        ),
        (
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'NAME': 'db'}}",
            "the database is mysql",
        ),
        (
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}",
            "no variable tells production where",
        ),
    ],
)
def test_database_that_cannot_be_pointed_at_is_refused(text, reason):
    found = of({**SHOP, "shop/settings.py": SMALL["shop/settings.py"] + "\n" + text + "\n"})
    assert why(found, "postgres")[0].startswith(f"shop/settings.py:16: {reason}")


def test_redis_without_an_address_is_refused():
    text = 'import os\nCACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "HOST": os.environ["REDIS_HOST"]}}'
    found = settings(text)
    assert why(found, "cache")[0].startswith(
        "shop/settings.py: Redis is used, but no variable holds its whole address"
    )
    assert required(found) == {"DJANGO_SETTINGS_MODULE", "REDIS_HOST"}


def test_classes_of_django_configurations_are_refused():
    manage = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nos.environ.setdefault("DJANGO_CONFIGURATION", "Local")\n'
    text = "from configurations import Configuration\n\n\nclass Local(Configuration):\n    INSTALLED_APPS = []\n    ROOT_URLCONF = 'shop.urls'\n"
    found = known(**{"manage.py": manage, "shop/settings.py": text})
    assert "classes of django-configurations" in why(found, "settings")[0]


JUNK = [
    "\\\n",
    "${",
    "[",
    '"',
    "<<EOF\n",
    "ENTRYPOINT [\n",
    'case "$1" in\n',
    "ENV A\n",
    "- &a {b: *a}\n",
    "\0",
    "env(\n",
]


@pytest.mark.parametrize("junk", JUNK)
def test_nothing_raises(junk):
    files = Memory.of(FIXTURES / "cookiecutter").files
    for path in (
        "compose/production/django/Dockerfile",
        "compose/production/django/entrypoint",
        "compose/production/django/start",
        "docker-compose.production.yml",
        "config/settings/production.py",
    ):
        text = files[path].decode()
        for at in (0, len(text) // 2):
            found = deployment(detected({**files, path: f"{text[:at]}{junk}{text[at:]}"}))
            assert found.slug == "lending-desk"
            assert found.unknowns or found.process("web") is not None


@pytest.mark.parametrize(
    ("text", "redis"),
    [
        ('CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}', True),
        ('CELERY_BROKER_URL = "valkey://x"', True),
        ('CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}', False),
        ('CELERY_BROKER_URL = "amqp://x"', False),
        ('CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}', True),
        ("", False),
    ],
)
def test_redis(text, redis):
    assert settings(text).redis is redis


@pytest.mark.parametrize(
    ("text", "media"),
    [
        ("", "filesystem"),
        ('STORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}', "s3"),
        ('DEFAULT_FILE_STORAGE = "storages.backends.s3boto3.S3Boto3Storage"', "s3"),
        ('STORAGES = {"default": {"BACKEND": "storages.backends.gcloud.GoogleCloudStorage"}}', "other"),
        ('STORAGES = {"staticfiles": {"BACKEND": "x.S3ManifestStaticStorage"}}', "filesystem"),
        ('STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}', "filesystem"),
    ],
)
def test_media(text, media):
    assert settings(text).media == media


@pytest.mark.parametrize(
    "workspace",
    [
        {"pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n"},
        {"package.json": '{"workspaces": ["apps/*", "./packages/*"]}'},
        {"package.json": '{"workspaces": {"packages": ["apps/*", "packages/*"]}}'},
    ],
)
def test_frontends_of_a_workspace(workspace):
    package = '{"scripts": {"build": "vite build"}}'
    paths = ("apps/site", "packages/ui", "old/site")
    found = known(**workspace, **{f"{path}/package.json": package for path in paths})
    assert found.frontends == (Frontend("site", "apps/site", "vite build"),)


def test_frontends_outside_a_workspace():
    package = '{"name": "web", "scripts": {"build": "vite build"}}'
    library = '{"name": "lib", "scripts": {"build": "tsc"}}'
    found = known(
        **{"frontend/package.json": package, "tools/package.json": library, "package.json": package}
    )
    assert found.frontends == (Frontend("web", "frontend", "vite build"),)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("acme_shop", "acme-shop"),
        ("Acme Shop", "acme-shop"),
        ("3d", "app-3d"),
        ("a" * 60, "a" * 40),
        ("x" * 39 + "_y", "x" * 39),
    ],
)
def test_slug(name, slug):
    assert slug_of(name) == slug
