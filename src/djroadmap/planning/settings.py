"""Edits of settings, in the module that owns each one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo

if TYPE_CHECKING:
    from typing import Literal

    from djroadmap.model.project import Environment, Project


def installed_app(
    project: Project,
    app: str,
    *,
    group: Literal["third-party", "local", "django"] = "third-party",
    extra: bool = False,
) -> Plan:
    """`app` in INSTALLED_APPS, in the list of its group. Holds wherever in the graph it is installed already."""
    for entry, path in project.apps.where.items():
        if entry == app or entry.startswith(f"{app}.apps."):
            return Plan((edits.InstalledApp(path=path, app=app, group=group, extra=extra),))
    return Plan(
        (edits.InstalledApp(path=owner_path(project, "INSTALLED_APPS"), app=app, group=group, extra=extra),)
    )


def middleware(
    project: Project,
    dotted: str,
    *,
    after: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
    position: Literal["", "first", "last"] = "",
    extra: bool = False,
) -> Plan:
    """`dotted` in MIDDLEWARE, placed by its neighbours."""
    path = owner_path(project, "MIDDLEWARE")
    return Plan(
        (
            edits.Middleware(
                path=path, middleware=dotted, after=after, before=before, position=position, extra=extra
            ),
        )
    )


def list_item(
    project: Project,
    name: str,
    value: str,
    *,
    position: Literal["first", "last"] = "last",
    rows: bool = False,
    extra: bool = False,
) -> Plan:
    """`value` (Python code) as an element of the list setting `name`; with `rows`, `[]` is opened for it."""
    return Plan(
        (
            edits.ListItem(
                path=owner_path(project, name),
                name=name,
                value=value,
                position=position,
                rows=rows,
                extra=extra,
            ),
        )
    )


def setting(
    project: Project,
    name: str,
    value: str,
    *,
    environment: Environment = "base",
    section: str = "",
    link: str = "",
    comment: str = "",
    annotation: str = "",
    initial: bool = False,
    replace: bool = False,
    extra: bool = False,
) -> Plan:
    """`name = value` (Python code) in the settings module of an environment; nothing if there is no such module.

    A to-do where the module is not the project's to commit: a local, example or git-ignored file.
    """
    module = project.settings.base if environment == "base" else project.settings.environment(environment)
    if module is None:
        return Plan()
    if not module.editable:
        text = f"{module.path} is not for everyone's settings, so it is left alone: set {name} where they are"
        return Plan(todos=(Todo(text=text, snippet=f"{name} = {value}", path=module.path),))
    return Plan(
        (
            edits.Setting(
                path=module.path,
                name=name,
                value=value,
                section=section,
                link=link,
                comment=comment,
                annotation=annotation,
                initial=initial,
                replace=replace,
                extra=extra,
            ),
        )
    )


def unless_set(
    project: Project,
    name: str,
    value: str,
    *,
    environment: Environment = "base",
    section: str = "",
    link: str = "",
    comment: str = "",
) -> Plan:
    """A setting that is an extra; nothing if its module gives it another value already, which is the owner's."""
    plan = setting(
        project, name, value, environment=environment, section=section, link=link, comment=comment, extra=True
    )
    module = project.settings.base if environment == "base" else project.settings.environment(environment)
    if module is None or name not in module.names:
        return plan
    try:
        text = project.tree.read(module.path)
    except Refused:
        return plan
    return plan if all(edit.holds(text) for edit in plan.edits) else Plan()


def setting_key(
    project: Project, name: str, keys: tuple[str, ...], value: str, *, extra: bool = False
) -> Plan:
    """`value` (Python code) under `keys` in the dict setting `name`."""
    return Plan(
        (edits.SettingKey(path=owner_path(project, name), name=name, keys=keys, value=value, extra=extra),)
    )


def import_(
    project: Project, path: str, module: str, name: str = "", *, alias: str = "", create: bool = False
) -> Plan:
    """An import in `path`, as the project sorts them. Never what makes a feature present, so it is an extra."""
    own = module.partition(".")[0] in {app.name.partition(".")[0] for app in project.apps.local} | {
        project.name
    }
    edit = edits.Import(
        path=path,
        module=module,
        name=name,
        alias=alias,
        create=create,
        section="first" if own else "",
        single_line=project.style.force_single_line,
        extra=True,
    )
    return Plan((edit,))


def owner_path(project: Project, name: str) -> str:
    """The settings file that binds `name`; the base module if none does."""
    owner = project.settings.owner(name)
    return (owner or project.settings.base).path


def knows_debug(project: Project) -> bool:
    """Is the value that DEBUG has at the end of the base settings the one that it has for good?

    Not in a class of django-configurations: others inherit what is worked out there, and set their own DEBUG.
    """
    if project.settings.configuration:
        return False
    binding = [module for module in project.settings.modules if "DEBUG" in module.names]
    return binding == [project.settings.base] and not project.settings.problems
