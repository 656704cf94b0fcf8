import { useState } from 'react'
import { diffGuardPolicy } from '../../../../src/contracts/routes/guard-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/guard.ts'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

type Change = ReplyOf<typeof diffGuardPolicy>['changes'][number]

/** What a version changes of another one, and whether it lets anything pass that the other stops. */
export function PolicyChanges({ version }: { readonly version: number }) {
  const [from, setFrom] = useState('')
  const read = useRead(diffGuardPolicy, {
    params: { version: String(version) },
    query: from === '' ? {} : { from },
  })
  const others = [0, ...Array.from({ length: version - 1 }, (_, n) => n + 1)]
  return (
    <Panel title={t('change.title')}>
      <div className="stack">
        <SelectField
          label={t('change.from')}
          value={from}
          onChange={setFrom}
          empty={t('change.inForce')}
          options={others.map((n) => ({
            value: String(n),
            label: n === 0 ? t('change.ships') : t('version.name', { version: n }),
          }))}
        />
        <Loaded read={read} rows={3}>
          {({ changes, strictness }) => (
            <div className="stack">
              <p>
                <Status
                  state={strictness}
                  tone={strictness === 'not_weaker' ? 'good' : 'attention'}
                  word={tCode('change.strictness', strictness)}
                />
              </p>
              {changes.length === 0 ? (
                <p className="muted">{t('change.none')}</p>
              ) : (
                <ul aria-label={t('change.title')}>
                  {changes.map((change, n) => (
                    <li key={n}>
                      <ChangeText change={change} />
                    </li>
                  ))}
                </ul>
              )}
            </div>
          )}
        </Loaded>
      </div>
    </Panel>
  )
}

function ChangeText({ change }: { readonly change: Change }) {
  switch (change.k) {
    case 'detectors':
      return <>{t('change.detectors')}</>
    case 'offset':
      return (
        <>
          {t('change.offset', {
            side: tCode('guard.side', change.side),
            band: tCode('guard.band', change.band),
            from: (change.from / 100).toFixed(2),
            to: (change.to / 100).toFixed(2),
          })}
        </>
      )
    case 'language':
      return (
        <>
          {t(change.isAdded ? 'change.languageAdded' : 'change.languageRemoved', {
            language: change.language,
          })}
        </>
      )
    case 'source':
      return (
        <>
          {t(change.isAdded ? 'change.source' : 'change.noSource')} <code>{change.entry.server}</code>
          {change.entry.tool !== null && (
            <>
              {' / '}
              <code>{change.entry.tool}</code>
            </>
          )}
          , <PlaceName id={change.entry.deployment} />
        </>
      )
    case 'redaction': {
      const [from, to] = [change.from, change.to].map((mode) =>
        mode === null ? t('treatment.ships') : tCode('treatment.mode', mode),
      )
      return (
        <>
          {tCode('findingKind', change.kind)}: {from} → {to}
        </>
      )
    }
    case 'budget':
      return (
        <>
          {tCode('treatment.budget', change.budget)}: {change.from} → {change.to}
        </>
      )
    case 'off':
      return (
        <>
          {t(change.isAdded ? 'change.off' : 'change.on')} <code>{change.entry.rule}</code>,{' '}
          <PlaceName id={change.entry.deployment} />
        </>
      )
    case 'allow':
      return (
        <>
          {t(change.isAdded ? 'change.allowed' : 'change.disallowed')} <code>{change.entry.rule}</code>,{' '}
          {tCode('channel', change.entry.channel)}, <PlaceName id={change.entry.deployment} />,{' '}
          {t('change.until')} <Time at={change.entry.until} both />
        </>
      )
    case 'until':
      return (
        <>
          {t('change.longer')} <code>{change.entry.rule}</code>, <PlaceName id={change.entry.deployment} />:{' '}
          <Time at={change.from} both /> → <Time at={change.entry.until} both />
        </>
      )
    default:
      return unreachable(change)
  }
}
