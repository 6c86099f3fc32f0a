"""The commands that only read: status, list, info, check."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from djroadmap.errors import DjroadmapError, ManifestError, UsageError
from djroadmap.manifest import PATH, mend_options

from .session import Stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from djroadmap.model.feature import Feature, Missing
    from djroadmap.model.project import Project
    from djroadmap.workflow.status import FeatureStatus

    from .session import Session

STATE_MARK = {
    "installed": "done",
    "partial": "warning",
    "outdated": "warning",
    "available": "todo",
    "unavailable": "note",
}


def status(session: Session, names: list[str]) -> None:
    """What the project is, and the state of its features."""
    from djroadmap.workflow.status import statuses  # noqa: PLC0415

    world = session.world()
    wanted = tuple(world.catalog.get(name) for name in dict.fromkeys(names)) or world.catalog.public()
    project = world.project()
    manifest = world.manifest()
    found = statuses(project, manifest, wanted, world.catalog)
    for name in () if names else manifest.features:
        if name not in world.catalog.features:
            session.output.warning(f"{name} was added here, but is not known to this djroadmap")
    if session.output.json:
        session.output.document(
            {"project": project_document(project), "features": [feature_document(one) for one in found]}
        )
        return
    _describe(session, project)
    _table(session, found)
    if not names:
        _advise(session, found)


def catalogue(session: Session) -> None:
    """Every feature there is."""
    features = session.catalog.public()
    if session.output.json:
        listed = [
            {
                "id": one.id,
                "title": one.title,
                "group": one.group,
                "summary": one.summary,
                "version": one.version,
                **_requires(one),
                "docs": one.docs,
            }
            for one in features
        ]
        session.output.document({"features": listed})
        return
    width = max((len(feature.id) for feature in features), default=0)
    for group, members in _grouped((feature.group, feature) for feature in features):
        session.output.write(session.output.style(group, "1"))
        for feature in members:
            session.output.write(
                f"  {feature.id:<{width}}  {session.output.fold(feature.summary, width + 4)}"
            )


def info(session: Session, name: str) -> None:
    """One feature: what it does, its options, what it would touch here."""
    from djroadmap.errors import NoProject  # noqa: PLC0415
    from djroadmap.model.feature import specs_of  # noqa: PLC0415

    feature = session.catalog.get(name)
    try:
        here = _touches(session, feature)
    except NoProject as error:
        here = {"files": [], "problems": [], "note": error.message}
    options = [
        {"flag": spec.flag, "help": spec.option.help, "choices": list(spec.option.choices)}
        for spec in specs_of(feature.options)
    ]
    if session.output.json:
        session.output.document({"feature": _card(feature), "options": options, **here})
        return
    output = session.output
    output.write(output.style(f"{feature.id}: {feature.title}", "1"))
    output.write(feature.summary)
    output.write()
    for line in _needs(feature):
        output.write(f"Needs    {line}")
    output.write(f"Docs     {feature.docs}")
    for title, address in feature.links.items():
        output.write(f"         {address} ({title})")
    for option in options:
        choices = f" ({', '.join(option['choices'])})" if option["choices"] else ""
        output.write(f"Option   {option['flag']}: {option['help']}{choices}")
    for file in here["files"]:
        output.write(f"Here     {file['action']} {file['path']}")
    for problem in here["problems"]:
        output.warning(f"{problem['path']}:{problem['line'] or ''} {problem['why']}")
    if here["note"]:
        output.note(here["note"])


def check(session: Session) -> None:
    """Exit 1 if anything that was added has drifted. In a workflow of GitHub, annotate it as well."""
    from djroadmap.workflow.status import drift  # noqa: PLC0415

    try:
        found = _recorded(session)
    except DjroadmapError as error:
        if _on_github():
            from . import annotations  # noqa: PLC0415

            annotations.refused(session, error)
        raise
    bad = drift(found)
    if session.output.json:
        session.output.document(
            {"result": "drift" if bad else "ok", "features": [feature_document(one) for one in found]}
        )
    for one in bad:
        said = [_said(one, missing) for missing in one.missing]
        lines = [
            f"{one.feature.id} is {one.state}{': ' + one.reason if one.reason else ''}",
            *(f"{missing.where}: {text}" for missing, text in zip(one.missing, said, strict=True)),
        ]
        for number, line in enumerate(lines, start=1):
            session.output.error(line, hint=_remedy(one) if number == len(lines) else "")
        if _on_github():
            from . import annotations  # noqa: PLC0415

            annotations.drifted(session, one, said, _remedy(one))
    if bad:
        raise Stop(1)
    session.output.done(
        f"{len(found)} feature{'s' if len(found) != 1 else ''} installed, all whole"
        if found
        else "nothing is installed, so nothing can have drifted"
    )


def _on_github() -> bool:
    """Does this run in a workflow of GitHub?

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _recorded(session: Session) -> tuple[FeatureStatus, ...]:
    """The state of what was added. What nobody sees is part of those that work with it."""
    from djroadmap.workflow.status import statuses  # noqa: PLC0415

    world = session.world()
    manifest = world.manifest()
    installed = [_known(session, name) for name in manifest.features]
    features = tuple(feature for feature in installed if not feature.internal)
    return statuses(world.project(), manifest, features, world.catalog)


def _known(session: Session, name: str) -> Feature:
    """An installed feature. Raises `ManifestError` if this djroadmap has none of that name: it cannot be checked."""
    try:
        return session.world().catalog.get(name)
    except UsageError as error:
        raise ManifestError(
            f"{PATH}: {name} was added here, but {error.message}",
            hint=f"install what brings it (a plugin, another djroadmap), or djroadmap remove {name}",
        ) from None


def _said(one: FeatureStatus, missing: Missing) -> str:
    """What is missing, in one line whatever the manifest says: a second one could be a command to GitHub."""
    what = "the file" if missing.what == missing.path else " ".join(missing.what.splitlines())
    if missing in (*one.new, *one.conflicts, *one.broken, *one.wrong):
        return what
    return what + (" was left for you to do" if missing in one.left else " is gone")


def _remedy(one: FeatureStatus) -> str:
    if one.wrong:
        return mend_options(one.feature.id)
    if one.broken:
        return "resolve that, then djroadmap check again"
    if one.conflicts:
        return f"resolve them, then djroadmap upgrade {one.feature.id}"
    if one.version is not None and one.version < one.feature.version:
        return f"djroadmap upgrade {one.feature.id}"
    if one.left:
        return f"djroadmap add {one.feature.id} tries again, and says what to paste where it cannot"
    if all(missing in one.new for missing in one.missing):
        return f"djroadmap add {one.feature.id} puts it right"
    return f"djroadmap add {one.feature.id} puts it right; djroadmap upgrade {one.feature.id} leaves out what is gone"


def project_document(project: Project) -> dict[str, Any]:
    """What `status --json` says of the project."""
    settings = {
        module.environment: module.module
        for module in reversed(project.settings.modules)
        if module.environment != "other"
    }
    template = project.template
    dependencies = project.dependencies
    return {
        "root": project.root,
        "name": project.name,
        "layout": project.layout,
        "template": None
        if template is None
        else {"name": template.name, "url": template.url, "tool": template.tool, "commit": template.commit},
        "settings": {"entry": project.settings.entry, **settings},
        "urlconf": project.urlconf and project.urlconf.module,
        "dependencies": {
            "style": dependencies.style,
            "manager": dependencies.manager,
            "files": [file.path for file in dependencies.files]
            or [path for path in (dependencies.pyproject,) if path],
            "lock": dependencies.lock,
        },
        "ci": [
            {"kind": ci.kind, "path": ci.path, "test_job": ci.test_job and ci.test_job.name}
            for ci in project.ci
        ],
        "celery": project.celery and project.celery.module,
        "event_bus": project.event_bus and project.event_bus.package,
        "python": project.python,
        "django": project.django,
        "database": project.database,
        "manage": project.manage,
        "apps": {
            "django": list(project.apps.django),
            "third_party": list(project.apps.third_party),
            "local": [app.name for app in project.apps.local],
        },
        "problems": list(project.settings.problems),
    }


def feature_document(one: FeatureStatus) -> dict[str, Any]:
    """What `status --json` says of a feature."""
    return {
        "id": one.feature.id,
        "title": one.feature.title,
        "group": one.feature.group,
        "state": one.state,
        "version": one.version,
        "options": dict(one.options),
        "missing": [
            {"path": missing.path, "what": missing.what, "line": missing.line} for missing in one.missing
        ],
        "out": [{"path": out.path, "what": out.what} for out in one.out],
        "reason": one.reason or None,
        "requires": list(one.requires),
    }


def _describe(session: Session, project: Project) -> None:
    output = session.output
    facts = [
        project.layout,
        f"Django {project.django}" if project.django else "",
        f"Python {project.python}" if project.python else "",
        project.settings.base.path,
    ]
    output.write(f"{output.style(project.name, '1')}  {', '.join(fact for fact in facts if fact)}")
    for problem in project.settings.problems:
        output.warning(problem)


def _table(session: Session, found: tuple[FeatureStatus, ...]) -> None:
    output = session.output
    width = max((len(one.feature.id) for one in found), default=0)
    for group, members in _grouped((one.feature.group, one) for one in found):
        output.write()
        output.write(output.style(group, "1"))
        for one in members:
            remark = one.reason or one.feature.title
            start = f"{one.feature.id:<{width}}  {one.state:<11}  "
            remark = output.fold(remark, len("  ✔ ") + len(start))
            output.write(f"  {output.mark(STATE_MARK[one.state])} {start}{remark}")
            for missing in one.missing:
                output.write(f"      {_word(one, missing)}: {_placed(missing)}")
            for out in one.out:
                output.write(f"      left out by you: {_placed(out)}")


def _placed(missing: Missing) -> str:
    return missing.where if missing.what == missing.path else f"{missing.what} ({missing.where})"


def _word(one: FeatureStatus, missing: Missing) -> str:
    words = {
        "new": one.new,
        "left for you": one.left,
        "conflict": one.conflicts,
        "broken": one.broken,
        "wrong": one.wrong,
    }
    return next((word for word, found in words.items() if missing in found), "missing")


def _advise(session: Session, found: tuple[FeatureStatus, ...]) -> None:
    """What to type next."""
    output = session.output
    output.write()
    behind = [
        one.feature.id
        for one in found
        if one.conflicts or (one.recorded and one.version is not None and one.version < one.feature.version)
    ]
    wrong = [one.feature.id for one in found if one.wrong]
    partial = [one.feature.id for one in found if one.state == "partial" and not one.broken]
    free = [one.feature.id for one in found if one.state == "available"]
    if wrong:
        output.todo(f"djroadmap check  {output.style('# says what to do about what is recorded', '2')}")
    elif behind:
        output.todo(f"djroadmap upgrade  {output.style('# brings what has changed since', '2')}")
    elif partial:
        output.todo(f"djroadmap add {partial[0]}  {output.style('# adds what is missing', '2')}")
    elif free:
        output.todo(
            f"djroadmap add  {output.style('# choose from a checklist; the diff is shown first', '2')}"
        )
        output.todo(f"djroadmap add {free[0]} --dry-run  {output.style('# shows what it would change', '2')}")
    else:
        output.note("everything that fits this project is here")


def _touches(session: Session, feature: Feature) -> dict[str, Any]:
    from djroadmap.workflow.add import prepare_add  # noqa: PLC0415
    from djroadmap.workflow.world import Request  # noqa: PLC0415

    prepared = prepare_add(session.world(), (Request(feature=feature.id),))
    return {
        "files": [{"path": item.path, "action": item.action} for item in prepared.changes],
        "problems": [
            {"path": one.path, "line": one.line, "why": one.why, "snippet": one.snippet}
            for one in prepared.problems
        ],
        "note": "; ".join(prepared.notes),
    }


def _needs(feature: Feature) -> Iterator[str]:
    if feature.requires:
        yield ", ".join(feature.requires)
    for option, needed in feature.requires_for.items():
        for value, names in needed.items():
            yield f"{', '.join(names)} with --{option.replace('_', '-')} {value}"


def _requires(feature: Feature) -> dict[str, Any]:
    """What it needs in any case, and by an option and its value."""
    hanging = {
        option: {value: list(names) for value, names in needed.items()}
        for option, needed in feature.requires_for.items()
    }
    return {"requires": list(feature.requires), "requires_for": hanging}


def _card(feature: Feature) -> dict[str, Any]:
    return {
        "id": feature.id,
        "title": feature.title,
        "group": feature.group,
        "summary": feature.summary,
        "version": feature.version,
        **_requires(feature),
        "docs": feature.docs,
        "links": dict(feature.links),
    }


def _grouped(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for group, member in pairs:
        groups.setdefault(group, []).append(member)
    return list(groups.items())
