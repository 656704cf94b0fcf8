// A process of its own for each side of the bench, so that the CPU time is its alone. Started by bench.ts with the
// role and the origin of the upstream; answers every message with the CPU time used so far.
import { startCountersign } from './target-countersign.ts'
import { startFloor, startUpstream } from './target-floor.ts'

const [, , role = '', upstream = ''] = process.argv
const started =
  role === 'upstream'
    ? await startUpstream()
    : await (role === 'floor' ? startFloor(upstream) : startCountersign(upstream))
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
process.send?.(started)
