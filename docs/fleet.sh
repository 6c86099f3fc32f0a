#!/usr/bin/env bash
# One djroadmap command in many repositories, with plain git: a clone, a branch and a commit for each, a table at the end.
# docs/fleets.md says how it is used.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: fleet.sh [-n] [-p] [-b BRANCH] [-w FOLDER] REPOSITORIES add|remove|upgrade [FEATURE [OPTION...]]

REPOSITORIES is a file with a path or an address of git in each line (# begins a comment), or a folder of repositories.

  -n          commit nothing: only write FOLDER/<repository>.patch
  -p          push the branches; without it, they stay in FOLDER
  -b BRANCH   the branch (djroadmap-add-waffle for `add waffle`)
  -w FOLDER   where the clones and the documents of --json go (fleet)

Exit code: 0 if every repository is changed or needs no change, 1 if any was refused or failed, 2 usage.
TEXT
}

misused() {
  printf 'fleet.sh: %s\n' "$1" >&2
  usage >&2
  exit 2
}

push='' patch='' branch='' work=fleet
while getopts ':npb:w:h' flag; do
  case $flag in
    n) patch=yes ;;
    p) push=yes ;;
    b) branch=$OPTARG ;;
    w) work=$OPTARG ;;
    h) usage && exit ;;
    *) misused "-$OPTARG: no such option, or its value is missing" ;;
  esac
done
shift $((OPTIND - 1))
(($# >= 2)) || misused 'REPOSITORIES and a command are needed'
[[ -z $push || -z $patch ]] || misused '-n and -p exclude each other'
repositories=$1
shift
case $1 in
  add) verb=Add ;;
  remove) verb=Remove ;;
  upgrade) verb=Upgrade ;;
  *) misused "$1: not one of add, remove and upgrade" ;;
esac
if [[ -z $branch ]]; then
  branch=djroadmap-$1
  [[ -z ${2:-} || ${2:-} == -* ]] || branch=$branch-$2
fi
git check-ref-format --branch "$branch" >/dev/null 2>&1 || misused "$branch: not a name for a branch"
for program in git jq djroadmap; do
  command -v "$program" >/dev/null || misused "$program is not installed"
done

# A repository that asks for a password fails: nobody waits for the fortieth.
export GIT_TERMINAL_PROMPT=0
mkdir -p "$work"
work=$(cd "$work" && pwd)
# Whatever is not finished is in here, and goes with it; what is, is moved out whole.
scratch=$(mktemp -d "$work/.unfinished.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# `djroadmap undo` is for a person's own project.
export DJROADMAP_STATE_DIR=$scratch/state
table=$scratch/table
failed=0

# Reads REPOSITORIES; a repository in each line.
listed() {
  local folder
  if [[ -d $repositories ]]; then
    for folder in "$repositories"/*/; do
      folder=${folder%/}
      if [[ -e $folder/.git || ( -f $folder/HEAD && -d $folder/objects ) ]]; then printf '%s\n' "$folder"; fi
    done
  else
    sed -e 's/[[:space:]]*#.*$//' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$repositories"
  fi
}

# A name that is good for a file.
plain() {
  tr -c 'A-Za-z0-9._\n-' _ <<<"$1"
}

# A row of the table: repository, result, files, to-dos, why. What is neither changed nor unchanged counts as failed.
row() {
  case $2 in
    changed | planned | unchanged) ;;
    *) failed=1 ;;
  esac
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$(tr '\t\n' '  ' <<<"$5")" >>"$table"
  printf '%s: %s\n' "$1" "$2" >&2
}

# The last thing that a program said, without its mark.
said() {
  sed -e '/^╭/d' -e '/^╰/d' -e 's/│//g' -e '/^[[:space:]]*$/d' -e '/^  hint:/d' "$scratch/said" |
    tail -n 1 | sed -e 's/^✖ //' -e 's/^fatal: //' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//'
}

# Why a document says that nothing was written.
why() {
  jq -r 'if .problems[0] then
    (.problems[0] | .path + (if .line then ":\(.line)" else "" end) + ": " + .why)
    + (if (.problems | length) > 1 then " (and \((.problems | length) - 1) more)" else "" end)
    else .error.message // "no reason was given" end' "$1"
}

# The message of the commit: what was done, and what is left for whoever reviews it.
message() {
  jq -r --arg verb "$verb" '"\($verb) \(.features | join(", "))",
    (if (.todos + .commands | length) > 0 then "", "To do:" else empty end),
    (.todos[] | "- \(.text)"), (.commands[] | "- `\(.command)`: \(.why)")' "$1"
}

# Clones $1 as $2 and runs the command in it. Prints nothing; adds a row, and leaves a clone in $work only if there is
# a commit in it.
run() {
  local repository=$1 name=$2 folder document result code=0 files todos base
  shift 2
  document=$scratch/$name.json
  # The folder of the clone is called as the repository is: names in the project may be derived from it.
  base=$(basename "$repository" .git)
  folder=$scratch/$name/$base
  mkdir "$scratch/$name"
  if ! git clone --quiet -- "$repository" "$folder" 2>"$scratch/said"; then
    row "$name" error - - "$(said)"
    return
  fi
  if ! git -C "$folder" rev-parse --quiet --verify HEAD >/dev/null; then
    row "$name" error - - 'nothing is committed in it'
    return
  fi
  local extra=()
  [[ -z $patch ]] || extra=(--patch "$scratch/$name.patch")
  djroadmap -C "$folder" "$@" --yes --json ${extra[@]+"${extra[@]}"} >"$document" 2>"$scratch/said" || code=$?
  result=$(jq -r '.result // empty' "$document" 2>/dev/null) || result=''
  if [[ -z $result ]]; then
    row "$name" error - - "$(said) (exit code $code)"
    return
  fi
  case $code:$result in
    0:changed | 0:planned | 0:unchanged | 3:refused) ;;
    *) result=error ;;
  esac
  mv "$document" "$work/$name.json"
  document=$work/$name.json
  if [[ $result == refused || $result == error ]]; then
    row "$name" "$result" - - "$(why "$document")"
    return
  fi
  files=$(jq '.files | length' "$document")
  todos=$(jq '.todos + .commands | length' "$document")
  if [[ $result == unchanged ]]; then
    row "$name" unchanged "$files" "$todos" "$(jq -r '.notes | join("; ")' "$document")"
    return
  fi
  if jq -e '.conflicts[0]' "$document" >/dev/null; then
    row "$name" refused - - "$(jq -r '.conflicts[0] | "conflict in \(.path):\(.line): \(.why)"' "$document")"
    return
  fi
  if [[ $result == planned ]]; then
    mv "$scratch/$name.patch" "$work/$name.patch"
    row "$name" planned "$files" "$todos" "$work/$name.patch"
    return
  fi
  if ! {
    git -C "$folder" checkout --quiet -b "$branch" &&
      git -C "$folder" add --all &&
      # What .gitignore leaves out, as some do with all files that begin with a dot.
      jq -j '.files[].path + "\u0000"' "$document" |
      git -C "$folder" --literal-pathspecs add --force --pathspec-from-file=- --pathspec-file-nul &&
      message "$document" | git -C "$folder" commit --quiet --file=-
  } 2>"$scratch/said"; then
    row "$name" error - - "not committed: $(said)"
    return
  fi
  mv "$folder" "$work/$name"
  finish "$name" "$files" "$todos"
}

# The row of a clone with a commit, which is pushed if that is wanted.
finish() {
  local clone=$work/$1
  if [[ -z $push ]]; then
    row "$1" changed "$2" "$3" "$clone"
  elif git -C "$clone" push --quiet origin "refs/heads/$branch:refs/heads/$branch" 2>"$scratch/said"; then
    row "$1" changed "$2" "$3" "pushed $branch"
  else
    row "$1" error "$2" "$3" "committed in $clone, not pushed: $(grep -m 1 -E '^ !|^fatal|^error' "$scratch/said")"
  fi
}

# A clone of an earlier run is not made again: what was looked at is what is pushed.
again() {
  local document=$work/$1.json
  if ! git -C "$work/$1" rev-parse --quiet --verify "refs/heads/$branch" >/dev/null || [[ ! -f $document ]]; then
    row "$1" error - - "$work/$1 is of another run; delete it, or give another folder with -w"
  elif [[ -n $patch ]]; then
    row "$1" error - - "$work/$1 has the commit already; delete it, or give another folder with -w"
  else
    finish "$1" "$(jq '.files | length' "$document")" "$(jq '.todos + .commands | length' "$document")"
  fi
}

listed >"$scratch/list" || misused "$repositories: cannot be read"
[[ -s $scratch/list ]] || misused "$repositories: no repository is in it"
names=' '
while IFS= read -r repository <&3; do
  [[ ! -d $repository ]] || repository=$(cd "$repository" && pwd)
  if grep -Fqsx -- "$repository" "$scratch/seen"; then continue; fi
  printf '%s\n' "$repository" >>"$scratch/seen"
  name=$(plain "$(basename "$repository" .git)")
  if [[ $names == *" $name "* ]]; then
    # Two of the same name: by their owners or folders.
    owner=$(basename "$(dirname "$repository")")
    name=$(plain "${owner##*:}-$name")
  fi
  if [[ $names == *" $name "* ]]; then
    row "$name" error - - 'another one has this name, or this one is listed twice'
    continue
  fi
  names="$names$name "
  if [[ -e $work/$name ]]; then
    again "$name"
  else
    run "$repository" "$name" "$@" </dev/null
    rm -rf "${scratch:?}/$name"
  fi
done 3<"$scratch/list"

# The one table, each column as wide as it must be.
{
  printf 'repository\tresult\tfiles\tto-dos\twhy or where\n'
  cat "$table"
} | awk -F '\t' '
  { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
  END {
    for (row = 1; row <= NR; row++) {
      line = ""
      for (i = 1; i < 5; i++) line = line sprintf("%-" width[i] "s  ", cell[row, i])
      line = line cell[row, 5]
      sub(/ +$/, "", line)
      print line
    }
  }'
exit "$failed"
