#!/usr/bin/env bash
# What `make demo` runs: djroadmap on a copy of a sample project, in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project="$work/shop"
cp -R fixtures/turbo "$project"
export DJROADMAP_STATE_DIR="$work/state" GIT_CONFIG_GLOBAL=/dev/null
git -C "$project" init --quiet
git -C "$project" add --all --force
git -C "$project" -c user.name=demo -c user.email=demo@example.com commit --quiet --message "The project as it was generated"

run() {
  printf '\n\033[1m$ djroadmap %s\033[0m\n' "$*"
  "$BIN/djroadmap" -C "$project" "$@"
}

run status
run add waffle --yes
run add waffle --yes
run status waffle
run check
run remove waffle --yes
printf '\n\033[1m$ git status --short\033[0m\n'
git -C "$project" status --short
[[ -z $(git -C "$project" status --short) ]] && echo "(clean: as if it had never been there)"
