#!/usr/bin/env bash
# Adds up what the suites left in a directory: failed and skipped tests by name and reason, line coverage, and the closing line.
set -uo pipefail
results=$1
passed=0 failed=0 skipped=0
for trx in "$results"/*/*.trx; do
  [ -f "$trx" ] || continue
  counters=$(grep -o '<Counters [^>]*>' "$trx")
  count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  passed=$((passed + $(count passed)))
  failed=$((failed + $(count failed)))
  skipped=$((skipped + $(count total) - $(count executed)))
done

# A log is shown only in part, so what failed is said once more where every log ends.
named() { # the outcome in the results, and what it is called here
  awk -v RS='<UnitTestResult ' -v outcome="outcome=\"$1\"" -v called="$2" '
    { sub(/<\/Results>.*/, "") }
    index($0, outcome) {
      name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name)
      why = ""
      if (match($0, /<Message>[^<]*/)) why = substr($0, RSTART + 9, RLENGTH - 9)
      else if (match($0, /<StdOut>[^<]*/)) why = substr($0, RSTART + 8, RLENGTH - 8)
      gsub(/[[:space:]]+/, " ", why)
      print called ": " name ": " substr(why, 1, 500)
    }' "$results"/*/*.trx 2>/dev/null
}
named NotExecuted skipped
named Failed failed
if [ -f "$results/skipped" ]; then
  while read -r line; do
    echo "skipped: $line"
    skipped=$((skipped + 1))
  done <"$results/skipped"
fi

# A line counts as covered when any suite ran it. Each report names its files relative to a root of its own.
find "$results" -name coverage.cobertura.xml -print0 | xargs -0 -r cat | awk '
  match($0, /<source>[^<]*/) { root = substr($0, RSTART + 8, RLENGTH - 8) }
  match($0, /<class [^>]*filename="[^"]*"/) { file = $0; sub(/.*filename="/, "", file); sub(/".*/, "", file); file = root file }
  match($0, /<line number="[0-9]+" hits="[0-9]+"/) {
    split(substr($0, RSTART, RLENGTH), part, "\"")
    key = file ":" part[2]
    if (!(key in seen)) { seen[key] = 1; total++ }
    if (part[4] > 0 && !(key in hit)) { hit[key] = 1; covered++ }
  }
  END { if (total) printf "line coverage: %.1f %% (%d of %d lines)\n", 100 * covered / total, covered, total }'

[ -f "$results/failed" ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
