// Builds the console when its sources, what they import, or the lock file have changed. Prints nothing when it is fresh.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'console/dist/.stamp')

/** Builds the console unless it is fresh. Throws when the build fails. `node` is the Node of the dependencies. */
export function buildConsole(node) {
  const wanted = digestOfSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Building the console (once per version) ...')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--config', join(root, 'console/vite.config.ts'), '--logLevel', 'warn']
  const done = spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) throw new Error('the console could not be built; the messages above say why')
  writeFileSync(stamp, wanted)
}

/** One digest over everything that the bundle is made of. */
function digestOfSources() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const folder of ['console/src', 'console/public', 'src/contracts', 'src/kernel']) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
    for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file))
  }
  for (const file of ['console/index.html', 'console/vite.config.ts'])
    hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
