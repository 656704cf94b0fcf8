import type { Match } from './stream/lane-scan.ts'
import { LaneScan } from './stream/lane-scan.ts'
import { isTold } from './stream/nested.ts'
import type { ScanPlan } from './stream/scan-plan.ts'
import { streamedTransforms, type Transform } from './normalise/transform.ts'
import type { Readings } from './normalise/readings.ts'
import type { View } from './normalise/view.ts'

/** A budget ran out: not everything that a text may be was read. */
export const incompleteViews = 'views_incomplete'

/** Views in which letters were exchanged: numbers in them say nothing. */
const respelled: ReadonlySet<Transform> = new Set([
  'leet',
  'rot13',
  'reversed',
  'reversed_words',
  'acrostic',
  'run_together',
  'linked_words',
])

/** Whether a finding of a rule could be made only when the text was over, so that what it is about may have left. */
export function isLate({
  rule,
  via = [],
}: {
  readonly rule: string
  readonly via?: readonly Transform[]
}): boolean {
  return rule === incompleteViews || via.some((transform) => !streamedTransforms.has(transform))
}

/** What detectors find once letters stand for themselves. */
type ViewPlans = {
  readonly plan: ScanPlan
  /** For what a reader does not see. */
  readonly hiddenPlan: ScanPlan
  readonly isOfPerson: (rule: string) => boolean
}

/**
 * Reads the views of a whole text that asks for some (`asksForViews`) that cannot be had while it comes in pieces: what
 * markup hides, letters apart or exchanged, texts turned round, strings in parts, look-alikes. Spans are those of the text.
 */
export function readViews(plans: ViewPlans, { late }: Readings): readonly Match[] {
  const { cased, derived, signals } = late
  const found: Match[] = []
  if (signals.has('look-alike') || signals.has('terminal-escape'))
    found.push(...scanned({ ...cased, via: ['confusable'] }, plans.plan).filter(isTold))
  for (const view of derived) {
    const isRespelled = view.via.some((transform) => respelled.has(transform))
    const matches = scanned(view, plans.plan).filter(isTold)
    found.push(...matches.filter(({ rule }) => !isRespelled || !plans.isOfPerson(rule)))
    if (view.via.includes('hidden')) found.push(...scanned(view, plans.hiddenPlan))
  }
  return found
}

function scanned({ text, map, via }: View, plan: ScanPlan): readonly Match[] {
  const scan = new LaneScan(plan, 1)
  scan.push(text)
  scan.end()
  return scan.take().map((match) => ({
    ...match,
    ...map.toOriginal(match.start, match.end),
    via: [...via, ...(match.via ?? [])],
  }))
}
