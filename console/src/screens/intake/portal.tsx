import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import { isSignedOut } from '../../api/client.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { Banners } from '../../frame/banners.tsx'
import { t } from '../../messages/intake.ts'
import { absolute, relative, useAppearance } from '../../ui/clock.ts'
import { Bones, Empty, Failure, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { RequestState } from './assessment.tsx'
import { FiveFacts } from './five-facts.tsx'
import { standingText } from './standing.ts'
import { StartButton } from './start-button.tsx'

/** The door for whoever asks for a use of AI: what to know before, how to start, and what became of earlier requests. */
export function Portal() {
  const me = useMe()
  const navigate = useNavigate()
  const { href } = useRouterState({ select: ({ location }) => location })
  const isOut = isSignedOut(me.error) && me.data === undefined
  useEffect(() => {
    if (isOut) void navigate({ to: '/sign-in', search: { to: href }, replace: true })
  }, [isOut, navigate, href])
  if (me.data === undefined)
    return me.error === null || isOut ? <Bones rows={8} /> : <Failure error={me.error} />
  return (
    <div className="portal">
      <div className="banners">
        <Banners me={me.data} />
      </div>
      <header>
        <span className="brand">
          <img src="/mark.svg" alt="" width="24" height="24" />
          Countersign
        </span>
        <span className="grow" />
        <span className="muted">{me.data.name}</span>
        <Link to="/intake">{t('portal.console')}</Link>
      </header>
      <main>
        <Screen title={t('portal.title')} answer={t('portal.text')} actions={<StartButton />}>
          <div className="portal-columns">
            <Mine person={me.data.person} />
            <FiveFacts />
          </div>
        </Screen>
      </main>
    </div>
  )
}

function Mine({ person }: { readonly person: string }) {
  const read = useRead(listUseCases, { query: { owner: person, limit: 100 } }, { everyMs: 30_000 })
  return (
    <Panel title={t('portal.mine')} flush>
      <Loaded read={read} rows={4}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty>{t('portal.none')}</Empty>
          ) : (
            <>
              <ul className="requests">
                {items.map((row) => (
                  <Request key={row.id} row={row} />
                ))}
              </ul>
              {next !== undefined && (
                <p className="more">
                  <Link to="/intake">{t('portal.more')}</Link>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Panel>
  )
}

function Request({ row }: { readonly row: ItemOf<typeof listUseCases> }) {
  const { zone } = useAppearance()
  const { id, state, title } = row
  const isOpen = state === 'draft' || state === 'needs_info'
  const when = (at: string) => `${absolute(new Date(at), zone)} (${relative(Date.parse(at), Date.now())})`
  return (
    <li>
      <div className="row spread">
        <Link to={`/intake/${id}`}>
          <Untrusted text={title === '' ? t('intake.unnamed') : title} />
        </Link>
        <RequestState state={state} legalClass={row.legalClass} />
      </div>
      <p>{standingText(row, when)}</p>
      {isOpen && (
        <Link to={`/intake/${id}/edit`}>{t(state === 'draft' ? 'portal.continue' : 'portal.answer')}</Link>
      )}
    </li>
  )
}
