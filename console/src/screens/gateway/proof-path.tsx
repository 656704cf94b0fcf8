import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { wellKnownKeys } from '../../../../src/contracts/routes/enforcement.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { shortened } from '../../ui/copy.tsx'
import { Bones } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'
import { checkProof, verdictOf, type Link as ProofLink, type Proven } from './proof-check.ts'

/** The proof in two steps, drawn as the path that it is; every link was computed in this browser. */
export function ProofPath({ proven }: { readonly proven: Proven }) {
  const keys = useRead(wellKnownKeys, {})
  const vkey = keys.data?.logVkey ?? null
  const isAsked = keys.data !== undefined || keys.error !== null
  const [links, setLinks] = useState<readonly ProofLink[] | null>(null)
  useEffect(() => {
    let isCurrent = true
    if (isAsked) void checkProof(proven, vkey).then((found) => (isCurrent ? setLinks(found) : undefined))
    return () => {
      isCurrent = false
    }
  }, [proven, vkey, isAsked])
  if (links === null) return <Bones rows={4} />
  const { batch, entry, log } = proven
  const inBatch = links.filter(({ id }) => id === 'record' || id === 'batch')
  const inLog = links.filter(({ id }) => id !== 'record' && id !== 'batch')
  return (
    <div className="stack">
      <div className="row">
        <Status state={verdictOf(links)} /> <span>{tCode('proof.verdict', verdictOf(links))}</span>
      </div>
      <Step
        title={t('proof.step1')}
        links={inBatch}
        end={t('proof.batch', { place: batch.index + 1, size: batch.size })}
        start={t('proof.record')}
      />
      <Step
        title={t('proof.step2')}
        links={inLog}
        start={t('proof.batchRoot', { root: shortened(batch.root) })}
        end={log === null ? t('proof.notYet') : t('proof.head', { index: log.index })}
      />
      <p className="muted">
        {t('proof.computedHere')}{' '}
        <Link to={`/ledger/entries/${entry}`}>
          {t('proof.entry')} <code>{shortened(entry)}</code>
        </Link>
      </p>
    </div>
  )
}

function Step({
  title,
  start,
  end,
  links,
}: {
  readonly title: string
  readonly start: string
  readonly end: string
  readonly links: readonly ProofLink[]
}) {
  return (
    <section className="stack" aria-label={title}>
      <div className="row spread">
        <h3>{title}</h3>
        <Status state={verdictOf(links)} />
      </div>
      <ol className="proof-path">
        <li className="end">{start}</li>
        {links.map((link) => (
          <li key={link.id} className={link.verdict}>
            <Status state={link.verdict} word={tCode('proof.link', link.id)} />
            <div className="muted">
              {link.why === undefined
                ? t('proof.neighbours', { count: link.neighbours })
                : tCode('proof.why', link.why)}
              {link.computed !== null && (
                <>
                  {' '}
                  <code title={link.computed}>{link.computed.slice(0, 16)}</code>
                </>
              )}
            </div>
          </li>
        ))}
        <li className="end">{end}</li>
      </ol>
    </section>
  )
}
