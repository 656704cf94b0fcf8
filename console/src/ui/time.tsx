import { useEffect, useState } from 'react'
import { t } from '../messages/text.ts'
import { absolute, relative, useAppearance } from './clock.ts'

/** The clock of the screen: ticks once in 15 seconds, and every second when `isClose`. */
export function useNow(isClose = false): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), isClose ? 1_000 : 15_000)
    return () => clearInterval(timer)
  }, [isClose])
  return now
}

/** An instant: how far away, with the absolute time and its zone beside or behind it. */
export function Time({ at, both = false }: { readonly at: string | null; readonly both?: boolean }) {
  const { zone } = useAppearance()
  const then = at === null ? 0 : Date.parse(at)
  const now = useNow(at !== null && Math.abs(then - Date.now()) < 120_000)
  if (at === null) return <span className="muted">{t('common.never')}</span>
  const exact = absolute(new Date(then), zone)
  return (
    <time dateTime={at} title={exact} className="num">
      {both ? (
        <>
          <span className="unbroken">{exact}</span> <span className="unbroken">({relative(then, now)})</span>
        </>
      ) : (
        relative(then, now)
      )}
    </time>
  )
}
