import { Link } from '@tanstack/react-router'
import type { readAuthorization } from '../../../../src/contracts/routes/enforcement.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { targetOf } from '../../frame/id-target.ts'
import { t, tCode } from '../../messages/registry.ts'
import { shortened } from '../../ui/copy.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

export type Authorization = ReplyOf<typeof readAuthorization>
type Reason = Authorization['reasons'][number]

/** Whether something may run under it. */
export function permits({ state }: { readonly state: string }): boolean {
  return state === 'valid' || state === 'conditional' || state === 'emergency'
}

/** The derived state with its end, every reason, and when it was derived. */
export function AuthorizationView({ authorization }: { readonly authorization: Authorization }) {
  const { state, mode, until, reasons, at } = authorization
  return (
    <div className="stack">
      <div className="row">
        <Status state={state} />
        {until !== null && (
          <span>
            {t('registry.untilWord')} <Time at={until} both />
          </span>
        )}
        {permits(authorization) && mode === 'observe' && <span>{t('registry.observeMode')}</span>}
      </div>
      <AuthorizationReasons reasons={reasons} />
      <p className="muted">
        {t('registry.derivedAt')} <Time at={at} both />
      </p>
    </div>
  )
}

/** Every reason, in words, each with a way to what would resolve it. */
export function AuthorizationReasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={JSON.stringify(reason)}>
          {tCode('reason', reason.code, valuesOf(reason))} <Resolution reason={reason} />
        </li>
      ))}
    </ul>
  )
}

/** Ways to the records that a reason names. */
function Resolution({ reason: { code, params } }: { readonly reason: Reason }) {
  const records = Object.values(params).flatMap((value) => {
    const path = typeof value === 'string' ? targetOf(value) : null
    return path === null ? [] : [{ path, label: shortened(String(value)) }]
  })
  if (code === 'STOPPED') return <Link to="/stops">{t('rail.stops')}</Link>
  return (
    <>
      {records.map(({ path, label }) => (
        <Link key={path} to={path}>
          <code>{label}</code>
        </Link>
      ))}
    </>
  )
}

/** Codes inside of reasons in words of the catalogue; instants as dates. */
function valuesOf({ params }: Reason): Record<string, string | number | Date> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (name === 'reasonCode') return [name, tCode('stop.reason', String(value))]
      if (name === 'scope') return [name, tCode('stop.scopeOf', String(value))]
      if (name === 'op' || name === 'state') return [name, tCode('state', String(value))]
      return [name, typeof value === 'boolean' ? String(value) : value]
    }),
  )
}
