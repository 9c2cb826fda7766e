#!/usr/bin/env bash
# How often the alarms that compare a model with its own usual ring for nothing, and what they hear: bench/anomalies.sh [SEED [DAYS]].
# It makes traffic with and without planted anomalies, puts it into a Prometheus of its own in a directory of its own (2 GB for some minutes), evaluates the rules as they stand, and says how many alarms were false and how soon the true ones came.
# Prometheus, promtool and python3 have to be there; PORT is where it listens. The same seed says the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) seed=${1:-1} days=${2:-28} url=http://127.0.0.1:${PORT:-19190}
work=$(mktemp -d)
prometheus=
trap '[ -z "$prometheus" ] || kill "$prometheus" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

# In one block, for promtool reads all of it once for each.
fill() { promtool tsdb create-blocks-from openmetrics --max-block-duration=2000h -q "$1" "$work/data" >"$work/promtool.txt" 2>&1 || { cat "$work/promtool.txt"; return 1; }; rm "$1"; }

python3 "$here/anomalies-traffic.py" "$seed" $((days + 8)) "$work"
fill "$work/traffic.om"
echo '{}' >"$work/prometheus.yml"
more=3
while [ $more = 3 ]; do
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --storage.tsdb.retention.time=100y --web.listen-address="${url#http://}" --query.timeout=10m --query.max-samples=500000000 --log.level=error &
  prometheus=$!
  until curl -sf "$url/-/ready" >/dev/null; do kill -0 "$prometheus"; sleep 0.2; done
  more=0
  python3 "$here/anomalies-rules.py" evaluate "$work" "$url" || more=$?
  kill "$prometheus"; wait "$prometheus" || true; prometheus=
  [ $more = 0 ] || [ $more = 3 ] || exit "$more"
  fill "$work/recorded.om"
done
echo "seed $seed"
python3 "$here/anomalies-rules.py" report "$work"
