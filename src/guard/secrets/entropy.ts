/** Shannon entropy of the characters of `text`, in bits for each (C. E. Shannon 1948). */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
