import { afterAll, afterEach } from 'vitest'
import { startFaultyUpstream } from './faulty-upstream.ts'
import { gatewayFor, type FaultGateway } from './gateway.ts'
import { toolDefinition, type Way } from './ways.ts'

/** A faulty upstream for the tests of one file, and the gateways in front of it, which end with the test that began them. */
export async function faultBench() {
  const upstream = await startFaultyUpstream(toolDefinition)
  const begun: FaultGateway[] = []
  afterEach(async () => {
    for (const gateway of begun.splice(0)) await gateway.close()
  })
  afterAll(() => upstream.close())
  return {
    upstream,
    gatewayFor: async (way: Way, setup?: Parameters<typeof gatewayFor>[2]): Promise<FaultGateway> => {
      const gateway = await gatewayFor(way, upstream, setup)
      begun.push(gateway)
      return gateway
    },
  }
}
