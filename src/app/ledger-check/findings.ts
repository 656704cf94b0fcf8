import { maxFindings, type Finding } from '../../ledger/index.ts'

/** Collects what a check finds: all of it is counted, the first `maxFindings` are kept. */
export class Findings {
  readonly list: Finding[] = []
  found = 0
  mismatches = 0

  /** Records a contradiction at `subject`. */
  wrong(code: string, subject: string, expected: string, found: string): void {
    this.#add({ code, weight: 'mismatch', subject, expected, found })
  }

  /** Records a contradiction unless both texts are the same. */
  same(code: string, subject: string, expected: string, found: string): void {
    if (expected !== found) this.wrong(code, subject, shortened(expected), shortened(found))
  }

  /** Records that something is absent without which nothing can be said. */
  absent(code: string, subject: string, expected: string, found: string): void {
    this.#add({ code, weight: 'unverifiable', subject, expected, found })
  }

  #add(finding: Finding): void {
    this.found += 1
    if (finding.weight === 'mismatch') this.mismatches += 1
    if (this.list.length < maxFindings) this.list.push(finding)
  }
}

function shortened(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 400)}… (${text.length} characters)`
}
