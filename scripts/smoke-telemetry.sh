#!/usr/bin/env bash
# Asks a running OmniOps for the telemetry of its demo tenant, as a stranger and with a key, and holds the figures
# against the rows behind them. Starts the server on the data directory of the environment, and ends it again.
set -euo pipefail

omniops=${OMNIOPS:-target/release/omniops}
addr=${OMNIOPS_ADDR:-127.0.0.1:3000}
tenant=${1:-demo}

"$omniops" serve &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT

for _ in $(seq 120); do
    curl -fs "http://$addr/health/ready" >/dev/null && break
    kill -0 "$server" || { echo "the server ended" >&2; exit 1; }
    sleep 0.5
done

key=$("$omniops" apikey create --tenant "$tenant" --name "telemetry smoke $(date +%s)" --scope analytics:read | grep -o 'ok_live_[A-Za-z0-9_-]*')
from=$(date -u -d '30 days ago' +%Y-%m-%dT%H:%M:%SZ)
to=$(date -u +%Y-%m-%dT%H:%M:%SZ)
ask() { curl -fsS -H "Authorization: Bearer $key" "http://$addr/api/dashboard/telemetry$1"; }

status=$(curl -s -o /dev/null -w '%{http_code}' "http://$addr/api/dashboard/telemetry")
[ "$status" = 401 ] || { echo "a stranger was answered $status" >&2; exit 1; }

report=$(ask "?from=$from&to=$to&granularity=day")
turns=$(node -p 'JSON.parse(require("fs").readFileSync(0)).figures.turns' <<<"$report")
stale=$(node -p 'JSON.parse(require("fs").readFileSync(0)).freshness.is_stale' <<<"$report")
rows=$(($(ask "/turns?from=$from&to=$to&format=csv" | wc -l) - 1))
series=$(ask "?from=$from&to=$to&granularity=day&format=csv" | tail -n +2 | cut -d, -f3 | paste -sd+ | bc)

echo "turns: $turns in the tile, $rows in the list, $series in the series; stale: $stale"
[ "$turns" -gt 0 ] && [ "$turns" = "$rows" ] && [ "$turns" = "$series" ] && [ "$stale" = false ]
