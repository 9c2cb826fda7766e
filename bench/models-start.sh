# What benches of models stand on: sourced by models.sh and chat.sh, which set provider, port, sessions, bin and script (options of the scripted provider). A provider, a server on a data directory of its own, a model m, and a token a session.
# shellcheck shell=bash disable=SC2034,SC2154
for program in curl node; do command -v $program >/dev/null || { echo "$program is missing: install it from your system's packages." >&2; exit 2; }; done
work=$(mktemp -d) url=http://127.0.0.1:$port admin=operator-key-of-the-bench-0123456789ab platform=platform-key-of-the-bench-0123456789ab
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

# The provider anew, by the options that are given.
provide() {
  if [ ${#pids[@]} -gt 0 ]; then
    kill "${pids[0]}"; wait "${pids[0]}" 2>/dev/null || true # it was ended by a signal
  fi
  dotnet "$bin/ScriptedModels/release/Agora.ScriptedModels.dll" --port "$provider" --key bench-key "$@" >"$work/provider" 2>&1 & pids[0]=$!
}

provide "${script[@]}"
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
