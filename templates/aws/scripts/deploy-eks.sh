#!/usr/bin/env bash
[% if helm %]
# Deploys an image to one environment with the chart: it migrates before it changes anything else.
[% else %]
# Deploys an image to one environment: configuration, migrations, then everything in its overlay.
[% endif %]
#
#   EKS_CLUSTER=[= slug =]-[= first =] ENVIRONMENT=[= first =] REPOSITORY=... DIGEST=sha256:... TAG=$(git rev-parse HEAD) \
#     [= script =]
#
# Needs aws (version 2), [% if helm %]Helm 4, kubectl[% else %]kubectl, kustomize 5, jq[% endif %], and the role of the unit deploy-role. Run it at the root of the repository.
set -euo pipefail
shopt -s inherit_errexit

: "${EKS_CLUSTER:?names the cluster}"
: "${ENVIRONMENT:?names the environment}"
: "${REPOSITORY:?is what the image is called, before the tag}"
: "${DIGEST:?is the digest of the image}"
: "${TAG:?is the commit of the image}"
: "${MIGRATION_MINUTES:=60}" "${ROLLOUT_MINUTES:=30}"

namespace=[= slug =]-$ENVIRONMENT
[% if not helm %]
deployments=([= deployments | join(" ") =])
[% endif %]

fail() {
  echo "::error::$*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KUBECONFIG=$work/kubeconfig
aws eks update-kubeconfig --name "$EKS_CLUSTER"
[% if helm %]

echo "Deploying $REPOSITORY@$DIGEST"
# What fails, migrations included, is taken back to the release before.
if ! helm upgrade --install [= slug =] [= chart =] --namespace "$namespace" \
  --values "[= chart =]/values-$ENVIRONMENT.yaml" \
  --set-string "image.repository=$REPOSITORY" --set-string "image.tag=$TAG" --set-string "image.digest=$DIGEST" \
  --wait --timeout "${MIGRATION_MINUTES}m" --rollback-on-failure; then
  # The Job of migrations that failed is still there, and says why.
  kubectl --namespace "$namespace" logs job/[= slug =]-migrate --tail 200 >&2 || true
  kubectl --namespace "$namespace" get pods >&2 || true
  fail "The release failed, and was taken back."
fi
[% else %]

# What is in git stays as it is: names and images are put into a copy.
cp -R k8s "$work/k8s"
overlay=$work/k8s/overlays/$ENVIRONMENT
job=$work/k8s/jobs/migrate
[[ -d $overlay ]] || fail "There is no overlay k8s/overlays/$ENVIRONMENT."
release=${TAG:0:12}
migration=[= slug =]-migrate-$release

(cd "$overlay" && kustomize edit set image "[= slug =]=$REPOSITORY@$DIGEST")
(cd "$job" && kustomize edit set image "[= slug =]=$REPOSITORY@$DIGEST" && kustomize edit set namesuffix -- "-$release")
if grep -rn CHANGE-ME "$overlay" "$job" >&2; then
  fail "Fill in what is left in k8s/overlays/$ENVIRONMENT: see k8s/README.md."
fi

# Migrations read configuration and secrets, so those are first.
kubectl apply -k "$overlay" --selector app.kubernetes.io/component=config
kubectl --namespace "$namespace" wait externalsecret/[= slug =] --for condition=Ready --timeout 2m

jobs=$(kubectl --namespace "$namespace" get jobs --selector app.kubernetes.io/component=migrate --output json)
if [[ $jobs != '{'* ]] || ! jq -e '.items | arrays' <<< "$jobs" > /dev/null; then
  fail "Kubernetes does not say which Jobs there are: $jobs"
fi
active=$(jq -r '.items[] | select((.status.active // 0) > 0) | .metadata.name' <<< "$jobs")
case $active in
  '')
    # A Job cannot be changed or started again, so one of an earlier attempt goes.
    kubectl --namespace "$namespace" delete job "$migration" --ignore-not-found
    kubectl --namespace "$namespace" apply -k "$job"
    ;;
  "$migration") echo "An earlier attempt is still at it." ;;
  *) fail "A migration is running already, and two at once would get into each other's way: $active" ;;
esac

deadline=$((SECONDS + MIGRATION_MINUTES * 60))
until kubectl --namespace "$namespace" wait "job/$migration" --for condition=Complete --timeout 15s; do
  # Waiting for Complete alone would wait in vain.
  if kubectl --namespace "$namespace" wait "job/$migration" --for condition=Failed --timeout 1s; then
    kubectl --namespace "$namespace" logs "job/$migration" --tail 200 >&2 || true
    fail "The migration failed, so nothing else was deployed."
  fi
  ((SECONDS < deadline)) || fail "The migration has not ended after $MIGRATION_MINUTES minutes. It goes on: $migration"
  sleep 5
done
kubectl --namespace "$namespace" logs "job/$migration" --tail 200 || true

echo "Deploying $REPOSITORY@$DIGEST"
kubectl apply -k "$overlay"
for deployment in "${deployments[@]}"; do
  if ! kubectl --namespace "$namespace" rollout status "deployment/$deployment" --timeout "${ROLLOUT_MINUTES}m"; then
    kubectl --namespace "$namespace" get pods >&2 || true
    fail "$deployment did not come up. Pods of the image before go on serving; to go back, run the workflow with its tag."
  fi
done
[% endif %]
echo "$namespace runs $REPOSITORY@$DIGEST."
