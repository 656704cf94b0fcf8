/** Words that hold English sentences together and are no common words of another language in Latin letters. */
const words = (
  'the of and that with this from your you are was were have has had not what which when where who how would should could will ' +
  'must been being their them they there then than these those our his her its only into about after before because any all ' +
  'some each other does did doing done just now please never always every above below previous following first next'
).split(' ')

const slots = 1_024
const hashes = new Uint32Array(slots)
for (const word of words) {
  const hash = hashOf(word, 0, word.length)
  let at = hash & (slots - 1)
  while (hashes[at] !== 0) at = (at + 1) & (slots - 1)
  hashes[at] = hash
}

/** Whether the lower-case word from `start` to `end` is such a word. */
export function isEnglishWord(text: string, start: number, end: number): boolean {
  if (end - start > 9) return false
  const hash = hashOf(text, start, end)
  for (let at = hash & (slots - 1); hashes[at] !== 0; at = (at + 1) & (slots - 1))
    if (hashes[at] === hash) return true
  return false
}

/** FNV-1a over UTF-16 units; never 0, which is an empty slot. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0 || 1
}
