#!/usr/bin/env bash
# A new user's first minutes: a fresh clone, `npm start` as root and as an ordinary user, a second start, SIGTERM,
# kill -9 and the start after it. Nothing but Node, npm and git is there beforehand.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

cat > "$work/try.sh" <<'TRY'
set -euo pipefail
cd "$1"
export COUNTERSIGN_PORT=$2 COUNTERSIGN_GATEWAY_PORT=$3
start() {
  began=$(date +%s%N)
  npm start > "$1" 2>&1 &
  npm=$!
  for _ in $(seq 1200); do
    grep -q 'Root fingerprint' "$1" && break
    kill -0 "$npm" 2> /dev/null || { cat "$1"; echo "npm start ended"; exit 1; }
    sleep 0.1
  done
  grep -q 'Root fingerprint' "$1" || { cat "$1"; echo "not up in time"; exit 1; }
  ms=$((($(date +%s%N) - began) / 1000000))
}
served() { pgrep -u "$(id -u)" -f "$PWD/src/main/main.ts serve" | tail -1; }
start first.log
grep -q 'Set-up token' first.log
curl -fsS -H 'accept: text/html' "http://127.0.0.1:$2/sign-in" | grep -q 'id="console"'
curl -fsS "http://127.0.0.1:$2/api/v1/openapi.json" | grep -q '"openapi":"3.1.0"'
echo "first start as $(id -un), dependencies included: $ms ms"
kill -TERM "$(served)"
wait "$npm"
echo "SIGTERM: drained, exit 0"
start second.log
echo "second start: $ms ms"
kill -KILL "$(served)"
wait "$npm" || true
start third.log
echo "start after kill -9: $ms ms"
kill -TERM "$(served)"
wait "$npm"
TRY

try() { # USER PORT
  git clone -q . "$work/$1"
  if [ "$1" = "$(id -un)" ]; then
    bash "$work/try.sh" "$work/$1" "$2" "$(($2 + 1))"
  else
    chown -R "$1" "$work/$1"
    su "$1" -s /bin/bash -c "HOME=$work/$1 bash $work/try.sh $work/$1 $2 $(($2 + 1))"
  fi
}

port=$((20000 + RANDOM % 20000))
try "$(id -un)" "$port"
if [ "$(id -u)" -eq 0 ]; then
  id countersign-ci > /dev/null 2>&1 || useradd --system --shell /bin/bash countersign-ci
  try countersign-ci $((port + 10))
else
  echo "not root: the run as another user is left out"
fi
