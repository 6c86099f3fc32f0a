"""What holds for every environment that `ecs` writes: each rule gives what is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from djroadmap.planning.deploying.facts import Deployment


class Planned(NamedTuple):
    """What an environment plans."""

    given: dict[str, Any]
    """What modules of the registry are given: `web`, `migrate`, `alb`, `cluster`, `beat`, each worker."""
    resources: dict[str, Any]
    """What Terraform makes itself, by address."""
    references: dict[str, Any]
    """What expressions refer to, by module and input."""
    known: Deployment

    def services(self) -> dict[str, Any]:
        return {name: one for name, one in self.given.items() if name not in {"alb", "cluster"}}

    def container(self, name: str) -> Any:
        [one] = self.given[name]["container_definitions"].values()
        return one

    def counting(self) -> Any:
        """What is run every minute to count what waits, if it is."""
        return self.resources.get("module.queues[0].aws_cloudwatch_event_target.count")

    def workers(self) -> list[str]:
        return [name for name in self.given if name.startswith("worker")]


def names_of(container: Any) -> set[str]:
    return {one["name"] for part in ("environment", "secrets") for one in container[part] or ()}


def everything_that_is_required_is_set(found: Planned) -> list[str]:
    required = {one.name for one in found.known.environment if one.required} | {"DJANGO_SETTINGS_MODULE"}
    return [
        f"{service}: {name}"
        for service in found.services()
        for name in sorted(required - names_of(found.container(service)))
    ]


def settings_are_those_of_production(found: Planned) -> list[str]:
    return [
        name
        for name in found.services()
        if {"name": "DJANGO_SETTINGS_MODULE", "value": found.known.settings_module}
        not in found.container(name)["environment"]
    ]


def secrets_are_addresses_of_keys(found: Planned) -> list[str]:
    secret = {one.name for one in found.known.environment if one.secret}
    wrong = []
    for service in found.services():
        container = found.container(service)
        wrong += [one["name"] for one in container["environment"] if one["name"] in secret]
        wrong += [one["name"] for one in container["secrets"] if one["valueFrom"] != f"mock:{one['name']}::"]
    return wrong


def nothing_else_is_set(found: Planned) -> list[str]:
    read = {one.name for one in found.known.environment} | {"GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"}
    return [
        f"{name}: {names_of(found.container(name)) - read}"
        for name in found.services()
        if names_of(found.container(name)) - read
    ]


def the_server_listens_where_it_is_asked(found: Planned) -> list[str]:
    web = found.known.process("web")
    assert web is not None
    container, [group] = found.container("web"), found.given["alb"]["target_groups"].values()
    [mapping], [target] = container["portMappings"] or [None], found.given["web"]["load_balancer"].values()
    said = [
        mapping["containerPort"] if mapping else None,
        target["container_port"],
        group["port"],
        found.resources["module.web.aws_vpc_security_group_ingress_rule.web"]["from_port"],
    ]
    wrong = [f"port {one}" for one in said if one != web.port]
    if f"'127.0.0.1', {web.port}," not in container["healthCheck"]["command"][-1]:
        wrong.append("health check")
    return wrong


def commands_are_those_of_the_image(found: Planned) -> list[str]:
    processes = {one.name: list(one.command) for one in found.known.processes}
    return [
        name
        for name in found.services()
        if name in processes and found.container(name)["command"] != processes[name]
    ]


def only_200_is_healthy(found: Planned) -> list[str]:
    [group] = found.given["alb"]["target_groups"].values()
    check = group["health_check"]
    wanted = {"path": "/healthz/", "matcher": "200", "protocol": "HTTP", "enabled": True}
    return [key for key, value in wanted.items() if check[key] != value]


def targets_are_addresses_that_drain(found: Planned) -> list[str]:
    [group] = found.given["alb"]["target_groups"].values()
    wanted = {"target_type": "ip", "deregistration_delay": 30, "create_attachment": False}
    return [key for key, value in wanted.items() if group[key] != value]


def everybody_is_sent_to_tls(found: Planned) -> list[str]:
    http, https = (found.given["alb"]["listeners"].get(name) for name in ("http", "https"))
    wrong = []
    if not http or not http["redirect"] or http["redirect"]["protocol"] != "HTTPS" or http["forward"]:
        wrong.append("http")
    if not https or not (https["ssl_policy"] or "").startswith("ELBSecurityPolicy-TLS13-1-2"):
        wrong.append("https")
    return wrong


def connections_outlive_those_of_the_load_balancer(found: Planned) -> list[str]:
    [arguments] = [
        one["value"] for one in found.container("web")["environment"] if one["name"] == "GUNICORN_CMD_ARGS"
    ]
    kept = int(arguments.rpartition(" ")[2])
    return [] if kept > found.given["alb"]["idle_timeout"] else [f"{kept} seconds"]


def a_failed_deployment_is_taken_back(found: Planned) -> list[str]:
    return [
        name
        for name, one in found.services().items()
        if name != "migrate" and one["deployment_circuit_breaker"] != {"enable": True, "rollback": True}
    ]


def web_and_workers_are_never_fewer(found: Planned) -> list[str]:
    wanted = {"deployment_minimum_healthy_percent": 100, "deployment_maximum_percent": 200}
    return [
        f"{name}: {key}"
        for name in ("web", *found.workers())
        for key, value in wanted.items()
        if found.given[name][key] != value
    ]


def there_is_one_beat_at_most(found: Planned) -> list[str]:
    if "beat" not in found.given:
        return []
    wanted = {
        "desired_count": 1,
        "enable_autoscaling": False,
        "deployment_minimum_healthy_percent": 0,
        "deployment_maximum_percent": 100,
        "availability_zone_rebalancing": "DISABLED",
    }
    wrong = [key for key, value in wanted.items() if found.given["beat"][key] != value]
    providers = [
        one["capacity_provider"] for one in found.given["beat"]["capacity_provider_strategy"].values()
    ]
    return wrong + [one for one in providers if one != "FARGATE"]


def beat_is_not_pinged(found: Planned) -> list[str]:
    return ["beat"] if "beat" in found.given and found.container("beat")["healthCheck"] else []


def workers_are_pinged_behind_the_entrypoint(found: Planned) -> list[str]:
    wrong = []
    for name in found.workers():
        check = found.container(name)["healthCheck"] or {"command": [""], "timeout": 0, "interval": 0}
        if not check["command"][-1].startswith(
            "/entrypoint celery -A config.celery_app inspect ping -d celery@$HOSTNAME"
        ):
            wrong.append(f"{name}: {check['command']}")
        if (check["interval"], check["timeout"]) != (60, 30):
            wrong.append(f"{name}: too often")
    return wrong


def workers_have_the_time_that_there_is(found: Planned) -> list[str]:
    return [name for name in found.workers() if found.container(name)["stopTimeout"] != 120]


def workers_have_no_load_balancer(found: Planned) -> list[str]:
    return [name for name in (*found.workers(), "beat") if found.given.get(name, {}).get("load_balancer")]


def releases_are_not_taken_back_by_an_apply(found: Planned) -> list[str]:
    wanted = {"ignore_task_definition_changes": True, "track_latest": False, "skip_destroy": True}
    return [
        f"{name}: {key}"
        for name, one in found.services().items()
        for key, value in wanted.items()
        if one[key] != value and (name, key) != ("migrate", "ignore_task_definition_changes")
    ]


def migrations_run_once(found: Planned) -> list[str]:
    migrate, container = found.given["migrate"], found.container("migrate")
    wrong = ["a service"] if migrate["create_service"] else []
    wrong += ["restarts"] if (container["restartPolicy"] or {"enabled": True})["enabled"] else []
    return wrong + ([] if migrate["name"].endswith("-migrate") else ["family"])


def names_are_those_that_a_deployment_asks_for(found: Planned) -> list[str]:
    base = f"{found.known.slug}-"
    return [
        name
        for name, one in found.services().items()
        if not re.fullmatch(rf"{base}\w+-{name}", one["name"]) or "django" not in one["container_definitions"]
    ]


def nothing_can_be_written_but_what_is_mounted(found: Planned) -> list[str]:
    wrong = []
    for name, one in found.services().items():
        container = found.container(name)
        process = found.known.process(name)
        mounts = {
            mount["containerPath"]: mount["mountOptions"] for mount in container["linuxParameters"]["tmpfs"]
        }
        if container["readonlyRootFilesystem"] == one["enable_execute_command"] and name != "migrate":
            wrong.append(f"{name}: root")
        if set(mounts) != {"/tmp", *(process.writes if process else ())}:
            wrong.append(f"{name}: {set(mounts)}")
        if any(options != ["mode=1777"] for options in mounts.values()):
            wrong.append(f"{name}: not everybody's")
        if container["linuxParameters"]["capabilities"]["drop"] != ["ALL"]:
            wrong.append(f"{name}: capabilities")
    return wrong


def logs_are_kept_for_a_while(found: Planned) -> list[str]:
    return [
        name
        for name in found.services()
        if not found.container(name)["cloudwatch_log_group_retention_in_days"]
        or not found.container(name)["cloudwatch_log_group_name"].startswith("/ecs/")
    ]


def tasks_reach_what_they_need(found: Planned) -> list[str]:
    rules = {
        address.split(".", 2)[-1]: one for address, one in found.resources.items() if "_rule." in address
    }
    wrong = []
    out = rules.get("aws_vpc_security_group_egress_rule.tasks", {})
    if (out.get("ip_protocol"), out.get("cidr_ipv4")) != ("-1", "0.0.0.0/0"):
        wrong.append("out")
    for name, port in (("database", 5432), ("cache", 6379)):
        rule = rules.get(f"aws_vpc_security_group_ingress_rule.{name}", {})
        if (
            (rule.get("from_port"), rule.get("to_port")) != (port, port)
            or "cidr_ipv4" not in rule
            or rule["cidr_ipv4"]
        ):
            wrong.append(name)
    return wrong


def nobody_reaches_tasks_but_the_load_balancer(found: Planned) -> list[str]:
    wrong = [
        name
        for name, one in found.services().items()
        if one["assign_public_ip"] or one["create_security_group"]
    ]
    opened = [
        address
        for address, one in found.resources.items()
        if "ingress_rule" in address and one.get("cidr_ipv4")
    ]
    return wrong + opened


def roles_are_limited(found: Planned) -> list[str]:
    policy = json.loads(found.resources["module.cluster.aws_iam_role_policy.execution"]["policy"])
    everything = {one["Sid"] for one in policy["Statement"] if one["Resource"] in ("*", ["*"])}
    secrets = next(one for one in policy["Statement"] if one["Sid"] == "Secrets")
    wrong = sorted(everything - {"Login"})
    if secrets["Action"] != "secretsmanager:GetSecretValue" or set(secrets["Resource"]) != {"mock"}:
        wrong.append("secrets")
    mine = [address for address in found.resources if "aws_iam_role_policy" in address]
    return wrong + [one for one in mine if not one.endswith(("execution", "exec[0]", "count"))]


def each_has_its_role(found: Planned) -> list[str]:
    wanted = {"task_exec_iam_role_arn": "var.execution_role_arn", "tasks_iam_role_arn": "var.task_role_arn"}
    wrong = []
    for name in (
        "web.web",
        "web.migrate",
        *(f"{one}.{one}" for one in ("worker", "beat") if one in found.given),
    ):
        wrong += [
            f"{name}.{key}" for key, value in wanted.items() if found.references[f"{name}.{key}"] != [value]
        ]
    return wrong


def the_web_server_scales_by_cpu_and_requests(found: Planned) -> list[str]:
    web = found.given["web"]
    metrics = {
        name: one["target_tracking_scaling_policy_configuration"]["predefined_metric_specification"][
            "predefined_metric_type"
        ]
        for name, one in web["autoscaling_policies"].items()
    }
    wanted = {"cpu": "ECSServiceAverageCPUUtilization", "requests": "ALBRequestCountPerTarget"}
    return (
        []
        if metrics == wanted and web["desired_count"] == web["autoscaling_min_capacity"]
        else [str(metrics)]
    )


def workers_scale_by_cpu_and_what_waits(found: Planned) -> list[str]:
    wrong = []
    counted = found.counting() is not None
    for name in found.workers():
        policies = found.given[name]["autoscaling_policies"]
        if set(policies) != ({"cpu", "backlog"} if counted else {"cpu"}):
            wrong.append(f"{name}: {set(policies)}")
        for policy in policies.values():
            how = policy["target_tracking_scaling_policy_configuration"]["customized_metric_specification"]
            if how and (
                how["dimensions"] != [{"name": "Service", "value": name}]
                or how["namespace"] != f"{found.given['cluster']['name']}/celery"
            ):
                wrong.append(f"{name}: of another")
    return wrong


def what_waits_is_counted_by_the_newest_worker(found: Planned) -> list[str]:
    counting = found.counting()
    if counting is None:
        return []
    filtered = found.resources["module.queues[0].aws_cloudwatch_log_metric_filter.backlog"]
    [metric], [target] = filtered["metric_transformation"], counting["ecs_target"]
    family = f"arn:aws:ecs:eu-central-1:123456789012:task-definition/{found.given['worker']['name']}"
    command = json.loads(counting["input"])["containerOverrides"][0]["command"]
    policy = json.loads(counting["input"])["containerOverrides"][0]["name"]
    said = {
        "family": target.get("task_definition_arn") == family,
        "container": policy in found.given["worker"]["container_definitions"],
        "log": filtered["log_group_name"] == found.container("worker")["cloudwatch_log_group_name"],
        "metric": (metric["namespace"], metric["name"], metric["value"])
        == (f"{found.given['cluster']['name']}/celery", "Backlog", "$.backlog"),
        "dimension": metric["dimensions"] == {"Service": "$.service"},
        "services": {word.partition("=")[0] for word in command[4:]} == set(found.workers()),
    }
    return [name for name, right in said.items() if not right]


def the_image_is_of_the_repository(found: Planned) -> list[str]:
    return [name for name in found.services() if found.container(name)["image"] != "mock:bootstrap"]


RULES = [
    everything_that_is_required_is_set,
    settings_are_those_of_production,
    secrets_are_addresses_of_keys,
    nothing_else_is_set,
    the_server_listens_where_it_is_asked,
    commands_are_those_of_the_image,
    only_200_is_healthy,
    targets_are_addresses_that_drain,
    everybody_is_sent_to_tls,
    connections_outlive_those_of_the_load_balancer,
    a_failed_deployment_is_taken_back,
    web_and_workers_are_never_fewer,
    there_is_one_beat_at_most,
    beat_is_not_pinged,
    workers_are_pinged_behind_the_entrypoint,
    workers_have_the_time_that_there_is,
    workers_have_no_load_balancer,
    releases_are_not_taken_back_by_an_apply,
    migrations_run_once,
    names_are_those_that_a_deployment_asks_for,
    nothing_can_be_written_but_what_is_mounted,
    logs_are_kept_for_a_while,
    tasks_reach_what_they_need,
    nobody_reaches_tasks_but_the_load_balancer,
    roles_are_limited,
    each_has_its_role,
    the_web_server_scales_by_cpu_and_requests,
    workers_scale_by_cpu_and_what_waits,
    what_waits_is_counted_by_the_newest_worker,
    the_image_is_of_the_repository,
]


def broken(found: Planned) -> dict[str, list[str]]:
    return {rule.__name__: wrong for rule in RULES if (wrong := rule(found))}
