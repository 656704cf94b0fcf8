// Computes the trigram profiles of the language gate, or measures the gate on rows that they were not computed from:
//
//   node scripts/language-profiles.mjs DATA > src/guard/language/tables/profiles.ts
//   node scripts/language-profiles.mjs DATA --measure
//
// DATA is a folder of `*.jsonl` rows with `id`, `text` and `lang`. One row in eight, by the digits that its id ends in, is
// held out. Texts of our own in catalogue/guard/languages make up for languages with few rows.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { normalise } from '../src/guard/normalise/normalise.ts'
import { bucketOf, buckets, largestStep, profiled, stepsPerNat } from '../src/guard/language/profiles.ts'
import { WordCursor } from '../src/guard/language/words.ts'

const own = join(import.meta.dirname, '../catalogue/guard/languages')
/** Rows of a language beside the one that it is profiled with. */
const kin = { ms: 'id', sr: 'bs', nb: 'no' }
/** UTF-16 units of one file and language, so that no kind of text makes up a profile alone. */
const mostOfFile = 400_000
/** Trigrams, shared out as in all languages together, that every language is taken to have shown: few rows prove little. */
const prior = 2_000

const rows = rowsIn(process.argv[2])
if (process.argv.includes('--measure')) await measure(rows.filter(isHeldOut))
else printProfiles(rows.filter((row) => !isHeldOut(row)))

function rowsIn(folder) {
  const found = []
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()) {
    const taken = new Map()
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean)) {
      const { id, text, lang } = JSON.parse(line)
      if (lang === undefined) continue
      const sum = (taken.get(lang) ?? 0) + text.length
      taken.set(lang, sum)
      if (sum <= mostOfFile) found.push({ id, file, lang, text: viewOf(text) })
    }
  }
  return found
}

function viewOf(text) {
  return normalise(text).canonical.text
}

function isHeldOut({ id }) {
  return Number.parseInt(id.slice(-2), 16) % 8 === 0
}

function printProfiles(training) {
  const counts = new Float64Array(buckets * profiled.length)
  const totals = new Float64Array(profiled.length)
  const cursor = new WordCursor()
  const add = (language, text) => {
    cursor.open(text, 0, text.length)
    while (cursor.next()) {
      if (!cursor.isLatin) continue
      let [a, b] = [32, text.charCodeAt(cursor.start)]
      for (let at = cursor.start + 1; at <= cursor.end; at += 1) {
        const c = at < cursor.end ? text.charCodeAt(at) : 32
        counts[bucketOf(a, b, c) * profiled.length + language] += 1
        totals[language] += 1
        a = b
        b = c
      }
    }
  }
  for (const { lang, text } of training) {
    const language = profiled.indexOf(kin[lang] ?? lang)
    if (language !== -1) add(language, text)
  }
  for (const file of readdirSync(own))
    add(profiled.indexOf(file.replace('.txt', '')), viewOf(readFileSync(join(own, file), 'utf8')))
  process.stderr.write(`${profiled.map((lang, i) => `${lang} ${totals[i]}`).join(', ')}\n`)
  const packed = new Uint8Array((buckets * profiled.length) / 2)
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const raw = profiled.map((_, i) => counts[bucket * profiled.length + i] / totals[i])
    const mean = raw.reduce((sum, share) => sum + share, 0) / raw.length + 1e-6
    const shares = raw.map((share, i) => (share * totals[i] + prior * mean) / (totals[i] + prior))
    for (const [i, share] of shares.entries()) {
      const steps = Math.max(
        -largestStep,
        Math.min(largestStep, Math.round(stepsPerNat * Math.log(share / mean))),
      )
      const at = bucket * profiled.length + i
      packed[at >> 1] |= (steps + 8) << ((at & 1) * 4)
    }
  }
  const lines = Buffer.from(packed)
    .toString('base64')
    .match(/.{1,100}/g)
  process.stdout.write(`/**
 * Trigram profiles of languages, four bits each: see \`../profiles.ts\`. Computed by \`scripts/language-profiles.mjs\` from
 * open documentation in many languages (opensource.guide and tldr-pages, CC-BY-4.0; lobe-chat-agents and
 * Prompt-Engineering-Guide, MIT; 18F handbook, CC0-1.0; and others with those licences) and texts of our own.
 */
export const profileBytes =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`)
}

/** What the gate says about windows of 24 words of held-out rows, by language. */
async function measure(held) {
  const { languageOf } = await import('../src/guard/language/gate.ts')
  const table = new Map()
  for (const { lang, text } of held) {
    const entry = table.get(lang) ?? { lang, windows: 0, supported: 0, advisory: 0, neutral: 0 }
    table.set(lang, entry)
    for (const window of windowsOf(text)) {
      entry.windows += 1
      entry[languageOf(window)] += 1
    }
  }
  console.table([...table.values()].toSorted((a, b) => b.windows - a.windows))
}

function windowsOf(text) {
  const words = text.split(/\s+/).filter(Boolean)
  const windows = []
  for (let at = 0; at === 0 || at + 24 <= words.length; at += 24)
    windows.push(
      words
        .slice(at, at + 24)
        .join(' ')
        .slice(0, 400),
    )
  return windows
}
