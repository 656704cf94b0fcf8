import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import {
  csvOptions,
  isBlank,
  malformed,
  recordFault,
  type Delimiter,
  type FileFault,
} from '../../governance/intake/index.ts'

export type FileRecord = { readonly row: number; readonly cells: readonly string[] }

/** A file that cannot be used as a whole. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
  readonly fault: FileFault
  constructor(fault: FileFault) {
    super(fault.code)
    this.fault = fault
  }
}

const sliceLength = 65_536

/**
 * The records of a file after its header, without blank lines, numbered as a spreadsheet does. Parsed piece by piece, so
 * that others get their turn. Throws `UnusableFile` at the first fault of the form.
 */
export async function* recordsOf(text: string, delimiter: Delimiter): AsyncGenerator<FileRecord> {
  const source = Readable.from(slicesOf(text))
  const parser = source.pipe(parse(csvOptions(delimiter)))
  let row = 0
  try {
    for await (const record of parser) {
      const cells = record as readonly string[] // the parser gives texts
      row += 1
      const fault = recordFault(cells, row)
      if (fault !== null) throw new UnusableFile(fault)
      if (row > 1 && !isBlank(cells)) yield { row, cells }
    }
  } catch (error) {
    throw error instanceof UnusableFile ? error : new UnusableFile(malformed(error))
  } finally {
    source.destroy()
    parser.destroy()
  }
}

function* slicesOf(text: string): Generator<Buffer> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + sliceLength, text.length)
    // A character of two units stays in one piece.
    if (to < text.length && /[\ud800-\udbff]/.test(text.charAt(to - 1))) to += 1
    yield Buffer.from(text.slice(from, to))
    from = to
  }
}
