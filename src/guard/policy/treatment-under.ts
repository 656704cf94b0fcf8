import type { Tier } from '../../kernel/index.ts'
import { findingKinds } from '../finding.ts'
import type { Treatment } from '../treatment.ts'
import { redactionModes, type Redaction, type RedactionMode } from './document.ts'
import { mayBeMilder } from './faults.ts'

/**
 * What is done about each kind of finding under a policy.
 * INVARIANT: where a policy may not be milder (`mayBeMilder`), nothing is done that is milder than what ships.
 */
export function treatmentUnder(treatment: Treatment, redaction: Redaction, tier: Tier): Treatment {
  const changed = { ...treatment }
  for (const kind of findingKinds) {
    const asked = redaction[kind]
    if (asked === undefined) continue
    // Nothing but personal data is given back, whatever a document says.
    const wanted = asked === 'token' && kind !== 'pii' ? 'redact' : asked
    changed[kind] = mayBeMilder(kind, tier) ? wanted : stricter(treatment[kind], wanted)
  }
  return changed
}

function stricter(a: RedactionMode, b: RedactionMode): RedactionMode {
  return redactionModes.indexOf(a) >= redactionModes.indexOf(b) ? a : b
}
