import { inflateSync } from 'node:zlib'

/**
 * The letters of each page of a PDF that the browser has printed, without spaces, which kerning and lines move. It knows the
 * form that Chromium writes and no other: a font is named after its object, and text is glyphs with a table to Unicode.
 */
export function pdfText(pdf: Uint8Array): readonly string[] {
  const raw = Buffer.from(pdf).toString('latin1')
  const objects = new Map<string, { readonly head: string; readonly body: string }>()
  for (const [, id = '', whole = ''] of raw.matchAll(/(?:^|\n)(\d+) 0 obj\b([\s\S]*?)\nendobj/g)) {
    const [head = '', stream] = whole.split(/stream\r?\n/, 2)
    objects.set(id, { head, body: stream === undefined ? '' : unpacked(head, whole) })
  }
  const fonts = new Map<string, ReadonlyMap<string, string>>()
  for (const [id, { head }] of objects) {
    const table = /\/ToUnicode (\d+) 0 R/.exec(head)?.[1]
    if (table !== undefined) fonts.set(`F${id}`, charactersOf(objects.get(table)?.body ?? ''))
  }
  return [...objects.values()]
    .filter(({ head }) => /\/Type\s*\/Page\b/.test(head))
    .map(({ head }) => objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.body ?? '')
    .map((content) => lettersOf(content, fonts))
}

function unpacked(head: string, whole: string): string {
  const begin = /stream\r?\n/.exec(whole)
  const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0)
  const from = (begin?.index ?? 0) + (begin?.[0].length ?? 0)
  const bytes = Buffer.from(whole.slice(from, from + length), 'latin1')
  return (head.includes('/FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1')
}

/** From the code of a glyph to what it stands for. */
function charactersOf(table: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const text = (hex: string) =>
    String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))
  for (const [, block = ''] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, code = '', to = ''] of block.matchAll(/<(\w{4})>\s*<(\w+)>/g))
      found.set(code.toUpperCase(), text(to))
  for (const [, block = ''] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, low = '', high = '', to = ''] of block.matchAll(/<(\w{4})>\s*<(\w{4})>\s*<(\w+)>/g))
      for (let code = Number.parseInt(low, 16); code <= Number.parseInt(high, 16); code += 1) {
        const offset = code - Number.parseInt(low, 16)
        const hex = (Number.parseInt(to, 16) + offset).toString(16).padStart(4, '0')
        found.set(code.toString(16).padStart(4, '0').toUpperCase(), text(hex))
      }
  return found
}

function lettersOf(content: string, fonts: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  let font: ReadonlyMap<string, string> = new Map()
  let letters = ''
  for (const [, name, glyphs = ''] of content.matchAll(/\/(F\d+) [\d.]+ Tf|<(\w+)>/g)) {
    if (name !== undefined) font = fonts.get(name) ?? new Map()
    letters += (glyphs.match(/.{4}/g) ?? []).map((code) => font.get(code.toUpperCase()) ?? '').join('')
  }
  return letters
    .replaceAll(/[\uFB00-\uFB04]/g, (ligature) => ligature.normalize('NFKC'))
    .replaceAll(/\s+/g, '')
}
