#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2034,SC2154 # models-start.sh reads what is set here, and sets the rest
# Chats: bench/chat.sh. It starts a scripted provider and a server of its own on a data directory of its own (both built before: dotnet build -c Release src/Silo tests/ScriptedModels),
# then says how soon the first text is there at the provider and through a chat, and how many replies are open at once and end whole.
# SESSIONS, RATE, SECONDS_LONG and STREAMS say how many and how long. All share the cores of this machine, so read the differences.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) bin=${BIN:-$(cd "$(dirname "$0")/.." && pwd)/artifacts/bin}
provider=${PROVIDER_PORT:-19100} port=${PORT:-19080} sessions=${SESSIONS:-64} rate=${RATE:-20} long=${SECONDS_LONG:-10} streams=${STREAMS:-2000}
script=(--tokens 60 --pause 20 --chunk 10)
. "$here/models-start.sh"

node "$here/chat.mjs" "$url" chat "$work/tokens" 20 3 >/dev/null
printf 'the provider alone: '; node "$here/chat.mjs" "http://127.0.0.1:$provider" provider "$work/key" "$rate" "$long"
printf 'through a chat:     '; node "$here/chat.mjs" "$url" chat "$work/tokens" "$rate" "$long"

provide --tokens 60 --pause 500 --chunk 10
sleep 2
printf 'at once:            '; node "$here/chat.mjs" "$url" chat "$work/tokens" "$streams" all "$silo"
