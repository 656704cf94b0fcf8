import { createReadStream } from 'node:fs'

/** Bytes of a file, or of standard input for `-`, chunk by chunk as they are asked for. */
export function openBytes(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 65_536 })
}
