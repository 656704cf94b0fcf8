import { Link } from '@tanstack/react-router'
import { readAuthorization, readGrant } from '../../../../src/contracts/routes/enforcement.ts'
import { readDeployment } from '../../../../src/contracts/routes/registry.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Id, shortened } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { AuthorizationView, type Authorization } from './authorization.tsx'
import { PlaceCommands } from './place-commands.tsx'
import { ReleaseLink } from './release-link.tsx'

export type Place = ReplyOf<typeof readDeployment>

/** One place: what is to run and what does, whether it may, under which grant, and what can be done. */
export function PlacePanels({ place }: { readonly place: Place }) {
  const authorization = useRead(
    readAuthorization,
    { params: { id: place.id }, query: {} },
    { everyMs: 10_000 },
  )
  return (
    <div className="stack">
      <PlaceCommands place={place} />
      <div className="columns">
        <Panel title={t('place.runs')}>
          <Running place={place} authorization={authorization.data} />
        </Panel>
        <Panel title={t('place.mayRun')}>
          <Loaded read={authorization}>{(data) => <AuthorizationView authorization={data} />}</Loaded>
        </Panel>
        <Panel title={t('place.grant')}>
          <Grant id={place.id} />
        </Panel>
      </div>
    </div>
  )
}

/** Desired against observed; what is not known says since when, and what follows from it. */
function Running({
  place,
  authorization,
}: {
  readonly place: Place
  readonly authorization: Authorization | undefined
}) {
  const { op, desired, observed, observedUnknownSince, owner, routes, epoch, id } = place
  const isSame = desired !== null && desired === observed
  const [route] = routes
  return (
    <Facts
      rows={[
        [t('place.op'), <Status key="op" state={op} />],
        [t('place.desired'), <ReleaseLink key="desired" digest={desired} />],
        [
          t('place.observed'),
          <div key="observed" className={observed === 'unknown' && desired !== null ? 'hatched' : ''}>
            {desired === null && observed === 'unknown' ? (
              <span className="muted">{t('common.none')}</span>
            ) : (
              <ReleaseLink digest={observed} />
            )}{' '}
            {isSame && <Status state="met" word={t('place.same')} />}
            {desired !== null && observed !== 'unknown' && !isSame && (
              <Status state="mismatch" word={t('place.differs')} />
            )}
            {desired !== null && observedUnknownSince !== null && (
              <div>
                {t('place.unknownSince')} <Time at={observedUnknownSince} both />
                {authorization?.observeBy != null && (
                  <div>
                    {t('place.unknownThen')} <Time at={authorization.observeBy} both />
                  </div>
                )}
              </div>
            )}
          </div>,
        ],
        [t('registry.owner'), <Person key="owner" id={owner} />],
        ...(route === undefined
          ? []
          : [
              [
                t('place.route'),
                <Link key="route" to="/gateway/routes" search={{ deployment: id }}>
                  {t('place.routeOpen')}
                </Link>,
              ] as const,
            ]),
        [
          t('place.epoch'),
          <>
            {epoch} <span className="muted">{t('place.epochText')}</span>
          </>,
        ],
        [t('registry.id'), <Id key="id" id={id} whole />],
      ]}
    />
  )
}

/** The live grant and exactly what it permits. */
function Grant({ id }: { readonly id: string }) {
  const read = useRead(readGrant, { params: { id } }, { everyMs: 10_000 })
  if (read.data === undefined && problemIn(read.error)?.code === 'NOT_FOUND')
    return <p className="muted">{t('place.noGrant')}</p>
  return (
    <Loaded read={read}>
      {({ jti, expiresAt, scope }) => (
        <div className="stack">
          <Facts
            rows={[
              [t('place.grantEnds'), <Time key="end" at={expiresAt} both />],
              [t('place.grantId'), <Id key="id" id={jti} />],
              ...inOrder(scope).map(
                ([name, value]) => [tCode('scope', name), <ScopeValue key={name} value={value} />] as const,
              ),
            ]}
          />
          <p className="muted">{t('place.grantScope')}</p>
        </div>
      )}
    </Loaded>
  )
}

const scopeOrder = [
  'models',
  'tools',
  'capabilities',
  'regions',
  'dataClassMax',
  'externalSend',
  'volumePerDay',
]

/** What is permitted first, then the policies behind it; a member that this console does not know comes last. */
function inOrder(scope: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const placeOf = (name: string) => scopeOrder.indexOf(name) + 1 || scopeOrder.length + 1
  return Object.entries(scope).toSorted(([a], [b]) => placeOf(a) - placeOf(b))
}

/** A tool with what it may do, as far as words say it; the digest of its definition stays short. */
function ScopeItem({ item }: { readonly item: unknown }) {
  if (typeof item === 'string') return <code>{item}</code>
  return Object.entries(item as object).map(([name, value]) => (
    <span key={name}>
      <code title={`${name}: ${String(value)}`}>{shortened(String(value))}</code>{' '}
    </span>
  ))
}

function ScopeValue({ value }: { readonly value: unknown }) {
  if (typeof value === 'string' && value.startsWith('sha256:')) return <Id id={value} />
  if (value === true) return t('common.yes')
  if (value === false) return t('common.no')
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="muted">{t('common.none')}</span>
    return (
      <ul>
        {value.map((item) => (
          <li key={JSON.stringify(item)}>
            <ScopeItem item={item} />
          </li>
        ))}
      </ul>
    )
  }
  if (typeof value === 'number') return <span className="num">{t('place.count', { count: value })}</span>
  return <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
}
