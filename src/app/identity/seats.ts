import { charter } from '../../governance/committee/index.ts'
import type { Chartered } from '../../governance/people/index.ts'
import type { EpochMs, UserId } from '../../kernel/index.ts'

type Version = charter.State['versions'][number]

/** The charter in force at `now`. */
export function charterInForce(charters: charter.State | null, now: EpochMs): Version | undefined {
  return charters?.versions.findLast(({ effectiveFrom }) => effectiveFrom <= now)
}

/** The function that a person is seated for at `now`, as holder, alternate or delegate; or that they are an executive. */
export function seatOf(charters: charter.State | null, who: UserId, now: EpochMs): Chartered {
  const version = charterInForce(charters, now)
  if (charters === null || version === undefined) return null
  const delegated = version.charter.seats.find(({ id }) => charter.delegateOf(charters, id, now) === who)
  return delegated?.fn ?? seatIn(version, who)
}

/** Whether a person has a seat at `now` or in a charter that is to take effect. */
export function isSeatedFrom(charters: charter.State | null, who: UserId, now: EpochMs): boolean {
  if (seatOf(charters, who, now) !== null) return true
  const coming = charters?.versions.filter(({ effectiveFrom }) => effectiveFrom > now) ?? []
  return coming.some((version) => seatIn(version, who) !== null)
}

function seatIn(version: Version, who: UserId): Chartered {
  const seat = version.charter.seats.find(
    ({ holder, alternates }) => holder === who || alternates.includes(who),
  )
  if (seat !== undefined) return seat.fn
  return version.charter.businessExecutives?.includes(who) === true ? 'business_executive' : null
}
