import { useState } from 'react'
import type { readMe } from '../../../../src/contracts/routes/identity.ts'
import { enterAs, signAsSelf } from '../../../../src/contracts/routes/visitor.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api } from '../../api/client.ts'
import { t } from '../../messages/demo.ts'
import { Button } from '../../ui/button.tsx'
import { Failure } from '../../ui/loaded.tsx'

type Me = ReplyOf<typeof readMe>

/** A fresh proof of an invented person. */
export function ProveAsSelf({ me, onProved }: { readonly me: Me; readonly onProved: () => void }) {
  const prove = () => api.call(enterAs, { body: { person: me.person } }).then(onProved)
  return <OneClick text={t('visitor.proveText')} verb={t('visitor.prove', { name: me.name })} act={prove} />
}

/** The signature of an invented person under one act. */
export function SignAsSelf({
  me,
  challenge,
  onSigned,
}: {
  readonly me: Me
  readonly challenge: string
  readonly onSigned: (assertion: unknown) => void
}) {
  const sign = () =>
    api.call(signAsSelf, { body: { challenge } }).then(({ assertion }) => onSigned(assertion))
  return <OneClick text={t('visitor.signText')} verb={t('visitor.sign', { name: me.name })} act={sign} />
}

function OneClick({
  text,
  verb,
  act,
}: {
  readonly text: string
  readonly verb: string
  readonly act: () => Promise<void>
}) {
  const [error, setError] = useState<unknown>(null)
  return (
    <div className="stack">
      <p>{text}</p>
      <div>
        <Button kind="primary" onClick={() => void act().catch(setError)}>
          {verb}
        </Button>
      </div>
      {error !== null && <Failure error={error} />}
    </div>
  )
}
