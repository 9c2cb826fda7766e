#!/usr/bin/env bash
# Runs against a server of yours, in its test mode (play money, no service is called), by wrk: bench/load.sh [URL].
# Start the server so that nobody's rate is limited and every run may have the same input, as `tests/Benchmarks -- runs` has it:
#   AGORA_RATE_LIMIT_PER_MINUTE=10000000 AGORA_DUPLICATE_WINDOW_SECONDS=0 ./run --data /tmp/agora-load
#   DATA=/tmp/agora-load bench/load.sh
# It opens sessions of its own, each a user's who has done a sponsor's task, then prints runs a second and how long they take. SESSIONS, CAMPAIGNS, CONNECTIONS,
# SECONDS_WARM and SECONDS_LONG say how many and how long. Beside it: dotnet run -c Release --project tests/Benchmarks -- runs --only agora --store sqlite --sessions 1000 --campaigns 100
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
url=${1:-http://127.0.0.1:8080} data=${DATA:-data} sessions=${SESSIONS:-1000} campaigns=${CAMPAIGNS:-100}
for program in wrk curl; do command -v $program >/dev/null || { echo "$program is missing: install it from your system's packages." >&2; exit 2; }; done
[ -r "$data/test-admin.access" ] || { echo "$data/test-admin.access is not there: DATA is the directory that the server was started with (--data), without AGORA_ADMIN_KEY or AGENT_API_KEY in its environment." >&2; exit 2; }
admin=$(cat "$data/test-admin.access") platform=$(cat "$data/test-platform.access")
work=$(mktemp -d) name=load-$(date +%s)
trap 'rm -rf "$work"' EXIT

# Requests by the hundred, many at a time: ask METHOD PATH KEY FILE BODY adds one, whose answer FILE keeps; send sends all, in any order.
ask() {
  [ ! -s "$work/asked" ] || echo next >>"$work/asked"
  printf '%s\n' "request = $1" "url = \"$url$2\"" "header = \"Authorization: Bearer $3\"" 'header = "Content-Type: application/json"' "header = \"Idempotency-Key: $4\"" \
    "output = \"$work/$4\"" "data = \"${5//\"/\\\"}\"" silent show-error fail-with-body >>"$work/asked"
}
send() {
  curl --no-progress-meter --parallel --parallel-max 64 --config "$work/asked" >/dev/null 2>"$work/errors" || { echo "The server refused, first of all: $(head -1 "$work/errors") $(cat "$work/$1" 2>/dev/null)" >&2; exit 1; }
  rm "$work/asked"
}

echo "Opening $sessions sessions of $campaigns campaigns …" >&2
for ((n = 0; n < campaigns; n++)); do
  ask PUT "/admin/services/$name-$n" "$admin" "$name-service-$n" '{"name":"Summarizer '$n'","description":"Summarizes a text","category":"text","price_cents":1,"endpoint":"https://text.example/'$n'","provider":"provider-'$n'","input_schema":{"type":"object","required":["text"],"properties":{"text":{"type":"string","minLength":1}}},"output_schema":{"type":"object","required":["summary"],"properties":{"summary":{"type":"string"}},"examples":[{"summary":"Short."}]}}'
done
send "$name-service-0"
for ((n = 0; n < campaigns; n++)); do
  ask PUT "/admin/campaigns/$name-$n" "$admin" "$name-campaign-$n" '{"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"'"$name-$n"'"}],"runs_per_completion":1000000}'
done
send "$name-campaign-0"
for ((n = 0; n < campaigns; n++)); do ask POST "/admin/campaigns/$name-$n/fund" "$admin" "$name-fund-$n" '{"amount_cents":100000000}'; done
send "$name-fund-0"
for ((n = 0; n < sessions; n++)); do
  ask POST /agent/auth "$platform" "$name-session-$n" '{"agent_id":"'"$name"'","user_id":"'"$name-$n"'","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100000000}}'
done
send "$name-session-0"
sleep 2 # what operators put is found by agents within a second
for ((n = 0; n < sessions; n++)); do
  token=$(sed 's/.*"token":"\([^"]*\)".*/\1/' "$work/$name-session-$n")
  echo "$token $name-$((n % campaigns))" >>"$work/sessions"
  ask POST "/agent/tasks/$name-$((n % campaigns))/complete" "$token" "$name-task-$n" '{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}'
done
send "$name-task-0"

load() { wrk -t 2 -c "${CONNECTIONS:-256}" -d "$1" --timeout 30s -s "$here/runs.lua" "$url" -- "$work/sessions"; }
load "${SECONDS_WARM:-10}" >/dev/null
load "${SECONDS_LONG:-10}"
