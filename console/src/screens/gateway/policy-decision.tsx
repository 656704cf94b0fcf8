import { tCode } from '../../messages/tools.ts'
import { Status } from '../../ui/status.tsx'
import { toneOfOutcome } from './tool-tone.ts'

type Outcome = keyof typeof toneOfOutcome
export type Decision = {
  readonly k: Outcome
  readonly reasons: readonly { readonly code: string; readonly detail?: string | undefined }[]
}

/** What a policy says of a call, in one word. */
export function Decided({ outcome }: { readonly outcome: Outcome }) {
  return <Status state={outcome} tone={toneOfOutcome[outcome]} word={tCode('bench.outcomeOf', outcome)} />
}

/** The same with every reason, and the policies behind it. */
export function DecisionText({ decision }: { readonly decision: Decision }) {
  return (
    <>
      <Decided outcome={decision.k} />
      {decision.reasons.map(({ code, detail }) => (
        <div key={`${code} ${detail ?? ''}`} className="muted">
          {tCode('bench.reasonOf', code)} {detail !== undefined && <code>{detail}</code>}
        </div>
      ))}
    </>
  )
}
