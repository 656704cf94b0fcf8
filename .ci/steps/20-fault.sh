#!/usr/bin/env bash
# Kills the shipped program and its database under load, twenty times, and freezes the database. `npm test` does three.
set -uo pipefail
cd "$(dirname "$0")/../.."
started=$(date +%s)
COUNTERSIGN_FAULT_ROUNDS=20 npm test -- --silent=false test/fault
status=$?
echo "fault tests: 20 rounds of 200 requests each, $(($(date +%s) - started)) s"
exit $status
