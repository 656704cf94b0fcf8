#!/usr/bin/env bash
# Frameworks as clients of the gateway. Their dependencies are many, so they have a package of their own, installed here
# from its lock file and without scripts.
set -euo pipefail
cd "$(dirname "$0")/../.."
frameworks=test/clients/frameworks
npm ci --prefix "$frameworks" --ignore-scripts > /dev/null
node scripts/run.mjs node_modules/typescript/bin/tsc -p "$frameworks"
node scripts/run.mjs node_modules/vitest/vitest.mjs run --config "$frameworks/vitest.config.ts"
