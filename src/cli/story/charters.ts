import { charter, signingFunction } from '../../governance/committee/index.ts'
import type { Entry, World } from './world.ts'
import { isActive, isAdministrator } from './world.ts'
import { checkProof } from './proofs.ts'

/** Follows the rules of the committee. A signature that does not hold is left out, so that nothing rests on it. */
export function readCharter(world: World, entry: Entry, event: charter.Event): void {
  if (holds(world, entry, event)) world.charters = charter.evolve(world.charters, event)
}

function holds(world: World, entry: Entry, event: charter.Event): boolean {
  switch (event.e) {
    case 'charter.proposed': {
      const people = {
        isActive: (who: Parameters<typeof isActive>[1]) => isActive(world, who),
        isAdministrator: (who: Parameters<typeof isAdministrator>[1]) => isAdministrator(world, who),
      }
      const faults = charter.lintCharter(event.charter, people)
      const text = faults.map(({ code, params }) => `${code} at ${params.at}`).join(', ')
      const isSound = entry.must(faults.length === 0, 'CHARTER_FAULTY', 'a charter without faults', text)
      return isSound && entry.mustEqual('CHARTER_DIGEST', charter.charterDigest(event.charter), event.digest)
    }
    case 'charter.signed': {
      const proposal = world.charters.proposals.find(({ digest }) => digest === event.digest)
      if (proposal === undefined)
        return entry.must(false, 'CHARTER_UNKNOWN', 'a charter proposed before', event.digest)
      const inForce = charter.charterInForce(world.charters, entry.at)
      const bench = charter.benchOf(world.charters, inForce?.charter ?? proposal.charter, entry.at)
      const isOwn = inForce !== null && proposal.by === event.by
      const found = `${event.by} for ${event.fn}`
      const mayAsk = !isOwn && signingFunction(bench, event.by) === event.fn
      if (!entry.must(mayAsk, 'SIGNATORY', 'a seat of the charter that counts, not its proposer', found))
        return false
      return checkProof(world, entry, event.by, charter.charterDocument(event.digest), event.proof)
    }
    case 'charter.ratified': {
      const proposal = world.charters.proposals.find(({ digest }) => digest === event.digest)
      if (proposal === undefined)
        return entry.must(false, 'CHARTER_UNKNOWN', 'a charter proposed before', event.digest)
      const isRatified = charter.isRatified(world.charters, proposal, entry.at)
      const isAhead = entry.must(
        event.effectiveFrom >= entry.at,
        'RETROACTIVE',
        `from ${entry.at}`,
        `${event.effectiveFrom}`,
      )
      const found = `${proposal.signatures.length} valid signatures`
      return (
        entry.must(isRatified, 'CHARTER_NOT_RATIFIED', 'signatures of enough functions', found) && isAhead
      )
    }
    case 'seat.delegated': {
      const seats = charter.charterInForce(world.charters, entry.at)?.charter.seats ?? []
      const seat = seats.find(({ id }) => id === event.seat)
      const isHolders = seat?.holder === event.from && seat.alternates.includes(event.to)
      return entry.must(isHolders, 'DELEGATION', 'from a holder to an alternate of the seat', event.to)
    }
    default:
      return true
  }
}
