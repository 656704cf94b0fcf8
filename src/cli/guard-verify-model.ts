import { WeightsError } from '../guard/injection/weights.ts'
import { exitCodes, UsageError, type CliCommand } from './cli.ts'
import type { GuardWorld } from './guard-world.ts'

/** `guard verify-model`: whether a weights file is whole and is the one that is expected. */
export function guardVerifyModelCommand({ weights }: Pick<GuardWorld, 'weights'>): CliCommand {
  return {
    name: 'guard verify-model',
    summary: 'Check a weights file: magic, sizes, scales, digests; exit 3 when it cannot be used',
    options: {
      model: { type: 'string', help: 'the file; the shipped weights when left out' },
      digest: { type: 'string', help: 'sha256:…, as a release or a guard policy names it' },
    },
    run: async ({ values: { model, digest }, io, json, print }) => {
      if (digest !== undefined && !isDigest(String(digest)))
        throw new UsageError('--digest is sha256: and 64 hex digits')
      try {
        const { header, digest: found } = weights(typeof model === 'string' ? model : null)
        const { id, version, languages, trainer, seed } = header
        const told = { digest: found, id, version, languages, trainer, seed }
        if (digest !== undefined && digest !== found)
          throw new WeightsError('guard_model_digest', `the weights are whole, but their digest is ${found}`)
        print(told, `${found}  ${id} version ${version}, languages ${languages.join(' ')}, seed ${seed}`)
        return exitCodes.ok
      } catch (error) {
        if (!(error instanceof WeightsError)) throw error
        io.err(
          json
            ? `${JSON.stringify({ code: error.code, error: error.message })}\n`
            : `${error.code}: ${error.message}\n`,
        )
        return exitCodes.refused
      }
    },
  }
}

function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}
