#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2034,SC2154 # models-start.sh reads what is set here, and sets the rest
# Calls of models, by wrk: bench/models.sh. It starts a scripted provider and a server of its own on a data directory of its own (both built before: dotnet build -c Release src/Silo tests/ScriptedModels),
# then says what the provider answers alone, what comes through Agora with every call held and posted, how much longer a call takes by that, and how many streams stay open at once.
# SESSIONS, CONNECTIONS, SECONDS_LONG and STREAMS say how many and how long. All share the cores of this machine, so read the ratios.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) bin=${BIN:-$(cd "$(dirname "$0")/.." && pwd)/artifacts/bin}
provider=${PROVIDER_PORT:-19100} port=${PORT:-19080} sessions=${SESSIONS:-256} connections=${CONNECTIONS:-64} long=${SECONDS_LONG:-10} streams=${STREAMS:-2000}
command -v wrk >/dev/null || { echo "wrk is missing: install it from your system's packages." >&2; exit 2; }
script=(--tokens 20)
. "$here/models-start.sh"

load() { wrk -t 1 -c "$connections" -d "$3" --timeout 30s -s "$here/models.lua" "$1" -- "$2" "$4" | tail -1; }
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

provide --tokens 60 --pause 500 --chunk 10
sleep 2
node "$here/models.mjs" "$url" "$work/tokens" "$streams" "$silo"
