import { openBytes } from '../adapters/files/byte-stream.ts'
import { cataloguesIn, loadWeights } from '../adapters/files/guard-catalogue.ts'
import { guardCommands } from '../cli/guard-commands.ts'
import { guardEvaluateCommand } from '../cli/guard-evaluate.ts'
import { guardGenerateCommand } from '../cli/guard-generate.ts'
import { guardTrainCommand } from '../cli/guard-train.ts'
import { ReaderGone } from '../cli/guard-world.ts'
import { createGuard } from '../guard/inspect.ts'
import { catalogueFolder } from './catalogue-folder.ts'

/** The commands of the guard in this process: shipped detectors, standard streams. */
export const guardCommandsOfProcess = [
  ...guardCommands({
    guard: (weights) => createGuard(cataloguesIn(catalogueFolder), weights),
    weights: (path) => loadWeights(catalogueFolder, path),
    open: openBytes,
    send,
  }),
  guardGenerateCommand(),
  guardTrainCommand(),
  guardEvaluateCommand((path) => loadWeights(catalogueFolder, path)),
]

/** Waits until standard output has taken the text, so that a slow reader slows the work and nothing piles up. */
function send(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve()
      else if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'))
        reject(new ReaderGone('nobody reads the output any more'))
      else reject(error)
    })
  })
}

process.stdout.on('error', () => {}) // told to whoever writes, by the callback above
