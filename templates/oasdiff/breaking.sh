#!/bin/sh
# Compare the OpenAPI schemas with those of a revision: it fails if clients of the API would break.
#
#     [= script =] origin/main
#
# What is meant to break goes into [= home =]/accepted.txt, as lines of the report.
# https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md
set -eu

revision=${1:?"usage: [= script =] REVISION"}
cd "$(dirname "$0")/.."
accepted=[= home =]/accepted.txt

git() {
    # In a container the checkout belongs to somebody else.
    command git -c safe.directory='*' "$@"
}

note() {
    if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::notice::$1"; else echo "$1"; fi
}

is_accepted() {
    [ -f "$accepted" ] && grep -qxF "$1" "$accepted"
}

compare() {
    if [ -f "$accepted" ]; then
        set -- "$@" --err-ignore "$accepted" --warn-ignore "$accepted"
    fi
    oasdiff breaking "$old" "$schema" --fail-on WARN --allow-external-refs=false "$@"
}

if ! command -v oasdiff >/dev/null; then
    echo "oasdiff is not installed: https://github.com/oasdiff/oasdiff#installation" >&2
    exit 127
fi
if ! base=$(git merge-base "$revision" HEAD); then
    echo "$revision and HEAD have no common history here: fetch all of it (fetch-depth: 0)" >&2
    exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
found=

for schema in[% for home in homes %] [= home =]/*.json [= home =]/*.yaml [= home =]/*.yml[% endfor %][% for path in beside %] [= path =][% endfor %]; do
    [ -f "$schema" ] || continue
    found=yes
    old=$folder/$(basename "$schema")
    if ! git show "$base:./$schema" >"$old" 2>/dev/null; then
        note "$schema is new: there is nothing to compare it with yet"
        continue
    fi
    echo "$schema, compared with the one of $revision:"
    code=0
    compare || code=$?
    if [ "$code" -eq 1 ]; then
        echo "What is meant goes into $accepted, as lines of these:"
        compare --format singleline | grep '\[' || true
        if [ -n "${GITHUB_ACTIONS:-}" ]; then
            compare --format githubactions || true
            compare --format markdown >>"$GITHUB_STEP_SUMMARY" || true
        fi
    fi
    [ "$code" -eq 0 ] || status=1
done

for schema in $(git ls-tree --name-only "$base"[% for home in homes %] [= home =]/[% endfor %][% for path in beside %] [= path =][% endfor %]); do
    case $schema in
    *.json | *.yaml | *.yml)
        if [ ! -f "$schema" ] && ! is_accepted "$schema"; then
            echo "$schema is gone: if that is meant, put this path into $accepted"
            status=1
        fi
        ;;
    esac
done

if [ -z "$found" ]; then
    note "there is no schema in [= home =]/ yet[% if write %]: write and commit it with: [= write | join(' && ') | replace('"', '\\"') =][% endif %]"
fi
exit $status
