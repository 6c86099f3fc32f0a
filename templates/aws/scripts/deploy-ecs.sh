#!/usr/bin/env bash
# Deploys an image to the services of one cluster: migrations first, then one service after the other.
#
#   ECS_CLUSTER=[= slug =]-[= first =] IMAGE=REPOSITORY@DIGEST [= script =]
#
# Terraform writes the revisions of the task definitions, all but their image. What is deployed is the newest revision
# of each family with this image in it. Needs aws (version 2), jq, and the role of the unit deploy-role.
set -euo pipefail
shopt -s inherit_errexit

: "${ECS_CLUSTER:?names the cluster}"
: "${IMAGE:?names the image, with its digest}"
: "${MIGRATION_MINUTES:=60}" "${ROLLOUT_MINUTES:=30}"

container=django
migrate=$ECS_CLUSTER-migrate
web=$ECS_CLUSTER-web

# Calls that AWS throttles are repeated.
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10 AWS_PAGER=''

fail() {
  echo "::error::$*" >&2
  exit 1
}

# What AWS answers; nothing is no answer.
ask() {
  local answer
  answer=$(aws "$@" --output json)
  [[ $answer == '{'* ]] || fail "AWS answered nothing to: $*"
  echo "$answer"
}

# What an answer has at a path; an answer without it is an error, not an empty word.
at() {
  jq -ce "$2 // empty" <<< "$1" || fail "AWS answered without $2: $1"
}

# Registers the newest revision of a family again, with the image in it, and prints what it is called.
register() {
  local family=$1 newest definition registered
  newest=$(ask ecs describe-task-definition --task-definition "$family" --include TAGS)
  jq -e --arg name "$container" 'any(.taskDefinition.containerDefinitions[]?; .name == $name)' <<< "$newest" > /dev/null ||
    fail "The task definition $family has no container $container: apply the unit ecs first."

  # What is read cannot all be written.
  definition=$(mktemp)
  jq --arg name "$container" --arg image "$IMAGE" '
    (.tags // []) as $tags
    | .taskDefinition
    | (.containerDefinitions[] | select(.name == $name)).image = $image
    | del(.compatibilities, .deregisteredAt, .registeredAt, .registeredBy, .requiresAttributes, .revision, .status,
        .taskDefinitionArn)
    | if $tags == [] then . else .tags = $tags end
  ' <<< "$newest" > "$definition"
  registered=$(ask ecs register-task-definition --cli-input-json "file://$definition")
  rm "$definition"
  at "$registered" .taskDefinition.taskDefinitionArn | jq -r .
}

# Runs one task that migrates, and fails unless it ended with 0.
migrate() {
  local network=$1 running definition started task deadline stopped code
  running=$(ask ecs list-tasks --cluster "$ECS_CLUSTER" --family "$migrate" --desired-status RUNNING)
  jq -e '.taskArns == []' <<< "$running" > /dev/null ||
    fail "A migration is running already, and two at once would get into each other's way: $running"

  definition=$(register "$migrate")
  started=$(ask ecs run-task --cluster "$ECS_CLUSTER" --task-definition "$definition" --count 1 \
    --launch-type FARGATE --network-configuration "$network" --started-by deploy)
  # Without room or rights for a task, the call itself succeeds.
  jq -e '(.failures // []) == [] and (.tasks | length) == 1' <<< "$started" > /dev/null ||
    fail "The migration did not start: $(jq -c '.failures // .' <<< "$started")"
  task=$(at "$started" '.tasks[0].taskArn' | jq -r .)
  echo "Migrating: $task"

  # One waiter gives up after ten minutes.
  deadline=$((SECONDS + MIGRATION_MINUTES * 60))
  until aws ecs wait tasks-stopped --cluster "$ECS_CLUSTER" --tasks "$task"; do
    ((SECONDS < deadline)) || fail "The migration has not ended after $MIGRATION_MINUTES minutes. It goes on: $task"
    sleep 5
  done

  stopped=$(ask ecs describe-tasks --cluster "$ECS_CLUSTER" --tasks "$task")
  # A container that never ran has no exit code, and has not migrated anything.
  code=$(jq -r --arg name "$container" '.tasks[0].containers[]? | select(.name == $name) | .exitCode' <<< "$stopped")
  if [[ $code != 0 ]]; then
    jq -r '.tasks[]? | .stoppedReason // empty, (.containers[]?.reason // empty)' <<< "$stopped" >&2
    fail "The migration failed (exit code ${code:-unknown}), so nothing else was deployed. Its output:" \
      "aws logs tail /ecs/$ECS_CLUSTER/migrate --since 2h"
  fi
  echo "Migrated."
}

# Moves a service to a revision with the image, and fails unless that is what runs in the end.
deploy() {
  local service=$1 definition deadline stable answer primary
  definition=$(register "$service")
  echo "Deploying $service: ${definition##*/}"
  ask ecs update-service --cluster "$ECS_CLUSTER" --service "$service" --task-definition "$definition" > /dev/null

  deadline=$((SECONDS + ROLLOUT_MINUTES * 60))
  while true; do
    stable=true
    aws ecs wait services-stable --cluster "$ECS_CLUSTER" --services "$service" || stable=false
    answer=$(ask ecs describe-services --cluster "$ECS_CLUSTER" --services "$service")
    primary=$(at "$answer" '[.services[0].deployments[]? | select(.status == "PRIMARY")][0]')
    # A service that the circuit breaker has rolled back is stable too, with the revision that it had.
    if [[ $(jq -r .taskDefinition <<< "$primary") != "$definition" || $(jq -r .rolloutState <<< "$primary") == FAILED ]]; then
      jq -r '.services[0].events[:10][]?.message' <<< "$answer" >&2
      fail "$service did not come up and runs $(jq -r .taskDefinition <<< "$primary") instead of $definition."
    fi
    if $stable && [[ $(jq -r .rolloutState <<< "$primary") != IN_PROGRESS ]]; then
      return
    fi
    ((SECONDS < deadline)) || fail "$service is not stable after $ROLLOUT_MINUTES minutes."
    sleep 5
  done
}

# All that run the image, as Terraform has made them.
[% if worker %]
# Workers come first: they know the tasks that the new web server sends before it sends them.[% if beat %] The scheduler only sends.[% endif %]

[% endif %]
listed=$(ask ecs list-services --cluster "$ECS_CLUSTER")
names=$(at "$listed" .serviceArns | jq -r --arg cluster "$ECS_CLUSTER" '
  [.[] | split("/")[-1] | select(startswith($cluster + "-"))]
  | sort_by([. == $cluster + "-beat", . == $cluster + "-web", .])[]
')
services=()
network=''
for service in $names; do
  state=$(ask ecs describe-services --cluster "$ECS_CLUSTER" --services "$service")
  status=$(at "$state" '.services[0].status')
  # One that is being deleted is left alone.
  [[ $status == '"ACTIVE"' ]] || continue
  services+=("$service")
  if [[ $service == "$web" ]]; then
    network=$(at "$state" '.services[0].networkConfiguration')
  fi
done
[[ -n $network ]] || fail "There is no service $web in $ECS_CLUSTER: apply the unit ecs first."

# Migrations run in the network of the web server.
migrate "$network"
for service in "${services[@]}"; do
  deploy "$service"
done
echo "$ECS_CLUSTER runs $IMAGE."
