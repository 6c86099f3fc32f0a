"""What the deploy scripts have to do whatever AWS and Kubernetes answer: each case has answers, and what is right then."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.infrastructure.fakes import Fakes
from tests.infrastructure.tools import tool
from tests.infrastructure.workflows import execute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.infrastructure.fakes import Call
    from tests.infrastructure.workflows import Ran

DIGEST = "sha256:" + "ab" * 32
SHA = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
ACCOUNT = "eu-central-1:123456789012"
TASK = f"arn:aws:ecs:{ACCOUNT}:task/shop-dev/0123"
NETWORK = {
    "awsvpcConfiguration": {
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": ["sg-1"],
        "assignPublicIp": "DISABLED",
    }
}
RUN_TASK, MOVE, DESCRIBE = (
    "aws ecs run-task",
    "aws ecs update-service",
    "aws ecs describe-services --services",
)
STOPPED, STABLE = "aws ecs wait tasks-stopped", "aws ecs wait services-stable"


class Said(NamedTuple):
    """One answer of a program."""

    stdout: object = ""
    code: int = 0
    stderr: str = ""
    shell: str = ""
    """What it does besides."""


THROTTLED = Said(code=254, stderr="An error occurred (ThrottlingException): Rate exceeded")
TIMEOUT = Said(code=255, stderr="Waiter failed: Max attempts exceeded")
Answers = dict[str, list[Said]]

UPDATE_KUBECONFIG, APPLY, CONFIG = (
    "aws eks update-kubeconfig",
    "kubectl apply -k",
    "kubectl apply -k --selector",
)
COMPLETE, FAILED = "--for condition=Complete", "--for condition=Failed"
ROLLOUT, DELETE = "kubectl rollout status", "kubectl delete job"
KUSTOMIZE = """\
import sys
from pathlib import Path

from ruamel.yaml import YAML

yaml, path = YAML(), Path("kustomization.yaml")
document = yaml.load(path.read_text())
match sys.argv[1:]:
    case ["edit", "set", "image", given]:
        name, _, new = given.partition("=")
        repository, _, digest = new.partition("@")
        others = [one for one in document.get("images", []) if one["name"] != name]
        document["images"] = [*others, {"name": name, "newName": repository, "digest": digest}]
    case ["edit", "set", "namesuffix", "--", suffix]:
        document["nameSuffix"] = suffix
    case _:
        sys.exit(f"unknown: {sys.argv[1:]}")
yaml.dump(document, path)
"""
"""`kustomize edit`, as far as it is used: https://github.com/kubernetes-sigs/kustomize/tree/master/kustomize/commands/edit/set"""


class Case(NamedTuple):
    """One way in which a deployment goes."""

    name: str
    answers: Mapping[str, Said]
    """What is answered to calls that begin so, and that in all other cases are answered well."""
    code: int = 0
    says: str = ""
    """Stands somewhere in its output."""
    never: tuple[str, ...] = ()
    """Calls that must not happen."""
    first: Mapping[str, tuple[Said, ...]] = {}
    """What is answered to a call before that goes well."""
    env: Mapping[str, str] = {}


class Ecs:
    """A cluster with its services, as AWS answers for it."""

    def __init__(self, slug: str, pieces: tuple[str, ...]) -> None:
        """The services of `pieces`, in the order in which they are to be deployed."""
        self.cluster = f"{slug}-dev"
        self.services = tuple(f"{self.cluster}-{piece}" for piece in pieces)
        self.families = (f"{self.cluster}-migrate", *self.services)

    @staticmethod
    def one(service: str) -> str:
        """The call that asks for one service."""
        return f"{DESCRIBE} {service} --output"

    @staticmethod
    def revision(family: str, number: int = 8) -> str:
        """What a revision is called: the eighth is the one that is registered."""
        return f"arn:aws:ecs:{ACCOUNT}:task-definition/{family}:{number}"

    def definition(self, family: str) -> dict[str, Any]:
        """The newest revision."""
        return {
            "taskDefinition": {
                "taskDefinitionArn": self.revision(family, 7),
                "family": family,
                "revision": 7,
                "status": "ACTIVE",
                "registeredAt": "2026-11-27T20:00:00+00:00",
                "registeredBy": "arn:aws:iam::123456789012:role/terraform",
                "compatibilities": ["EC2", "FARGATE"],
                "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
                "taskRoleArn": "arn:aws:iam::123456789012:role/shop-dev-task",
                "networkMode": "awsvpc",
                "containerDefinitions": [
                    {
                        "name": "django",
                        "image": f"{REPOSITORY}:bootstrap",
                        "environment": [{"name": "A", "value": "1"}],
                    },
                    {"name": "helper", "image": "helper:1"},
                ],
            },
            "tags": [{"key": "Project", "value": "shop"}],
        }

    def state(self, service: str, **deployment: Any) -> dict[str, Any]:
        """What describe-services says of a service."""
        primary = {
            "status": "PRIMARY",
            "taskDefinition": self.revision(service),
            "rolloutState": "COMPLETED",
            **deployment,
        }
        return {
            "services": [
                {
                    "serviceName": service,
                    "status": "ACTIVE",
                    "networkConfiguration": NETWORK,
                    "deployments": [
                        {"status": "ACTIVE", "taskDefinition": "arn:other", "rolloutState": "FAILED"},
                        primary,
                    ],
                    "events": [{"message": f"(service {service}) has reached a steady state."}],
                }
            ],
            "failures": [],
        }

    def ended(self, code: int | None, **container: Any) -> dict[str, Any]:
        """What describe-tasks says of a task that stopped; without a code, its container never ran."""
        django = {"name": "django", **({} if code is None else {"exitCode": code}), **container}
        containers = [{"name": "helper", "exitCode": 0}, django]
        why = "Essential container in task exited"
        return {
            "tasks": [
                {"taskArn": TASK, "lastStatus": "STOPPED", "stoppedReason": why, "containers": containers}
            ]
        }

    def well(self) -> Answers:
        """The answers of a deployment in which all goes well."""
        # In the order of AWS, which is none, and with one that is of somebody else.
        there = [
            f"arn:aws:ecs:{ACCOUNT}:service/{self.cluster}/{one}" for one in (*self.services[::-1], "other")
        ]
        answers = {
            "aws ecs list-services": [Said({"serviceArns": there})],
            "aws ecs list-tasks": [Said({"taskArns": []})],
            "aws ecs register-task-definition": [
                Said({"taskDefinition": {"taskDefinitionArn": self.revision(family)}})
                for family in self.families
            ],
            RUN_TASK: [Said({"tasks": [{"taskArn": TASK, "lastStatus": "PROVISIONING"}], "failures": []})],
            STOPPED: [Said()],
            "aws ecs describe-tasks": [Said(self.ended(0))],
            MOVE: [Said({"service": {}})],
            STABLE: [Said()],
        }
        for family in self.families:
            command = f"aws ecs describe-task-definition --task-definition {family}"
            answers[command] = [Said(self.definition(family))]
        for service in self.services:
            answers[self.one(service)] = [Said(self.state(service))]
        return answers

    def cases(self) -> Iterator[Case]:
        """What may come."""
        yield Case("well", {}, says="runs")
        yield Case("no cluster", {}, 1, "ECS_CLUSTER", ("aws",), env={"ECS_CLUSTER": ""})
        yield Case("no image", {}, 1, "IMAGE", ("aws",), env={"IMAGE": ""})
        yield from self._before()
        yield from self._odd()
        yield from self._migrations()
        yield from self._rollouts()

    def _before(self) -> Iterator[Case]:
        untouched = (RUN_TASK, MOVE)
        none = {"aws ecs list-services": Said({"serviceArns": []})}
        yield Case("no services", none, 1, "apply the unit ecs first", untouched)
        web = f"{self.cluster}-web"
        draining = {self.one(web): Said({"services": [{"serviceName": web, "status": "DRAINING"}]})}
        yield Case("the web server is deleted", draining, 1, "apply the unit ecs first", untouched)
        last = self.services[-1]
        draining = {self.one(last): Said({"services": [{"serviceName": last, "status": "DRAINING"}]})}
        yield Case("a service is deleted", draining, says="runs", never=(f"{MOVE} {last}",))
        bare = {self.one(web): Said({"services": [{"serviceName": web, "status": "ACTIVE"}]})}
        yield Case("no network", bare, 1, "AWS answered without", untouched)
        running = {"aws ecs list-tasks": Said({"taskArns": [TASK]})}
        yield Case("a migration runs", running, 1, "running already", untouched)
        other = {"taskDefinition": {"containerDefinitions": [{"name": "web", "image": "x"}]}}
        command = f"aws ecs describe-task-definition --task-definition {self.families[0]}"
        yield Case("another container", {command: Said(other)}, 1, "has no container django", untouched)

    def _odd(self) -> Iterator[Case]:
        calls = (
            "list-services",
            "describe-services",
            "list-tasks",
            "describe-task-definition",
            "register-task-definition",
            "run-task",
            "describe-tasks",
        )
        for name in calls:
            command = f"aws ecs {name}"
            yield Case(f"{name} says {{}}", {command: Said({})}, 1, "::error::", (MOVE,))
            yield Case(f"{name} says nothing", {command: Said()}, 1, "::error::", (MOVE,))
            yield Case(f"{name} is throttled", {command: THROTTLED}, 254, "ThrottlingException", (MOVE,))
        yield Case("update-service is throttled", {MOVE: THROTTLED}, 254, "ThrottlingException", (STABLE,))
        command = self.one(self.services[0])
        yield Case(
            "nothing of a service", {command: Said({"services": []})}, 1, "AWS answered without", (MOVE,)
        )

    def _migrations(self) -> Iterator[Case]:
        full = {"tasks": [], "failures": [{"arn": "arn:x", "reason": "RESOURCE:MEMORY"}]}
        yield Case("no room", {RUN_TASK: Said(full)}, 1, "RESOURCE:MEMORY", (MOVE, "aws ecs wait"))
        unpulled = self.ended(None, reason="CannotPullContainerError: not found")
        unknown = {"tasks": [], "failures": [{"arn": TASK, "reason": "MISSING"}]}
        ends = {
            "exit code 1": (self.ended(1), "exit code 1"),
            "no exit code": (unpulled, "CannotPullContainerError"),
            "null exit code": (self.ended(None, exitCode=None), "exit code null"),
            "no task": (unknown, "exit code unknown"),
        }
        for name, (answer, says) in ends.items():
            yield Case(name, {"aws ecs describe-tasks": Said(answer)}, 1, says, (MOVE,))
        yield Case("long migration", {}, says="Migrated", first={STOPPED: (TIMEOUT, TIMEOUT, TIMEOUT)})
        late = {"MIGRATION_MINUTES": "0"}
        yield Case("endless migration", {STOPPED: TIMEOUT}, 1, "It goes on", (MOVE,), env=late)

    def _rollouts(self) -> Iterator[Case]:
        first = self.one(self.services[0])
        later = tuple(f"{MOVE} {service}" for service in self.services[1:])
        late = {"ROLLOUT_MINUTES": "0"}
        yield Case("long rollout", {}, says="runs", first={STABLE: (TIMEOUT, TIMEOUT)})
        yield Case("endless rollout", {STABLE: TIMEOUT}, 1, "is not stable", later, env=late)
        begun = Said(self.state(self.services[0], rolloutState="IN_PROGRESS"))
        yield Case(
            "stable, not complete",
            {},
            says="runs",
            first={first: (Said(self.state(self.services[0])), begun)},
        )
        yield Case("never complete", {first: begun}, 1, "is not stable", later, env=late)
        for number, service in enumerate(self.services):
            old = Said(self.state(service, taskDefinition=self.revision(service, 7)))
            yield Case(
                f"{service} rolled back",
                {self.one(service): old},
                1,
                "did not come up",
                later[number:],
            )
        other = Said(self.state(self.services[0], taskDefinition="arn:old"))
        yield Case("rolled back meanwhile", {first: other}, 1, "arn:old", later, first={STABLE: (TIMEOUT,)})
        failed = Said(self.state(self.services[0], rolloutState="FAILED"))
        yield Case("failed, not rolled back", {first: failed}, 1, "did not come up", later)

    def wrong(self, script: str, case: Case, folder: Path) -> list[str]:
        """What the script does wrong in a case."""
        env = {"ECS_CLUSTER": self.cluster, "IMAGE": f"{REPOSITORY}@{DIGEST}", **case.env}
        ran, fakes = _run(script, case, self.well(), env, folder)
        return [*_wrong(case, ran, fakes), *self._wrong_calls(fakes, case)]

    def _wrong_calls(self, fakes: Fakes, case: Case) -> Iterator[str]:
        for call in fakes.calls("aws ecs"):
            if _option(call, "--cluster") not in (self.cluster, ""):
                yield f"another cluster: {call}"
        runs = fakes.calls(RUN_TASK)
        if len(runs) > 1:
            yield "migrates twice"
        for run in runs:
            if json.loads(_option(run, "--network-configuration") or "{}") != NETWORK:
                yield "migrates in no network, or another"
            if _option(run, "--task-definition") != self.revision(self.families[0]):
                yield "migrates with another revision"
            if _option(run, "--launch-type") != "FARGATE":
                yield "does not say what the migration runs on"
        for registered in fakes.calls("aws ecs register-task-definition"):
            (text,) = registered.files.values()
            yield from self._wrong_revision(json.loads(text or "{}"))
        if not case.code:
            services = tuple(one for one in self.services if f"{MOVE} {one}" not in case.never)
            yield from self._wrong_order(fakes, services)

    def _wrong_revision(self, made: dict[str, Any]) -> Iterator[str]:
        newest = self.definition(made.get("family", ""))
        kept = ("family", "taskRoleArn", "networkMode", "containerDefinitions")
        wanted = {key: newest["taskDefinition"][key] for key in kept} | {"tags": newest["tags"]}
        wanted["containerDefinitions"][0]["image"] = f"{REPOSITORY}@{DIGEST}"
        if made != wanted:
            yield f"registers another revision than the newest with the image: {made}"

    def _wrong_order(self, fakes: Fakes, services: tuple[str, ...]) -> Iterator[str]:
        expected = ["aws ecs register-task-definition", RUN_TASK, STOPPED, "aws ecs describe-tasks"]
        for service in services:
            expected += ["aws ecs register-task-definition", f"{MOVE} {service}", f"{STABLE} {service}"]
        calls = iter(fakes.calls("aws"))
        for each in expected:
            words = each.split()[1:]
            if not any(all(word in call.arguments for word in words) for call in calls):
                yield f"not in its order, or not at all: {each}"
                return
        made = [
            json.loads(next(iter(call.files.values())))["family"]
            for call in fakes.calls("aws ecs register-task-definition")
        ]
        if made != [self.families[0], *services]:
            yield f"registers revisions of other families: {made}"
        moves = fakes.calls(MOVE)
        given = [(_option(call, "--service"), _option(call, "--task-definition")) for call in moves]
        if given != [(service, self.revision(service)) for service in services]:
            yield f"services get other revisions: {given}"


class Eks:
    """An environment in a cluster, as Kubernetes answers for it; `kustomize` is the part of it that the script uses."""

    def __init__(self, slug: str, pieces: tuple[str, ...]) -> None:
        """The Deployments of `pieces`."""
        self.slug = slug
        self.namespace = f"{slug}-dev"
        self.deployments = tuple(f"{slug}-{piece}" for piece in pieces)
        self.job = f"{slug}-migrate-{SHA[:12]}"

    def well(self) -> Answers:
        """The answers of a deployment in which all goes well."""
        return {
            UPDATE_KUBECONFIG: [Said()],
            "kustomize edit": [Said()],
            APPLY: [Said()],
            CONFIG: [Said()],
            f"kubectl wait externalsecret/{self.slug}": [Said()],
            "kubectl get jobs": [Said({"items": []})],
            "kubectl delete job": [Said()],
            f"kubectl wait job/{self.job} {COMPLETE}": [Said()],
            f"kubectl wait job/{self.job} {FAILED}": [Said(code=1)],
            "kubectl logs": [Said("Applying shop.0002_more... OK")],
            "kubectl rollout status": [Said()],
            "kubectl get pods": [Said("NAME READY")],
        }

    def cases(self) -> Iterator[Case]:
        """What may come."""
        yield Case("well", {}, says="runs")
        for name in ("EKS_CLUSTER", "ENVIRONMENT", "REPOSITORY", "DIGEST", "TAG"):
            yield Case(f"no {name}", {}, 1, name, ("kubectl",), env={name: ""})
        yield Case("no such environment", {}, 1, "no overlay", ("kubectl",), env={"ENVIRONMENT": "x"})
        denied = Said(code=254, stderr="AccessDeniedException")
        yield Case("no cluster", {UPDATE_KUBECONFIG: denied}, 254, "AccessDenied", ("kubectl",))
        forbidden = Said(code=1, stderr="Error from server (Forbidden)")
        after = (DELETE, ROLLOUT)
        yield Case("configuration is refused", {CONFIG: forbidden}, 1, "Forbidden", ("kubectl wait", *after))
        late = Said(code=1, stderr="error: timed out waiting for the condition on externalsecrets")
        secret = f"kubectl wait externalsecret/{self.slug}"
        yield Case("secrets do not come", {secret: late}, 1, "externalsecrets", ("kubectl get jobs", *after))
        yield from self._migrations(forbidden)
        for number, deployment in enumerate(self.deployments):
            command = f"kubectl rollout status deployment/{deployment}"
            stuck = Said(code=1, stderr="error: timed out waiting for the condition")
            later = tuple(
                f"kubectl rollout status deployment/{name}" for name in self.deployments[number + 1 :]
            )
            yield Case(f"{deployment} does not come up", {command: stuck}, 1, "did not come up", later)

    def _migrations(self, forbidden: Said) -> Iterator[Case]:
        complete, failed = f"kubectl wait job/{self.job} {COMPLETE}", f"kubectl wait job/{self.job} {FAILED}"
        late = Said(code=1, stderr="error: timed out waiting for the condition on jobs")
        yield Case("jobs are refused", {"kubectl get jobs": forbidden}, 1, "Forbidden", (ROLLOUT, DELETE))
        for name, answer in {"{}": Said({}), "nothing": Said(), "no JSON": Said("oops")}.items():
            yield Case(
                f"get jobs says {name}", {"kubectl get jobs": answer}, 1, "::error::", (ROLLOUT, DELETE)
            )
        other = {"items": [{"metadata": {"name": f"{self.slug}-migrate-abc"}, "status": {"active": 1}}]}
        yield Case(
            "another migrates", {"kubectl get jobs": Said(other)}, 1, "running already", (DELETE, ROLLOUT)
        )
        ours = {"items": [{"metadata": {"name": self.job}, "status": {"active": 1}}]}
        yield Case(
            "it migrates already", {"kubectl get jobs": Said(ours)}, says="still at it", never=(DELETE,)
        )
        done = {"items": [{"metadata": {"name": f"{self.slug}-migrate-abc"}, "status": {"succeeded": 1}}]}
        yield Case("another has migrated", {"kubectl get jobs": Said(done)}, says="runs")
        broken = {complete: late, failed: Said(), "kubectl logs": Said("relation exists")}
        # It is not waited for to the end: without time for that, it is found all the same.
        none = {"MIGRATION_MINUTES": "0"}
        yield Case("migration fails", broken, 1, "relation exists", (ROLLOUT,), env=none)
        unlogged = {complete: late, failed: Said(), "kubectl logs": forbidden}
        yield Case("migration fails without a log", unlogged, 1, "The migration failed", (ROLLOUT,))
        yield Case("long migration", {}, says="runs", first={complete: (late, late)})
        yield Case("endless migration", {complete: late}, 1, "It goes on", (ROLLOUT,), env=none)

    def wrong(self, script: str, case: Case, folder: Path, k8s: Path) -> list[str]:
        """What the script does wrong in a case, with the manifests in `k8s`."""
        shutil.copytree(k8s, folder / "k8s")
        before = {path: path.read_text() for path in (folder / "k8s").rglob("*.yaml")}
        kustomize = folder / "kustomize.py"
        kustomize.write_text(KUSTOMIZE)
        well = self.well()
        well["kustomize edit"] = [Said(shell=f'{sys.executable} {kustomize} "$@"')]
        # What is applied is kept, as it was then.
        kept = f'for each; do [ ! -d "$each" ] || cp -R "$each/../../.." {folder}/applied-$(date +%s%N); done'
        for command in (APPLY, CONFIG):
            well[command] = [Said(shell=kept)]
        env = {
            "EKS_CLUSTER": self.namespace,
            "ENVIRONMENT": "dev",
            "REPOSITORY": REPOSITORY,
            "DIGEST": DIGEST,
            "TAG": SHA,
            **case.env,
        }
        ran, fakes = _run(script, case, well, env, folder, "kustomize")
        found = [*_wrong(case, ran, fakes), *self._wrong_calls(fakes, case)]
        if before != {path: path.read_text() for path in (folder / "k8s").rglob("*.yaml")}:
            found.append("changes what is in git")
        return found

    def _wrong_calls(self, fakes: Fakes, case: Case) -> Iterator[str]:
        for call in fakes.calls("kubectl"):
            overlay = any("/overlays/dev" in word for word in call.arguments)
            if not overlay and _option(call, "--namespace") != self.namespace:
                yield f"another namespace: {call}"
        if case.code:
            return
        expected = [UPDATE_KUBECONFIG, CONFIG, f"kubectl wait externalsecret/{self.slug}", "kubectl get jobs"]
        if DELETE not in case.never:
            expected += [f"{DELETE} {self.job}", f"{APPLY} jobs/migrate"]
        expected += [f"kubectl wait job/{self.job} {COMPLETE}", f"{APPLY} overlays/dev"]
        expected += [f"kubectl rollout status deployment/{name}" for name in self.deployments]
        calls = iter(fakes.calls())
        for each in expected:
            program, *words = each.split()
            if not any(program == call.program and _has(call, words) for call in calls):
                yield f"not in its order, or not at all: {each}"
                return


def _has(call: Call, words: list[str]) -> bool:
    return all(any(part == word or part.endswith(f"/{word}") for part in call.arguments) for word in words)


def _run(
    script: str, case: Case, well: Answers, env: Mapping[str, str], folder: Path, *names: str
) -> tuple[Ran, Fakes]:
    tool("jq")  # for real, in the scripts
    fakes = Fakes(folder / "fakes", *names)
    kept = {command: said for command, said in well.items() if not command.startswith(tuple(case.answers))}
    for command, answer in case.answers.items():
        kept[command] = [answer]
    for command, answers in case.first.items():
        kept[command] = [*answers, *kept[command]]
    for command, answers in kept.items():
        for answer in answers:
            fakes.answer(command, answer.stdout, code=answer.code, stderr=answer.stderr, shell=answer.shell)
    # A program of its own, as in the workflow: how that runs its steps does not reach into it.
    program = folder / "deploy.sh"
    program.write_text(script)
    program.chmod(0o755)
    return execute("./deploy.sh", fakes, env, cwd=folder), fakes


def _wrong(case: Case, ran: Ran, fakes: Fakes) -> Iterator[str]:
    text = ran.stdout + ran.stderr
    if ran.returncode != case.code:
        yield f"ends with {ran.returncode} instead of {case.code}: {text[-600:]}"
    if case.says not in text:
        yield f"does not say {case.says!r}: {text[-600:]}"
    yield from (f"calls {never}" for never in case.never if fakes.calls(never))
    yield from (f"an unknown call: {call}" for call in fakes.unanswered)


def _option(call: Call, name: str) -> str:
    try:
        return call.option(name)
    except KeyError:
        return ""
