/** What a terminal takes no longer for one sequence. */
const longest = 256

/**
 * Where a control sequence for terminals ends that begins at `at` (ECMA-48 5.4, and operating system commands as xterm has
 * them); `at` when none does.
 */
export function terminalEscapeFrom(text: string, at: number): number {
  const first = text.charCodeAt(at)
  const second = text.charAt(at + 1)
  if (first === 0x9b) return sequenceEnd(text, at + 1)
  if (first !== 0x1b) return at
  if (second === '[') return sequenceEnd(text, at + 2)
  if (second === ']') return commandEnd(text, at + 2)
  return second >= '@' && second <= '_' ? at + 2 : at
}

/** Parameters, intermediate characters, and one final character. */
function sequenceEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + longest)
  for (let at = from; at < most; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x40 && unit <= 0x7e) return at + 1
    if (unit < 0x20 || unit > 0x3f) return at
  }
  return from
}

/** Up to a bell or a string terminator. */
function commandEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + longest)
  for (let at = from; at < most; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === 7 || unit === 0x9c) return at + 1
    if (unit === 0x1b) return text.charAt(at + 1) === '\\' ? at + 2 : at
  }
  return from
}
