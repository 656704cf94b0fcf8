#!/usr/bin/env bash
# promptfoo as a client of the gateway. Its dependencies are many, so it has a package of its own, installed here from its
# lock file, without scripts and without what it needs for other providers only. Its database comes as a prebuilt package of
# the registry; nothing is built and nothing is fetched from elsewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
client=test/clients/promptfoo
npm ci --prefix "$client" --ignore-scripts --omit=optional > /dev/null
node scripts/run.mjs node_modules/typescript/bin/tsc -p "$client"
node scripts/run.mjs node_modules/oxlint/bin/oxlint -c "$client/oxlintrc.json" --type-aware --deny-warnings "$client"
node scripts/run.mjs node_modules/vitest/vitest.mjs run --config "$client/vitest.config.ts"
