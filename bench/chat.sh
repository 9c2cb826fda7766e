#!/usr/bin/env bash
# Chats: bench/chat.sh. It starts a scripted provider and a server of its own on a data directory of its own (both built before: dotnet build -c Release src/Silo tests/ScriptedModels),
# then says how soon the first text is there at the provider and through a chat, and how many replies are open at once and end whole.
# SESSIONS, RATE, SECONDS_LONG and STREAMS say how many and how long. All share the cores of this machine, so read the differences.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) bin=${BIN:-$(cd "$(dirname "$0")/.." && pwd)/artifacts/Embedded/bin}
provider=${PROVIDER_PORT:-19100} port=${PORT:-19080} sessions=${SESSIONS:-64} rate=${RATE:-20} long=${SECONDS_LONG:-10} streams=${STREAMS:-2000}
for program in curl node; do command -v $program >/dev/null || { echo "$program is missing: install it from your system's packages." >&2; exit 2; }; done
work=$(mktemp -d) url=http://127.0.0.1:$port admin=operator-key-of-the-bench-0123456789ab platform=platform-key-of-the-bench-0123456789ab
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

dotnet "$bin/ScriptedModels/release/Agora.ScriptedModels.dll" --port "$provider" --key bench-key --tokens 60 --pause 20 --chunk 10 >"$work/provider" 2>&1 & pids+=($!)
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

echo bench-key >"$work/key"
node "$here/chat.mjs" "$url" chat "$work/tokens" 20 3 >/dev/null
printf 'the provider alone: '; node "$here/chat.mjs" "http://127.0.0.1:$provider" provider "$work/key" "$rate" "$long"
printf 'through a chat:     '; node "$here/chat.mjs" "$url" chat "$work/tokens" "$rate" "$long"

kill "${pids[0]}"; wait "${pids[0]}" 2>/dev/null || true
dotnet "$bin/ScriptedModels/release/Agora.ScriptedModels.dll" --port "$provider" --key bench-key --tokens 60 --pause 500 --chunk 10 >"$work/provider" 2>&1 & pids[0]=$!
sleep 2
printf 'at once:            '; node "$here/chat.mjs" "$url" chat "$work/tokens" "$streams" all "$silo"
