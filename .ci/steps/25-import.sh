#!/usr/bin/env bash
# The largest import, killed while it is checked and while it is committed. `npm test` does the same with fewer rows.
set -uo pipefail
cd "$(dirname "$0")/../.."
COUNTERSIGN_IMPORT_ROWS=20000 npm test -- --silent=false test/fault/import.test.ts
