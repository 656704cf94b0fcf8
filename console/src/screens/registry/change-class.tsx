import { t, tCode } from '../../messages/registry.ts'
import { Status } from '../../ui/status.tsx'

const toneOf = { none: 'neutral', minor: 'pending', material: 'attention' } as const

/** How much a release differs, as the approval sees it; null where nobody has classified it. */
export function ChangeClass({ name }: { readonly name: keyof typeof toneOf | null }) {
  if (name === null) return <Status state="unknown" word={t('release.notClassified')} />
  return <Status state={name} tone={toneOf[name]} word={tCode('release.class', name)} />
}
