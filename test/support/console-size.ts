import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

type Chunk = {
  readonly file: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
  readonly isEntry?: boolean
  readonly isDynamicEntry?: boolean
  readonly css?: readonly string[]
}

export type ConsoleSize = {
  /** Bytes after gzip of what the first visit loads: the frame and the Overview. */
  readonly js: number
  readonly css: number
  /** Bytes after gzip that each screen adds. */
  readonly screens: Readonly<Record<string, number>>
}

const firstScreen = 'src/screens/home/overview.tsx'
const dist = resolve(import.meta.dirname, '../../console/dist')

/** What the built console costs on the wire. */
export function consoleSize(): ConsoleSize {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Readonly<
    Record<string, Chunk>
  > // written by the bundler
  const size = (file: string) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
  const closure = (names: readonly string[], found = new Set<string>()): Set<string> => {
    for (const name of names)
      if (!found.has(name)) {
        found.add(name)
        closure(manifest[name]?.imports ?? [], found)
      }
    return found
  }
  const sum = (names: Iterable<string>) =>
    [...names].reduce((total, name) => total + size(manifest[name]?.file ?? ''), 0)
  const entries = Object.keys(manifest).filter((name) => manifest[name]?.isEntry === true)
  const frame = closure(entries)
  const styles = new Set(
    Object.values(manifest).flatMap(({ css = [], file }) => (file.endsWith('.css') ? [file, ...css] : css)),
  )
  const lazy = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry === true)
  return {
    js: sum(closure([...entries, firstScreen])),
    css: [...styles].reduce((total, file) => total + size(file), 0),
    screens: Object.fromEntries(
      lazy.map((name) => [name, sum([...closure([name])].filter((part) => !frame.has(part)))]),
    ),
  }
}
