// Compiles the look-alikes of UTS 39 that the guard folds to Latin letters:
//
//   node scripts/guard-tables.mjs confusables.json > src/guard/normalise/tables/confusables.ts
//
// The file is the one that the Python package `confusable-homoglyphs` 3.3.1 (MIT) ships: confusables.txt of Unicode
// 15.1 as JSON, `{character: [{c: look-alike, n: name}]}`. Kept are single characters of the four alphabets whose
// letters are mixed with Latin ones in attacks, and of their look-alikes single Latin letters.
import { readFileSync } from 'node:fs'

const escaped = (text) => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`
const alphabets = /^[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]$/u
const known = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const folded = new Map()
for (const [character, alike] of Object.entries(known)) {
  if (character.length > 1 || !alphabets.test(character) || character.normalize('NFKD') !== character)
    continue
  const targets = alike.map(({ c }) => c).filter((c) => /^[A-Za-z]$/.test(c))
  if (targets.length > 0) folded.set(character, targets[0].toLowerCase())
}
// Case does not change what a letter looks like to a reader of a key: the small form decides where there is one.
const pairs = new Map()
for (const [character, target] of folded) {
  const small = character.toLowerCase()
  pairs.set(small, folded.get(small) ?? target)
}
const byTarget = Map.groupBy(
  [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ([, target]) => target,
)
const rows = [...byTarget]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([target, sources]) => `  ${target}: '${sources.map(([source]) => escaped(source)).join('')}',`)
console.log(`/**
 * Letters that look like Latin ones (Unicode Technical Standard 39, confusables of Unicode 15.1; Unicode License V3), in
 * small form, by the letter that they look like. Made by \`scripts/guard-tables.mjs\`.
 */
export const lookAlikes: Readonly<Record<string, string>> = {
${rows.join('\n')}
}`)
