#!/usr/bin/env bash
# Kills the shipped program and its database under load, twenty times (`npm test`: three times); freezes the database and
# the leader of the ledger, fills the disk, steps the clocks, loses notifications.
set -uo pipefail
cd "$(dirname "$0")/../.."
started=$(date +%s)
COUNTERSIGN_FAULT_ROUNDS=20 npm test -- --silent=false test/fault
status=$?
echo "fault tests: 20 rounds of 200 requests each, $(($(date +%s) - started)) s"
exit $status
