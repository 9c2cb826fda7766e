#!/usr/bin/env bash
# Calls of models, by wrk: bench/models.sh. It starts a scripted provider and a server of its own on a data directory of its own (both built before: dotnet build -c Release src/Silo tests/ScriptedModels),
# then says what the provider answers alone, what comes through Agora with every call held and posted, how much longer a call takes by that, and how many streams stay open at once.
# SESSIONS, CONNECTIONS, SECONDS_LONG and STREAMS say how many and how long. All share the cores of this machine, so read the ratios.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) bin=${BIN:-$(cd "$(dirname "$0")/.." && pwd)/artifacts/Embedded/bin}
provider=${PROVIDER_PORT:-19100} port=${PORT:-19080} sessions=${SESSIONS:-256} connections=${CONNECTIONS:-64} long=${SECONDS_LONG:-10} streams=${STREAMS:-2000}
for program in wrk curl node; do command -v $program >/dev/null || { echo "$program is missing: install it from your system's packages." >&2; exit 2; }; done
work=$(mktemp -d) url=http://127.0.0.1:$port admin=operator-key-of-the-bench-0123456789ab platform=platform-key-of-the-bench-0123456789ab
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

dotnet "$bin/ScriptedModels/release/Agora.ScriptedModels.dll" --port "$provider" --key bench-key --tokens 20 >"$work/provider" 2>&1 & pids+=($!)
AGENT_API_KEY=$platform AGORA_ADMIN_KEY=$admin AGORA_RATE_LIMIT_PER_MINUTE=10000000 \
  AGORA_MODEL_PROVIDERS='[{"name":"local","wire":"compatible","url":"http://127.0.0.1:'"$provider"'/v1","keys":["bench-key"]}]' \
  dotnet "$bin/Silo/release/Agora.Silo.dll" --urls "$url" --data "$work/data" >"$work/server" 2>&1 & pids+=($!)
silo=$!
for _ in $(seq 100); do curl -sf "$url/readyz" >/dev/null 2>&1 && break; sleep 0.2; done
curl -sf "$url/readyz" >/dev/null || { tail -5 "$work/server" >&2; exit 1; }

json='Content-Type: application/json'
curl -sSf -o /dev/null -X PUT "$url/admin/services/m" -H "Authorization: Bearer $admin" -H "$json" -d '{"name":"Model","description":"A model","category":"model","max_price_cents":500,"endpoint":"model:local","provider":"house","model":{"name":"scripted-small","max_output_tokens":4096,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":125,"output_cents":1000}]}]}}'
for ((n = 0; n < sessions; n++)); do
  curl -sSf "$url/agent/auth" -H "Authorization: Bearer $platform" -H "$json" -d '{"agent_id":"a'$n'","user_id":"u'$n'","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":10000000}}' |
    sed 's/.*"token":"\([^"]*\)".*/\1\n/'
done >"$work/tokens"
sleep 1

load() { wrk -t 1 -c "$connections" -d "$3" --timeout 30s -s "$here/models.lua" "$1" -- "$2" "$4" | tail -1; }
echo bench-key >"$work/key"
load "$url" "$work/tokens" 8 /openai/v1/chat/completions >/dev/null
printf 'the provider alone:   '; load "http://127.0.0.1:$provider" "$work/key" "$long" /v1/chat/completions
printf 'through Agora:        '; load "$url" "$work/tokens" "$long" /openai/v1/chat/completions
connections=8
printf 'the provider, 8 calls at once: '; load "http://127.0.0.1:$provider" "$work/key" "$long" /v1/chat/completions
printf 'through Agora, 8 at once:      '; load "$url" "$work/tokens" "$long" /openai/v1/chat/completions

for rate in ${RATES:-100 400}; do
  printf 'the provider, '; node "$here/models-rate.mjs" "http://127.0.0.1:$provider" /v1/chat/completions scripted-small "$work/key" "$rate" "$long"
  printf 'through Agora, '; node "$here/models-rate.mjs" "$url" /openai/v1/chat/completions m "$work/tokens" "$rate" "$long"
done

kill "${pids[0]}"; wait "${pids[0]}" 2>/dev/null || true
dotnet "$bin/ScriptedModels/release/Agora.ScriptedModels.dll" --port "$provider" --key bench-key --tokens 60 --pause 500 --chunk 10 >"$work/provider" 2>&1 & pids[0]=$!
sleep 2
node "$here/models.mjs" "$url" "$work/tokens" "$streams" "$silo"
