#!/bin/sh
# Runs real clients against the real gateway. Called by `npm run interop`; PYTHON names another Python, and arguments
# choose clients by the beginning of their names.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
venvs=$repository/.venv/interop
agents=$repository/.venv/agents

# client, test, environment (the name of a file in requirements/; `node` is this repository's own)
clients='
mlflow.gateway@2.5.0      test_gateway_client.py      mlflow-2.5.0
mlflow.gateway@2.8.1      test_gateway_client.py      mlflow-2.8.1
mlflow.gateway@2.9.2      test_gateway_client.py      mlflow-2.9.2
mlflow.deployments@2.9.2  test_deployments_client.py  mlflow-2.9.2
mlflow.deployments@3.17.2 test_deployments_client.py  mlflow-3.17.2
openai@3.54.0             test_openai_client.py       openai
anthropic@2.14.0          test_anthropic_client.py    anthropic
langchain@1.8.3           test_langchain.py           langchain
sdks-to-aimock            test_aimock.ts              node
claude@2.1.197            test_agents.ts              agents
codex@0.169.0             test_agents.ts              agents
gemini@0.61.0             test_agents.ts              agents
'
if [ "$#" -gt 0 ]; then
  clients=$(for wanted in "$@"; do echo "$clients" | awk -v wanted="$wanted" 'index($1, wanted) == 1'; done)
fi

work=$(mktemp -d)
started=''
gateways=''
current=''

clean_up() {
  trap - EXIT INT TERM HUP
  # shellcheck disable=SC2086 # one process id each
  [ -z "$current$gateways$started" ] || kill $current $gateways $started 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "interop: $*" >&2
  exit 1
}

# In the background and waited for, so that a signal ends it at once.
run() {
  "$@" &
  current=$!
  status=0
  wait "$current" || status=$?
  current=''
  return "$status"
}

# wait_for_url FILE PATTERN PID NAME: the URL that a server prints once it listens.
wait_for_url() {
  tries=0
  while :; do
    url=$(sed -n "s/.*$2\(http:[^ ]*\)\$/\1/p" "$work/$1" | head -n 1)
    [ -z "$url" ] || return 0
    tries=$((tries + 1))
    if ! kill -0 "$3" 2>/dev/null || [ "$tries" -gt 300 ]; then
      cat "$work/$1" >&2
      fail "$4 did not start"
    fi
    sleep 0.1
  done
}

# prepare ENVIRONMENT: its virtual environment, made anew only when its requirements or the Python changed.
prepare() {
  stamp=$venvs/$1/requirements-installed
  { "$python" -c 'import sys; print(sys.executable, sys.version)' && cat "$here/requirements/$1.txt"; } >"$work/wanted"
  if cmp -s "$work/wanted" "$stamp"; then return 0; fi
  echo "interop: installing $1"
  rm -rf "${venvs:?}/$1"
  run "$python" -m venv "$venvs/$1" || fail "$python cannot make a virtual environment (python3-venv missing?)"
  run "$venvs/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
    --only-binary :all: --requirement "$here/requirements/$1.txt" || fail "cannot install $1"
  cp "$work/wanted" "$stamp"
}

# prepare_agents: the coding agents, made anew only when their versions or Node changed; fails when that is impossible.
prepare_agents() {
  { node --version && cat "$here/requirements/agents.json"; } >"$work/wanted"
  if cmp -s "$work/wanted" "$agents/requirements-installed"; then return 0; fi
  echo 'interop: installing the coding agents (700 MB)'
  rm -rf "$agents"
  mkdir -p "$agents"
  cp "$here/requirements/agents.json" "$agents/package.json"
  run npm install --prefix "$agents" --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel error &&
    # What its own install script does.
    run node "$agents/node_modules/@anthropic-ai/claude-code/install.cjs" &&
    cp "$work/wanted" "$agents/requirements-installed"
}

# start_gateway NAME WORKERS: leaves its address in $url.
start_gateway() {
  : >"$work/$1.err"
  sed "s|UPSTREAM_URL|$upstream|" "$here/$1.yaml" >"$work/$1.yaml"
  MLFLOW_GATEWAY_DATA_DIR="$work/$1-data" node "$repository/dist/main.js" start --config-path "$work/$1.yaml" --port 0 --workers "$2" \
    >>"$work/$1.log" 2>"$work/$1.err" &
  gateways="$gateways $!"
  wait_for_url "$1.err" ' on ' "$!" "the gateway ($1.yaml)"
}

# Each client gets gateways of its own: what the failures of one have used of the retry budget is not missing to the next.
start_gateways() {
  # shellcheck disable=SC2086 # one process id each
  [ -z "$gateways" ] || kill $gateways
  gateways=''
  start_gateway gateway 2
  export INTEROP_GATEWAY_URI="$url"
  start_gateway gateway-2023 1
  export INTEROP_GATEWAY_2023_URI="$url"
}

# row CLIENT TEST TESTS SKIPPED RESULT
row() {
  printf '%-26s %-28s %5s %7s  %s\n' "$@" >>"$work/table"
}

# summarise CLIENT TEST STATUS: one row of the table, from what unittest or Node's test runner printed.
summarise() {
  tests=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p; s/^ℹ tests \([0-9]*\)$/\1/p' "$work/output")
  skipped=$(sed -n 's/^OK (skipped=\([0-9]*\))$/\1/p; s/^ℹ skipped \([0-9]*\)$/\1/p' "$work/output")
  if [ "$3" -ne 0 ]; then
    result=FAILED
    failures=$((failures + 1))
  elif [ "${tests:-0}" -eq 0 ]; then
    result=skipped
  else
    result=passed
  fi
  row "$1" "$2" "${tests:-0}" "${skipped:-0}" "$result"
}

# test_with ENVIRONMENT TEST
test_with() {
  case $1 in
    node | agents) run node --import tsx --test-reporter spec "$here/$2" ;;
    *) run "$venvs/$1/bin/python" -W ignore "$here/$2" ;;
  esac
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed, and not $python"
[ -f "$repository/dist/main.js" ] || fail 'dist/main.js is missing; run npm run build first'

[ -n "$clients" ] || fail "no client is named so: $*"
cd "$repository"

impossible=''
for environment in $(echo "$clients" | awk 'NF { print $3 }' | sort -u); do
  case $environment in
    node) ;;
    agents) prepare_agents || impossible=agents ;;
    *) prepare "$environment" ;;
  esac
done

# Only on loopback, whatever proxy is configured; no telemetry; one quick retry where a failure is the point.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true
export MLFLOW_HTTP_REQUEST_MAX_RETRIES=1 MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR=0 MLFLOW_HTTP_REQUEST_BACKOFF_JITTER=0
export INTEROP_UPSTREAM_KEY=sk-interop-upstream INTEROP_AGENTS="$agents/node_modules/.bin"
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
unset MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD MLFLOW_TRACKING_TOKEN
unset MLFLOW_GATEWAY_URI MLFLOW_GATEWAY_CONFIG MLFLOW_DEPLOYMENTS_TARGET PYTHONPATH

: >"$work/upstream.log"
"$python" "$here/upstream.py" >"$work/upstream.log" 2>"$work/upstream.err" &
started="$started $!"
wait_for_url upstream.log '' "$!" 'the upstream'
upstream=$url

failures=0
row client test tests skipped result
while read -r client test environment; do
  [ -n "$client" ] || continue
  if [ "$environment" = "$impossible" ]; then
    row "$client" "$test" 0 0 'SKIPPED: it could not be installed'
    continue
  fi
  export INTEROP_CLIENT="$client"
  case $environment in
    node | agents) ;; # They start their own.
    *) start_gateways ;;
  esac
  status=0
  test_with "$environment" "$test" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  echo
  summarise "$client" "$test" "$status"
done <<CLIENTS
$clients
CLIENTS

cat "$work/table"
if [ "$failures" -ne 0 ]; then
  sed '/"level":30/d' "$work/gateway.log" "$work/gateway-2023.log" | tail -n 20 >&2
  exit 1
fi
