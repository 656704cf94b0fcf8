import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DemoFolder } from '../../app/ports/demo.ts'
import { AppError } from '../../kernel/index.ts'
import { forgetEmbedded } from '../postgres/index.ts'

const folderName = 'demo-organisation'
const markName = 'made-by-countersign.json'
const filledName = 'demo.json'

/**
 * The folder of the demo in `home`, marked with the id of the installation that made it. Nothing without that mark is
 * deleted, no link is followed, and the mark goes last, so that a deletion that was cut short can go on.
 */
export function demoFolder(options: {
  readonly home: string
  readonly installationId: string
  readonly log: (message: string) => void
}): DemoFolder & { readonly path: string } {
  const { home, installationId, log } = options
  const path = join(home, folderName)
  const mark = join(path, markName)
  const look = () => {
    if (!exists(path)) return 'none'
    if (!isOurs(home, path, mark, installationId)) return 'foreign'
    return existsSync(join(path, filledName)) ? 'whole' : 'begun'
  }
  return {
    path,
    look,
    create: () => {
      mkdirSync(path, { mode: 0o700 })
      writeFileSync(mark, `${JSON.stringify({ installationId })}\n`, { flag: 'wx', mode: 0o600 })
    },
    remove: async () => {
      const found = look()
      if (found === 'none') return
      if (found === 'foreign')
        throw new AppError('INTERNAL', `\`${path}\` was not made by this installation; it is left as it is`)
      await forgetEmbedded(path, log)
      for (const name of readdirSync(path))
        if (name !== markName) await rm(join(path, name), { recursive: true, force: true })
      await rm(mark)
      rmdirSync(path)
    },
  }
}

/** Also for a link that leads nowhere. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isOurs(home: string, path: string, mark: string, installationId: string): boolean {
  try {
    if (!lstatSync(path).isDirectory() || !lstatSync(mark).isFile()) return false
    if (realpathSync(path) !== join(realpathSync(home), folderName)) return false
    const said = JSON.parse(readFileSync(mark, 'utf8')) as { readonly installationId?: unknown } // judged below
    return said.installationId === installationId
  } catch {
    return false // unreadable is not ours, and what is not ours stays
  }
}
