#!/usr/bin/env bash
# Says whether a change of the code changed what the API answers to the requests of its tests: records them all, and compares.
#   tests/exchanges.sh record FILE [FILTER]   runs Api.Tests as it is built, or those of its tests, and writes each request with its answer to FILE
#   tests/exchanges.sh compare A B C   what is in C, but neither in A nor in B, and what is in both A and B, but not in C
# A and B are two records of the code before: what differs between them depends on time or on chance.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1-} in
  record)
    file=$(realpath -m "$2"); rm -f "$file"
    AGORA_EXCHANGES=$file TEST_LENGTH=short dotnet test tests/Api.Tests -c Release --no-build --nologo ${3:+--filter "$3"} || failed=$?
    wc -l "$file"
    exit "${failed:-0}" ;;
  compare)
    for kept in "$2" "$3" "$4"; do sort -u "$kept" -o "$kept.sorted"; done
    echo "new:"; comm -13 <(sort -u "$2.sorted" "$3.sorted") "$4.sorted"
    echo "gone:"; comm -23 <(comm -12 "$2.sorted" "$3.sorted") "$4.sorted" ;;
  *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac
