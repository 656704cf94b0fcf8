import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { isSignedOut } from '../api/client.ts'
import { useMe } from '../api/session.ts'
import { startStream } from '../api/stream.ts'
import { t } from '../messages/text.ts'
import { railFor, railGroups } from '../screens/areas.ts'
import { Button } from '../ui/button.tsx'
import { Bones, Failure } from '../ui/loaded.tsx'
import { knowOrganisationZone } from '../ui/clock.ts'
import { toast } from '../ui/toast.tsx'
import { Untrusted } from '../ui/untrusted.tsx'
import { Banners } from './banners.tsx'
import { useGlobalKeys } from './keys.ts'
import { LedgerState } from './ledger-state.tsx'
import { usePrinting } from './printing.ts'
import { PersonMenu } from './person-menu.tsx'

// Loaded with the first key or click that asks for one of them.
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }))

type Layer = 'palette' | 'help' | null

/** The frame of every screen: navigation, search, state of the installation, and who is here. */
export function Shell() {
  const me = useMe()
  const navigate = useNavigate()
  const { pathname, href } = useRouterState({ select: ({ location }) => location })
  const [layer, setLayer] = useState<Layer>(null)
  const [hasOpened, setHasOpened] = useState(false)
  useEffect(() => {
    if (layer !== null) setHasOpened(true)
  }, [layer])
  const [isRailOpen, setRailOpen] = useState(false)
  const keys = useMemo(
    () => ({ palette: () => setLayer('palette'), help: () => setLayer('help'), copyLink }),
    [],
  )
  useGlobalKeys(keys)
  usePrinting(me.data)
  useEffect(() => setRailOpen(false), [pathname])
  useEffect(() => {
    if (me.data !== undefined) knowOrganisationZone(me.data.organisation?.timeZone ?? null)
  }, [me.data])
  const person = me.data?.person
  useEffect(() => (person === undefined ? undefined : startStream()), [person])
  const isOut = isSignedOut(me.error) && me.data === undefined
  useEffect(() => {
    // While the door is being loaded this frame still stands, and the address is that of the door already.
    if (isOut && pathname !== '/sign-in')
      void navigate({ to: '/sign-in', search: { to: href }, replace: true })
  }, [isOut, navigate, href, pathname])
  if (me.data === undefined)
    return me.error === null || isOut ? (
      <Bones rows={10} />
    ) : (
      <Failure error={me.error} onRetry={() => void me.refetch()} />
    )
  return (
    <div className="frame">
      <a className="skip button" href="#content">
        {t('frame.skip')}
      </a>
      <div className="banners">
        <Banners me={me.data} />
      </div>
      <nav className={isRailOpen ? 'rail open' : 'rail'} aria-label={t('frame.navigation')} id="rail">
        <Link to="/" className="brand">
          <img src="/mark.svg" alt="" width="24" height="24" />
          Countersign
        </Link>
        {me.data.organisation !== null && (
          <p className="organisation">
            <Untrusted text={me.data.organisation.name} />
          </p>
        )}
        {railGroups.map((group) => {
          const entries = railFor(me.data.permissions).filter((entry) => entry.group === group)
          if (entries.length === 0) return null
          return (
            <div key={group}>
              <h2>{t(`rail.${group}`)}</h2>
              <ul>
                {entries.map(({ path, label, count: Count }) => (
                  <li key={path}>
                    <Link to={path} aria-current={isUnder(pathname, path) ? 'page' : undefined}>
                      {label}
                      {Count !== undefined && <Count />}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          )
        })}
      </nav>
      <header>
        <span className="menu-toggle">
          <Button onClick={() => setRailOpen(!isRailOpen)}>{t('frame.openMenu')}</Button>
        </span>
        <Button onClick={() => setLayer('palette')}>
          {t('frame.search')} <kbd className="muted only-wide">Ctrl K</kbd>
        </Button>
        <span className="grow" />
        <LedgerState />
        <PersonMenu me={me.data} onHelp={() => setLayer('help')} />
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      {hasOpened && (
        <Suspense>
          <Palette open={layer === 'palette'} onClose={() => setLayer(null)} />
          <KeyHelp open={layer === 'help'} onClose={() => setLayer(null)} />
        </Suspense>
      )}
    </div>
  )
}

function isUnder(pathname: string, path: string): boolean {
  return path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`)
}

function copyLink(): void {
  void navigator.clipboard.writeText(window.location.href).then(() => toast(t('common.copied')))
}
