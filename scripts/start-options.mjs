// What the program is started with. Benches start what they measure in the same way.
import { join } from 'node:path'

/**
 * Young objects get 16 MiB twice over, from the start on: of 64 callers hardly anything outlives a collection then, and what
 * V8 would give itself on a machine with much memory is three times as much and no faster (docs/adr/0050).
 */
export const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16']

/** Where Node keeps compiled code between starts; a folder that cannot be written is left alone. */
export function compileCacheIn(root) {
  return join(root, 'node_modules', '.cache', 'countersign-code')
}
