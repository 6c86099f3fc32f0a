"""aws: workflows are linted, the scripts deploy to clouds that answer anything, and the role may do nothing else."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.infrastructure import hcl
from tests.infrastructure.checkov import checkov
from tests.infrastructure.deploys import DIGEST, REPOSITORY, SHA, Case, Ecs, Eks
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.terraform import fmt_check, plan_test, validate
from tests.infrastructure.terragrunt import outdated, validate_environment
from tests.infrastructure.tools import output, tool
from tests.infrastructure.workflows import block, execute, lint_blocks, lint_shell, lint_workflow
from tests.memory import Memory
from tests.projects import copy_layout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.infrastructure.workflows import Ran

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "turbo_minimal", "cookiecutter")
TARGETS = ("ecs", "eks")
PIECES = {
    "turbo": ("worker", "web", "beat"),
    "turbo_minimal": ("web",),
    "cookiecutter": ("worker", "web", "beat"),
}
ENVIRONMENTS = ("dev", "staging", "production")
PAGE = "docs/deployment-aws.md"
MODULE = "infrastructure/modules/deploy-role"
ECS = Ecs("bakery", PIECES["turbo"])
CASES = {case.name: case for case in ECS.cases()}
EKS = Eks("bakery", PIECES["turbo"])
EKS_CASES = {case.name: case for case in EKS.cases()}


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """A layout with all of a target in it."""

    @cache
    def made(layout: str, target: str) -> Path:
        folder = copy_layout(layout, tmp_path_factory.mktemp("aws") / layout)
        one = Memory.of(folder)
        for change in one.add(f"aws --target {target}").changes:
            path = folder / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.after or b"")
        return folder

    return made


def script(folder: Path, target: str) -> str:
    return (folder / f"infrastructure/scripts/deploy-{target}.sh").read_text()


def workflow(folder: Path, target: str) -> str:
    return (folder / f".github/workflows/deploy-{target}.yml").read_text()


# --- what is written


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("target", TARGETS)
def test_everything_is_clean(tree: Callable[[str, str], Path], layout: str, target: str) -> None:
    folder = tree(layout, target)
    assert lint_workflow(workflow(folder, target)) == []
    assert lint_blocks(workflow(folder, target)) == []
    assert lint_shell(script(folder, target)) == []
    assert wrong(workflow(folder, target), target) == []
    assert [path for path in fmt_check(folder / "infrastructure") if "deploy-role" in path] == []


def wrong(text: str, target: str) -> list[str]:
    """What of a workflow is not as it has to be, and which no linter knows."""
    document = YAML(typ="safe", pure=True).load(text)
    jobs = document["jobs"]
    found = []
    if list(jobs) != ["image", *ENVIRONMENTS]:
        found.append("the jobs are not the image and the environments")
    if document["permissions"] != {}:
        found.append("the workflow has permissions of its own")
    for name, job in jobs.items():
        if job["permissions"] != {"contents": "read", "id-token": "write"}:
            found.append(f"{name} has other permissions")
        if job["environment"] != (name if name != "image" else ENVIRONMENTS[0]):
            found.append(f"{name} runs in another environment")
        if not job.get("timeout-minutes"):
            found.append(f"{name} has no end")
        for step in job["steps"]:
            if "uses" in step and not re.search(r"@[0-9a-f]{40}$", step["uses"]):
                found.append(f"{step['uses']} may be another tomorrow")
            if step.get("uses", "").startswith("aws-actions/configure") and not {
                "role-to-assume",
                "aws-region",
            } <= set(step["with"]):
                found.append(f"{name} does not say which role, or where")
            if (
                step.get("uses", "").startswith("actions/checkout")
                and step["with"].get("persist-credentials") is not False
            ):
                found.append(f"{name}: credentials stay in the checkout")
    before = "image"
    for name in ENVIRONMENTS:
        job = jobs.get(name, {})
        if job.get("concurrency") != {"group": f"deploy-{name}", "cancel-in-progress": False}:
            found.append(f"{name} may be stopped half-way, or run twice at once")
        needs = job.get("needs", [])
        if before not in needs or "image" not in needs:
            found.append(f"{name} does not wait for {before}")
        if job.get("steps", [{}])[-1].get("run") != f"infrastructure/scripts/deploy-{target}.sh":
            found.append(f"{name} does not deploy")
        if "needs.image.outputs.digest" not in str(job.get("steps", [{}])[-1].get("env")):
            found.append(f"{name} deploys another image")
        before = name
    built = [step for step in jobs["image"]["steps"] if step.get("uses", "").startswith("docker/build-push")]
    if [step["with"].get("push") for step in built] != [True]:
        found.append("the image is not pushed once")
    if any("latest" in str(step["with"]["tags"]) for step in built):
        found.append("the tag moves")
    return found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("      id-token: write # for the credentials of AWS\n", "", "image has other permissions"),
        (
            "      cancel-in-progress: false\n",
            "      cancel-in-progress: true\n",
            "dev may be stopped half-way",
        ),
        ("      group: deploy-staging\n", "      group: deploy\n", "staging may be stopped half-way"),
        ("    environment: production\n", "", "environment"),
        ("permissions: {}\n", "permissions: write-all\n", "the workflow has permissions"),
        ("needs: [image, staging]", "needs: [image]", "production does not wait for staging"),
        ("          aws-region: ${{ vars.AWS_REGION }}\n", "", "does not say which role, or where"),
        (
            "IMAGE: ${{ vars.ECR_REPOSITORY }}@${{ needs.image.outputs.digest }}",
            "IMAGE: ${{ vars.ECR_REPOSITORY }}:latest",
            "dev deploys another image",
        ),
        (":${{ github.sha }}", ":latest", "the tag moves"),
        (
            "          persist-credentials: false\n",
            "          persist-credentials: true\n",
            "credentials stay",
        ),
        ("          push: true\n", "          push: false\n", "the image is not pushed"),
        ("TAG: ${{ inputs.tag || github.sha }}", "TAG: ${{ github.sh }}", "actionlint"),
        ("imageTag=$TAG", "imageTag=${{ inputs.tag }}", "template-injection"),
    ],
)
def test_each_mistake_in_the_workflow_is_found(
    tree: Callable[[str, str], Path], old: str, new: str, found: str
) -> None:
    text = workflow(tree("turbo", "ecs"), "ecs")
    assert old in text
    text = text.replace(old, new, 1)
    try:
        said = wrong(text, "ecs")
    except KeyError as error:
        said = [str(error)]
    # Linters take seconds.
    said += [] if any(found in one for one in said) else map(str, lint_workflow(text))
    assert any(found in one for one in said), said


def test_an_action_that_moves_is_found(tree: Callable[[str, str], Path]) -> None:
    text = re.sub(r"(docker/build-push-action)@\w+ # \S+", r"\1@v7", workflow(tree("turbo", "ecs"), "ecs"))
    assert "docker/build-push-action@v7 may be another tomorrow" in wrong(text, "ecs")
    assert any(finding.rule == "unpinned-uses" for finding in lint_workflow(text))


# --- the image


def look(folder: Path, fakes: Fakes, tmp_path: Path, tag: str = SHA, *, given: bool = False) -> Ran:
    expressions = {
        "vars.ECR_REPOSITORY": REPOSITORY,
        "inputs.tag || github.sha": tag,
        "inputs.tag != ''": str(given).lower(),
    }
    return execute(
        block(workflow(folder, "ecs"), "Look for the image"), fakes, expressions=expressions, cwd=tmp_path
    )


def test_an_image_is_built_once(tree: Callable[[str, str], Path], tmp_path: Path) -> None:
    fakes = Fakes(tmp_path / "fakes").answer(
        "aws ecr describe-images", {"imageDetails": [{"imageDigest": DIGEST}]}
    )
    ran = look(tree("turbo", "ecs"), fakes, tmp_path)
    assert (ran.returncode, ran.outputs) == (0, {"digest": DIGEST})
    (call,) = fakes.calls("aws")
    assert (call.option("--repository-name"), call.option("--image-ids")) == ("shop", f"imageTag={SHA}")


MISSING = (
    "An error occurred (ImageNotFoundException) when calling the DescribeImages operation: no such image"
)


@pytest.mark.parametrize(
    ("answer", "code", "given", "says"),
    [
        ("", 254, False, ""),
        ("", 254, True, "There is no image of"),
        ({}, 0, False, None),
        ({"imageDetails": []}, 0, False, None),
        ({"imageDetails": [{}]}, 0, True, None),
    ],
    ids=["new", "given, but gone", "empty", "none", "no digest"],
)
def test_an_image_that_is_not_there(
    tree: Callable[[str, str], Path],
    tmp_path: Path,
    answer: object,
    code: int,
    given: bool,
    says: str | None,
) -> None:
    fakes = Fakes(tmp_path / "fakes").answer(
        "aws ecr describe-images", answer, code=code, stderr=MISSING if code else ""
    )
    ran = look(tree("turbo", "ecs"), fakes, tmp_path, given=given)
    assert "digest" not in ran.outputs
    assert (ran.returncode == 0) == (says == "")
    assert (says or "") in ran.stdout


def test_no_answer_is_not_a_missing_image(tree: Callable[[str, str], Path], tmp_path: Path) -> None:
    denied = "An error occurred (AccessDeniedException) when calling the DescribeImages operation"
    fakes = Fakes(tmp_path / "fakes").answer("aws ecr describe-images", code=254, stderr=denied)
    ran = look(tree("turbo", "ecs"), fakes, tmp_path)
    assert ran.returncode != 0
    assert denied in ran.stdout


@pytest.mark.parametrize("tag", ["latest", SHA[:12], f"{SHA} --region x", "$(id)", ""])
def test_only_commits_are_tags(tree: Callable[[str, str], Path], tmp_path: Path, tag: str) -> None:
    fakes = Fakes(tmp_path / "fakes")
    assert look(tree("turbo", "ecs"), fakes, tmp_path, tag, given=True).returncode == 1
    assert fakes.calls("aws") == []


# --- ECS


@pytest.mark.parametrize("name", CASES)
def test_ecs_is_deployed_to(tree: Callable[[str, str], Path], tmp_path: Path, name: str) -> None:
    assert ECS.wrong(script(tree("turbo", "ecs"), "ecs"), CASES[name], tmp_path) == []


@pytest.mark.parametrize("layout", ["turbo_minimal", "cookiecutter"])
def test_ecs_has_the_services_that_there_are(
    tree: Callable[[str, str], Path], tmp_path: Path, layout: str
) -> None:
    ecs = Ecs("shop", PIECES[layout])
    assert ecs.wrong(script(tree(layout, "ecs"), "ecs"), next(ecs.cases()), tmp_path) == []


MISTAKES = [
    ('--network-configuration "$network" ', "", "well"),
    ("--launch-type FARGATE ", "", "well"),
    ('--task-definition "$definition" --count', '--task-definition "$migrate" --count', "well"),
    ("migrate=$ECS_CLUSTER-migrate", "migrate=$ECS_CLUSTER-web", "well"),
    (
        '--service "$service" --task-definition "$definition"',
        '--service "$service" --force-new-deployment',
        "well",
    ),
    (".image = $image", ".image = .image", "well"),
    (".image = $image", '.image = "x:latest"', "well"),
    ("(.containerDefinitions[] | select(.name == $name)).image", ".containerDefinitions[].image", "well"),
    (".registeredBy, ", "", "well"),
    (" --include TAGS", " --include TAGS | jq 'del(.tags)'", "well"),
    ('migrate "$network"\n', "", "well"),
    ('sort_by([. == $cluster + "-beat", . == $cluster + "-web", .])', "sort_by(.)", "well"),
    ('| select(startswith($cluster + "-"))', "", "well"),
    ("if [[ $code != 0 ]]; then", "if [[ $code == 1 ]]; then", "null exit code"),
    ("if [[ $code != 0 ]]; then", "if [[ ${code:-0} != 0 ]]; then", "no task"),
    ("if [[ $code != 0 ]]; then", "if false; then", "exit code 1"),
    ("select(.name == $name) | .exitCode", ".exitCode", "well"),
    (
        "until aws ecs wait tasks-stopped",
        "aws ecs wait tasks-stopped --cluster x --tasks x; until true",
        "well",
    ),
    (
        '((SECONDS < deadline)) || fail "The migration',
        "((SECONDS < deadline)) || break # ",
        "endless migration",
    ),
    ("|| stable=false", "", "long rollout"),
    ('!= "$definition" || ', '!= "$definition" && ', f"{ECS.services[1]} rolled back"),
    (
        'jq -r .rolloutState <<< "$primary") == FAILED',
        'jq -r .rolloutState <<< "$primary") == NEVER',
        "failed, not rolled back",
    ),
    (' && [[ $(jq -r .rolloutState <<< "$primary") != IN_PROGRESS ]]', "", "never complete"),
    ('select(.status == "PRIMARY")', 'select(.status != "")', "well"),
    ("set -euo pipefail", "set -u", "run-task is throttled"),
    ("shopt -s inherit_errexit\n", "", "describe-task-definition is throttled"),
    ("[[ $answer == '{'* ]] ||", "true ||", "list-tasks says nothing"),
    ("jq -e '.taskArns == []' <<< \"$running\" > /dev/null ||", "true ||", "a migration runs"),
    ("[[ $status == '\"ACTIVE\"' ]] || continue\n", "", "a service is deleted"),
]


@pytest.mark.parametrize(("old", "new", "name"), MISTAKES)
def test_each_mistake_with_ecs_is_found(
    tree: Callable[[str, str], Path], tmp_path: Path, old: str, new: str, name: str
) -> None:
    text = script(tree("turbo", "ecs"), "ecs")
    assert old in text
    assert ECS.wrong(text.replace(old, new, 1), CASES[name], tmp_path)


# --- EKS


@pytest.fixture(scope="session")
def filled(tree: Callable[[str, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifests, with all filled in that an operator has to."""
    target = tmp_path_factory.mktemp("filled") / "k8s"
    shutil.copytree(tree("turbo", "eks") / "k8s", target)
    for path in target.glob("overlays/*/patches/*.yaml"):
        path.write_text(path.read_text().replace("CHANGE-ME", "filled-in"))
    return target


@pytest.mark.parametrize("name", EKS_CASES)
def test_eks_is_deployed_to(
    tree: Callable[[str, str], Path], filled: Path, tmp_path: Path, name: str
) -> None:
    assert EKS.wrong(script(tree("turbo", "eks"), "eks"), EKS_CASES[name], tmp_path, filled) == []


def test_what_is_applied_has_the_image(
    tree: Callable[[str, str], Path], filled: Path, tmp_path: Path
) -> None:
    """Kustomize itself renders what the script applies."""
    assert EKS.wrong(script(tree("turbo", "eks"), "eks"), EKS_CASES["well"], tmp_path, filled) == []
    config, job, everything = sorted(tmp_path.glob("applied-*"))
    assert config.exists()
    made = {}
    for folder in (job / "k8s" / "jobs" / "migrate", everything / "k8s" / "overlays" / "dev"):
        ran = output(tool("kubectl"), "kustomize", folder)
        assert ran.returncode == 0, ran.stderr
        for each in YAML(typ="safe", pure=True).load_all(ran.stdout):
            if each["kind"] in ("Job", "Deployment"):
                pod = each["spec"]["template"]["spec"]
                made[each["metadata"]["name"]] = [one["image"] for one in pod["containers"]]
    assert made == {name: [f"{REPOSITORY}@{DIGEST}"] for name in (EKS.job, *EKS.deployments)}


def test_what_is_not_filled_in_is_not_applied(tree: Callable[[str, str], Path], tmp_path: Path) -> None:
    case = Case("unfilled", {}, 1, "Fill in what is left", ("kubectl",))
    k8s = tree("turbo", "eks") / "k8s"
    assert EKS.wrong(script(tree("turbo", "eks"), "eks"), case, tmp_path, k8s) == []


EKS_MISTAKES = [
    (
        "--for condition=Failed --timeout 1s; then",
        "--for condition=Failed --timeout 1s && false; then",
        "migration fails",
    ),
    (
        'logs "job/$migration" --tail 200 >&2 || true',
        'logs "job/$migration" --tail 200 >&2',
        "migration fails without a log",
    ),
    ('  *) fail "A migration', '  *) echo "A migration', "another migrates"),
    ('  "$migration") echo', '  "") echo', "it migrates already"),
    ("--selector app.kubernetes.io/component=config", "", "well"),
    ('kubectl --namespace "$namespace" wait externalsecret', "true wait externalsecret", "well"),
    ('kubectl --namespace "$namespace" apply -k "$job"', 'kubectl apply -k "$job"', "well"),
    ('kubectl --namespace "$namespace" delete job', "true delete job", "well"),
    ("edit set namesuffix -- ", "edit set nameprefix -- ", "well"),
    ('kubectl apply -k "$overlay"\nfor', "for", "well"),
    ('cp -R k8s "$work/k8s"', 'ln -s "$PWD/k8s" "$work/k8s"', "well"),
    ("namespace=bakery-$ENVIRONMENT", "namespace=$ENVIRONMENT", "well"),
    ("deployments=(bakery-worker ", "deployments=(", "well"),
    ("set -euo pipefail", "set -u", "configuration is refused"),
    ("[[ $jobs != '{'* ]] || ", "", "get jobs says nothing"),
]


@pytest.mark.parametrize(("old", "new", "name"), EKS_MISTAKES)
def test_each_mistake_with_eks_is_found(
    tree: Callable[[str, str], Path], filled: Path, tmp_path: Path, old: str, new: str, name: str
) -> None:
    text = script(tree("turbo", "eks"), "eks")
    assert old in text
    assert EKS.wrong(text.replace(old, new, 1), EKS_CASES[name], tmp_path, filled)


# --- the chart


@pytest.fixture(scope="session")
def charted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A layout with a cluster and a chart, and no manifests."""
    folder = copy_layout("turbo", tmp_path_factory.mktemp("chart") / "turbo")
    one = Memory.of(folder)
    for typed in ("eks --manifests none", "aws"):
        for change in one.add(typed).changes:
            path = folder / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.after or b"")
    return folder


def test_a_chart_is_deployed(charted: Path, tmp_path: Path) -> None:
    assert lint_workflow(workflow(charted, "eks")) == []
    assert lint_shell(script(charted, "eks")) == []
    for code in (0, 1):
        fakes = Fakes(tmp_path / f"fakes{code}")
        fakes.answer("aws eks update-kubeconfig").answer("helm upgrade", code=code)
        fakes.answer("kubectl logs", "relation exists").answer("kubectl get pods", "NAME READY")
        env = {
            "EKS_CLUSTER": "bakery-dev",
            "ENVIRONMENT": "dev",
            "REPOSITORY": REPOSITORY,
            "DIGEST": DIGEST,
            "TAG": SHA,
        }
        ran = execute(script(charted, "eks"), fakes, env, cwd=charted)
        assert ran.returncode == code, ran.stderr
        assert ("relation exists" in ran.stderr) == bool(code)
        (call,) = fakes.calls("helm")
        assert {"--install", "--wait", "--rollback-on-failure", f"image.digest={DIGEST}"} <= set(
            call.arguments
        )
        assert {f"image.repository={REPOSITORY}", f"image.tag={SHA}"} <= set(call.arguments)
        assert call.option("--namespace") == "bakery-dev"
        assert (charted / call.option("--values")).is_file()
        job = (charted / "charts/bakery/templates/job-migrate.yaml").read_text()
        assert 'name: {{ include "bakery.fullname" . }}-migrate' in job


# --- names


def test_names_are_those_of_terraform(tree: Callable[[str, str], Path]) -> None:
    """Cluster, services, families, container and log group: as the modules call them."""
    for layout in LAYOUTS:
        folder = tree(layout, "ecs")
        modules = folder / "infrastructure" / "modules"
        web = (modules / "django-app" / "main.tf").read_text()
        assert 'name        = "${var.name}-web"' in web
        assert 'name           = "${var.name}-migrate"' in web
        assert 'container_name = "django"' in web
        assert '"/ecs/${var.name}/migrate"' in web
        names = "\ncontainer=django\nmigrate=$ECS_CLUSTER-migrate\nweb=$ECS_CLUSTER-web\n"
        assert names in script(folder, "ecs")
        assert '$cluster + "-beat"' in script(folder, "ecs")
        assert (modules / "celery-worker").exists() == ("worker" in PIECES[layout])
        if "worker" in PIECES[layout]:
            assert '"${var.name}-${var.service}"' in (modules / "celery-worker" / "main.tf").read_text()
            assert '"${var.name}-beat"' in (modules / "celery-beat" / "main.tf").read_text()


def test_names_in_the_cluster_are_those_of_terraform_and_of_the_manifests(
    tree: Callable[[str, str], Path],
) -> None:
    for layout in LAYOUTS:
        folder = tree(layout, "eks")
        home = folder / "infrastructure"
        text = script(folder, "eks")
        slug = re.search(r"(?m)^namespace=([\w-]+)-\$ENVIRONMENT$", text)
        assert slug
        units = {
            name: (home / f"environments/_env/{name}.hcl").read_text()
            for name in ("eks", "eks-addons", "deploy-role")
        }
        for unit in units.values():
            assert re.search(r"(?m)^  name +?= local\.env\.name$", unit)
            assert re.search(r"(?m)^  namespace +?= local\.env\.name$", unit)
            assert re.search(rf'(?m)^  deploy_group +?= "{slug[1]}-deploy"$', unit)
        for name in ENVIRONMENTS:
            assert f'"{slug[1]}-{name}"' in (home / f"environments/{name}/env.hcl").read_text()
            overlay = (folder / f"k8s/overlays/{name}/kustomization.yaml").read_text()
            assert f"\nnamespace: {slug[1]}-{name}\n" in overlay
        base = {
            (each["kind"], each["metadata"]["name"])
            for path in (folder / "k8s").glob("**/*.yaml")
            if path.parent.name in ("base", "migrate") and path.name != "kustomization.yaml"
            for each in YAML(typ="safe", pure=True).load_all(path.read_text())
        }
        wanted = {("Deployment", f"{slug[1]}-{piece}") for piece in PIECES[layout]}
        assert {one for one in base if one[0] == "Deployment"} == wanted
        assert {("Job", f"{slug[1]}-migrate"), ("ExternalSecret", slug[1])} <= base
        listed = re.search(r"(?m)^deployments=\((.*)\)$", text)
        assert listed
        assert listed[1].split() == [f"{slug[1]}-{piece}" for piece in PIECES[layout]]


def test_all_outputs_that_are_read_are_there(tree: Callable[[str, str], Path]) -> None:
    for target in TARGETS:
        home = tree("turbo", target) / "infrastructure"
        unit = (home / "environments/_env/deploy-role.hcl").read_text()
        for name, module in (("github_oidc", "github-oidc"), ("ecr", "ecr"), (target, target)):
            outputs = {
                found.labels[0]
                for found in hcl.parse((home / "modules" / module / "outputs.tf").read_text()).blocks
            }
            read = set(re.findall(rf"dependency\.{name}\.outputs\.(\w+)", unit))
            (mocks,) = re.findall(rf'(?ms)^dependency "{name}" \{{.*?mock_outputs = \{{\n(.*?)^  \}}', unit)
            assert read <= outputs
            assert set(re.findall(r"(?m)^    (\w+) *=", mocks)) == outputs
        inputs = set(re.findall(r"(?m)^  (\w+) += ", unit[unit.index("\ninputs") :]))
        declared = {
            found.labels[0]
            for found in hcl.parse((home / "modules/deploy-role/variables.tf").read_text()).blocks
        }
        assert inputs == declared
        wanted = set(re.findall(r"vars\.(\w+)", workflow(tree("turbo", target), target)))
        given = set(
            re.findall(r"(?m)^    ([A-Z_]+) +=", (home / "modules/deploy-role/outputs.tf").read_text())
        )
        assert wanted - {"DEPLOY", "DEPLOY_RUNNER"} == given


# --- the role

ROLE = """
variables {{
  name                 = "bakery-dev"
  environment          = "dev"
  repository           = "acme/bakery"
  repository_id        = "22"
  owner_id             = "11"
  provider_arn         = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  image_repository_arn = "arn:aws:ecr:eu-central-1:123456789012:repository/bakery"
  image_repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bakery"
  push_images          = {push}
  cluster_name         = "bakery-dev"
{more}
}}
"""
MORE = {
    "ecs": """
  service_names       = ["bakery-dev-worker", "bakery-dev-web"]
  migrate_task_family = "bakery-dev-migrate"
  task_role_arns = [
    "arn:aws:iam::123456789012:role/bakery-dev-task",
    "arn:aws:iam::123456789012:role/bakery-dev-execution",
  ]
""",
    "eks": '  namespace    = "bakery-dev"\n  deploy_group = "bakery-deploy"\n',
}
TOKEN = "token.actions.githubusercontent.com"
WHERE = "arn:aws:ecs:eu-central-1:123456789012"
PUSHES = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}
WILD = {
    "ecr:GetAuthorizationToken",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServices",
    "ecs:ListTasks",
    "ecs:RegisterTaskDefinition",
}
"""What knows no resources."""


def policy(
    module: Path, target: str, *, push: bool = True
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The statements of trust, and those of what the role may do, as Terraform works them out."""
    shown = (
        '  assert {\n    condition     = aws_iam_role.deploy.arn == ""\n    error_message = "TRUST ${aws_iam_role.deploy.assume_role_policy} '
        'MAY ${aws_iam_role_policy.deploy.policy} END"\n  }\n'
    )
    given = ROLE.format(push=str(push).lower(), more=MORE[target])
    ran = plan_test(module, f'{given}\nrun "apply" {{\n  command = apply\n{shown}}}\n')
    text = re.sub(r"\n[│ ]*", " ", ran.text)
    found = re.search(r"TRUST (\{.*\}) MAY (\{.*\}) END", text)
    assert found, ran.text
    return json.loads(found[1])["Statement"], json.loads(found[2])["Statement"]


FILLED = {
    "ecs": {
        "ecs": {
            "domain": '"shop.example.com"',
            "required_environment": '{ MAILGUN_DOMAIN = "mg.example.com" }',
        }
    },
    "eks": {},
}


@pytest.mark.parametrize("target", TARGETS)
def test_environments_are_whole(tree: Callable[[str, str], Path], tmp_path: Path, target: str) -> None:
    """The unit fits to those that it reads from, and to its module."""
    home = tree("turbo", target) / "infrastructure"
    assert validate_environment(home, "staging", tmp_path, FILLED[target]) == []
    assert outdated(*home.rglob("*.hcl"), tree("turbo", target) / PAGE) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("environments/_env/deploy-role.hcl", "outputs.migrate_task_family", "outputs.migration_family"),
        ("environments/_env/deploy-role.hcl", "  cluster_name        =", "  cluster             ="),
        ("modules/ecs/outputs.tf", 'output "execution_role_arn"', 'output "exec_role_arn"'),
    ],
)
def test_a_mistake_between_units_is_found(
    tree: Callable[[str, str], Path], tmp_path: Path, path: str, old: str, new: str
) -> None:
    home = tmp_path / "infrastructure"
    shutil.copytree(tree("turbo", "ecs") / "infrastructure", home)
    text = (home / path).read_text()
    assert old in text
    (home / path).write_text(text.replace(old, new, 1))
    (tmp_path / "composed").mkdir()
    assert validate_environment(home, "staging", tmp_path / "composed", FILLED["ecs"])


def test_checkov_finds_what_is_accepted_and_nothing_else(
    tree: Callable[[str, str], Path], tmp_path: Path
) -> None:
    accepted = {
        "CKV_GHA_7": "what is typed says where to, and which finished image: nothing is built from it"
    }
    for target in TARGETS:
        shutil.copytree(tree("turbo", target) / MODULE, tmp_path / "modules" / target)
        workflows = tmp_path / "workflows" / ".github" / "workflows"
        workflows.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree("turbo", target) / f".github/workflows/deploy-{target}.yml", workflows)
    modules = checkov(tmp_path / "modules", "terraform", {})
    assert (modules.failed, modules.passed > 30) == ([], True)
    workflow_ = checkov(tmp_path / "workflows", "github_actions", accepted)
    assert (workflow_.failed, workflow_.unused) == ([], [])


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("target", TARGETS)
def test_the_module_is_valid(tree: Callable[[str, str], Path], target: str) -> None:
    assert validate(tree("turbo", target) / MODULE) == []


@pytest.mark.parametrize("target", TARGETS)
def test_jobs_of_the_environment_alone_may_deploy(tree: Callable[[str, str], Path], target: str) -> None:
    (trust,), _ = policy(tree("turbo", target) / MODULE, target)
    assert (trust["Effect"], trust["Action"]) == ("Allow", "sts:AssumeRoleWithWebIdentity")
    (condition,) = trust["Condition"].values()
    assert list(trust["Condition"]) == ["StringEquals"]
    assert listed(condition[f"{TOKEN}:aud"]) == ["sts.amazonaws.com"]
    assert set(condition[f"{TOKEN}:sub"]) == {
        "repo:acme/bakery:environment:dev",
        "repo:acme@11/bakery@22:environment:dev",
    }


def too_much(statements: list[dict[str, Any]], target: str) -> list[str]:
    """What the role may do and should not."""
    found = []
    for one in statements:
        actions, resources = set(listed(one["Action"])), listed(one["Resource"])
        if one["Effect"] != "Allow" or "NotAction" in one or "NotResource" in one:
            found.append(f"{one['Sid']}: not plainly allowed")
        found += [f"wildcard in {action}" for action in actions if "*" in action]
        if "*" in resources and not actions <= WILD:
            found.append(f"{sorted(actions)} on everything")
        found += [
            f"{one['Sid']}: {resource}"
            for resource in resources
            if resource != "*" and not owned(resource, actions)
        ]
        if "iam:PassRole" in actions and one.get("Condition") != {
            "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
        }:
            found.append("roles are handed to any service")
        if actions & {"ecs:RunTask", "ecs:ListServices", "ecs:ListTasks"} and "ecs:cluster" not in str(
            one.get("Condition")
        ):
            found.append(f"{sorted(actions)} in any cluster")
    return found


def owned(resource: str, actions: set[str]) -> bool:
    """Is it one thing of this environment? Revisions and tasks have names that nobody knows before."""
    if actions == {"ecs:DescribeServices"} and resource == f"{WHERE}:service/bakery-dev/*":
        return True
    patterns = (
        r"arn:aws:ecr:eu-central-1:123456789012:repository/bakery",
        rf"{WHERE}:task-definition/bakery-dev-(worker|web|migrate):\*",
        rf"{WHERE}:task/bakery-dev/\*",
        rf"{WHERE}:service/bakery-dev/bakery-dev-(worker|web)",
        r"arn:aws:iam::123456789012:role/bakery-dev-(task|execution)",
        r"arn:aws:eks:eu-central-1:123456789012:cluster/bakery-dev",
    )
    return any(re.fullmatch(pattern, resource) for pattern in patterns)


@pytest.mark.parametrize("target", TARGETS)
def test_the_role_can_do_what_it_must_and_no_more(tree: Callable[[str, str], Path], target: str) -> None:
    module = tree("turbo", target) / MODULE
    _, pushing = policy(module, target)
    _, plain = policy(module, target, push=False)
    assert too_much(pushing, target) == []
    allowed = {action for one in pushing for action in listed(one["Action"])}
    needed = {"ecr:GetAuthorizationToken", "ecr:DescribeImages", *PUSHES}
    needed |= (
        {"eks:DescribeCluster"}
        if target == "eks"
        else {
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ecs:DescribeTasks",
            "ecs:ListServices",
            "ecs:ListTasks",
            "ecs:RegisterTaskDefinition",
            "ecs:RunTask",
            "ecs:TagResource",
            "ecs:UpdateService",
            "iam:PassRole",
        }
    )
    assert allowed == needed
    assert allowed - {action for one in plain for action in listed(one["Action"])} == PUSHES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("resources = var.task_role_arns", 'resources = ["*"]'),
        ('variable = "iam:PassedToService"', 'variable = "aws:PrincipalAccount"'),
        ('"ecs:UpdateService"]', '"ecs:*"]'),
        ("${local.ecs}:service/${var.cluster_name}/${name}", "${local.ecs}:service/*"),
        ("${local.ecs}:task-definition/${var.migrate_task_family}:*", "${local.ecs}:task-definition/*"),
        ("resources = [var.image_repository_arn]\n      actions", 'resources = ["*"]\n      actions'),
    ],
)
def test_each_right_too_many_is_found(
    tree: Callable[[str, str], Path], tmp_path: Path, old: str, new: str
) -> None:
    module = mutated(tree("turbo", "ecs") / MODULE, tmp_path, old, new)
    assert too_much(policy(module, "ecs")[1], "ecs")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('environment          = "dev"', 'environment = "*"', "subjects of tokens"),
        ('repository           = "acme/bakery"', 'repository = "acme/*"', "owner/name"),
        ('repository_id        = "22"', 'repository_id = ""', "number of the repository"),
        ('["bakery-dev-worker", "bakery-dev-web"]', '["*"]', "a pattern would cover"),
        ("role/bakery-dev-task", "role/*", "a pattern would hand on"),
    ],
)
def test_patterns_are_refused(tree: Callable[[str, str], Path], old: str, new: str, says: str) -> None:
    given = ROLE.format(push="true", more=MORE["ecs"])
    assert old in given
    ran = plan_test(
        tree("turbo", "ecs") / MODULE, f'{given.replace(old, new)}\nrun "plan" {{\n  command = plan\n}}\n'
    )
    assert not ran.passed
    assert says in re.sub(r"\n[│ ]*", " ", ran.text)


def mutated(module: Path, folder: Path, old: str, new: str) -> Path:
    """A copy of a module with a mistake in it."""
    copy = folder / "module"
    copy.mkdir()
    for path in module.iterdir():
        (copy / path.name).write_text(path.read_text())
    text = (copy / "main.tf").read_text()
    assert old in text
    (copy / "main.tf").write_text(text.replace(old, new))
    return copy
