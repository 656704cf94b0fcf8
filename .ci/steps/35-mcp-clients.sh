#!/usr/bin/env bash
# The SDKs of the Model Context Protocol on both sides of the gateway. Their dependencies are many, so they have a package
# of their own, installed here from its lock file and without scripts.
set -euo pipefail
cd "$(dirname "$0")/../.."
clients=test/clients/mcp
npm ci --prefix "$clients" --ignore-scripts > /dev/null
node scripts/run.mjs node_modules/typescript/bin/tsc -p "$clients"
node scripts/run.mjs node_modules/oxlint/bin/oxlint -c "$clients/oxlintrc.json" --type-aware --deny-warnings "$clients"
node scripts/run.mjs node_modules/vitest/vitest.mjs run --config "$clients/vitest.config.ts"
