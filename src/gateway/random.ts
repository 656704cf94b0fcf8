import { randomBytes } from 'node:crypto'

const pageBytes = 4_096

/** Random bytes from the system, drawn a page at a time because each draw is a call of its own. No byte is given twice. */
export function randomSource(): (length: number) => Buffer {
  let page = Buffer.alloc(0)
  let used = 0
  return (length) => {
    if (length > pageBytes) throw new RangeError(`at most ${pageBytes} random bytes at a time`)
    if (used + length > page.length) [page, used] = [randomBytes(pageBytes), 0]
    used += length
    return page.subarray(used - length, used)
  }
}
