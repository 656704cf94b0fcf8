import { tCode } from '../../messages/identity.ts'

/** How far one is on a way of several steps. */
export function Steps({ all, current }: { readonly all: readonly string[]; readonly current: string }) {
  return (
    <ol className="steps">
      {all.map((step, i) => (
        <li key={step} aria-current={step === current ? 'step' : undefined}>
          {i + 1}. {tCode('step', step)}
        </li>
      ))}
    </ol>
  )
}
