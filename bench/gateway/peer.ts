import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname

/** Version of the peer, which is installed from its lock file when it is absent; null when it cannot be. */
export function installPeer(): string | null {
  const installed = versionIn(here)
  if (installed !== null) return installed
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { npm_execpath: npm } = process.env
  const options = { cwd: here, stdio: ['ignore', 2, 2] as ['ignore', 2, 2] }
  if (npm === undefined) spawnSync('npm', flags, { ...options, shell: process.platform === 'win32' })
  else spawnSync(process.execPath, [npm, ...flags], options)
  return versionIn(here)
}

function versionIn(folder: string): string | null {
  return versionOf(join(folder, 'node_modules/@portkey-ai/gateway'))
}

/** Version that the package in `folder` states; null when there is none. */
export function versionOf(folder: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return version
  } catch {
    return null
  }
}
