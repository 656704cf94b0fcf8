import { Link } from '@tanstack/react-router'
import { listPeople } from '../../../../src/contracts/routes/people.ts'
import { readSettings } from '../../../../src/contracts/routes/settings.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/settings.ts'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Screen } from '../../ui/screen.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { screens } from '../areas.ts'
import { DemoPanel } from '../demo/demo-panel.tsx'
import { TrustRoot } from '../identity/trust-root.tsx'
import { OrganisationPanel } from './organisation-panel.tsx'

type Settings = ReplyOf<typeof readSettings>
type Part = {
  readonly path: string
  readonly label: string
  readonly text: string
  readonly area: Settings['changes'][number]['area'] | null
}

const parts: readonly Part[] = [
  {
    path: '/settings',
    label: t('settings.organisation'),
    text: t('settings.organisationText'),
    area: 'organisation',
  },
  { path: '/people', label: t('settings.people'), text: t('settings.peopleText'), area: 'people' },
  { path: '/people/units', label: t('settings.units'), text: t('settings.unitsText'), area: 'units' },
  {
    path: '/service-accounts',
    label: t('settings.serviceAccounts'),
    text: t('settings.serviceAccountsText'),
    area: 'serviceAccounts',
  },
  { path: '/charter', label: t('settings.charter'), text: t('settings.charterText'), area: 'charter' },
  { path: '/gateway', label: t('settings.providers'), text: t('settings.providersText'), area: 'providers' },
  { path: '/ledger', label: t('settings.grantKeys'), text: t('settings.grantKeysText'), area: 'grantKeys' },
  {
    path: '/settings/webhooks',
    label: t('settings.webhooks'),
    text: t('settings.webhooksText'),
    area: 'webhooks',
  },
  { path: '/account', label: t('settings.own'), text: t('settings.ownText'), area: null },
]

/** What can be set where, who has changed it last, and by which keys this installation is known. */
export function Settings() {
  const me = useMe().data
  const settings = useRead(readSettings, { query: {} })
  const waiting = useRead(listPeople, { query: { waiting: 'true', limit: 100 } })
  const count = waiting.data?.items.length
  return (
    <Screen
      title={t('rail.settings')}
      answer={
        settings.data === undefined || count === undefined
          ? undefined
          : t('settings.answer', { version: settings.data.version, waiting: count })
      }
    >
      {me?.isBootstrap === true && <Note tone="attention">{t('settings.bootstrap')}</Note>}
      <Panel title={t('settings.parts')} flush>
        <Loaded read={settings}>{({ changes }) => <Parts changes={changes} />}</Loaded>
      </Panel>
      {me?.permissions.includes('settings.manage') === true && <DemoPanel place="rest" />}
      <div className="columns">
        <OrganisationPanel />
        <Panel title={t('settings.trust')}>
          <div className="stack">
            <p className="muted">{t('settings.trustText')}</p>
            <TrustRoot />
          </div>
        </Panel>
        <Panel title={t('settings.installation')}>
          <Loaded read={settings} rows={3}>
            {({ version, origin }) => (
              <div className="stack">
                <Facts
                  rows={[
                    [t('settings.version'), version],
                    [t('settings.origin'), <code key="origin">{origin}</code>],
                  ]}
                />
                <p className="muted">{t('settings.environmentText')}</p>
              </div>
            )}
          </Loaded>
        </Panel>
      </div>
    </Screen>
  )
}

function Parts({ changes }: { readonly changes: Settings['changes'] }) {
  return (
    <TableScroll label={t('settings.parts')}>
      <table className="grid wrap">
        <thead>
          <tr>
            <th scope="col">{t('settings.what')}</th>
            <th scope="col">{t('settings.whatText')}</th>
            <th scope="col">{t('settings.last')}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ path, label, text, area }) => {
            const change = changes.find((one) => one.area === area)
            return (
              <tr key={path}>
                <td>
                  {screens.some((screen) => screen.path === path) ? (
                    <Link to={path}>{label}</Link>
                  ) : (
                    <>
                      {label} <span className="muted">({t('settings.byApi')})</span>
                    </>
                  )}
                </td>
                <td>{text}</td>
                <td>
                  {change === undefined ? (
                    area !== null && <span className="muted">{t('settings.lastUnknown')}</span>
                  ) : (
                    <>
                      <Time at={change.at} />, <Actor id={change.actor} />:{' '}
                      <Link to={`/ledger/entries/${change.entry}`}>{tCode('event', change.kind)}</Link>
                    </>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </TableScroll>
  )
}
