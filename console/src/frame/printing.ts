import { useEffect } from 'react'
import type { readMe } from '../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../src/contracts/route.ts'
import { t } from '../messages/text.ts'
import { absolute, appearance } from '../ui/clock.ts'
import { setPageBox } from '../ui/page-boxes.ts'

/** Before anything is printed: what it is called, who prints it when, and everything that is folded is opened. */
export function usePrinting(me: ReplyOf<typeof readMe> | undefined): void {
  const name = me?.name ?? ''
  useEffect(() => {
    let opened: readonly HTMLDetailsElement[] = []
    const before = () => {
      setPageBox('title', document.title)
      setPageBox('by', t('print.by', { name, at: absolute(new Date(), appearance().zone) }))
      setPageBox('page', t('print.page'))
      setPageBox('of', t('print.of'))
      opened = [...document.querySelectorAll('details')].filter(({ open }) => !open)
      for (const folded of opened) folded.open = true
    }
    const after = () => {
      for (const folded of opened) folded.open = false
      opened = []
    }
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [name])
}
