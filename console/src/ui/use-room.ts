import { useEffect, useLayoutEffect, useState, type RefObject } from 'react'

/**
 * How many of `most` columns have to be left out so that what stands in `place` does not scroll sideways. It is judged anew
 * when the place gets another width, when `what` says that there is something else to fit, and when what stands there grows,
 * as names do that are read later.
 */
export function useRoom(place: RefObject<HTMLElement | null>, what: string, most: number): number {
  const [fit, setFit] = useState({ width: 0, what, left: 0 })
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const width = element.offsetWidth
    if (fit.width !== width || fit.what !== what) setFit({ width, what, left: 0 })
    else if (element.scrollWidth > element.clientWidth + 1 && fit.left < most)
      setFit({ width, what, left: fit.left + 1 })
  }, [place, fit, what, most])
  const isThere = place.current !== null
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const watch = new ResizeObserver(() =>
      setFit((last) => {
        const width = element.offsetWidth
        if (width !== last.width) return { width, what: last.what, left: 0 }
        return element.scrollWidth > element.clientWidth + 1 ? { ...last } : last // the layout effect judges
      }),
    )
    watch.observe(element)
    for (const content of element.children) watch.observe(content)
    return () => watch.disconnect()
  }, [place, isThere])
  return fit.what === what ? Math.min(fit.left, most) : 0
}
