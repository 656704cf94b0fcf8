import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ClassifierTier } from '../../app/ports/classifier-tier.ts'
import { AppError, digestOfBytes } from '../../kernel/index.ts'
import type { Answer, Question } from './onnx-worker.ts'

/** Batches that may wait for the model, the one that it reads included; with more it is too slow to be asked. */
const mostWaiting = 256
/** UTF-16 units of one text: about what a model of 512 tokens reads. */
const maxChars = 1_500

type Waiting = {
  readonly batch: readonly string[]
  readonly resolve: (answers: readonly number[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Loads a model in ONNX from a file, in a thread of its own. The model takes one tensor of strings and gives, as its last
 * output, the probability of each (or of both classes, the order to a model second): its tokens are its own matter. `runtime`
 * is no dependency of the program: whoever has a model has it too. Throws `INVALID_INPUT` when it, or the model, cannot be loaded.
 */
export async function startOnnxTier(
  path: string,
  runtime = 'onnxruntime-node',
): Promise<ClassifierTier & { readonly close: () => Promise<void> }> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `the model \`${path}\` cannot be read`, { cause })
  }
  const worker = new Worker(new URL('onnx-worker.ts', import.meta.url), { workerData: { runtime, path } })
  const waiting = new Map<number, Waiting>() // in the order of their coming
  let [last, hasEnded] = [0, false]
  let reading: number | null = null
  const end = () => {
    hasEnded = true
    for (const { reject } of waiting.values()) reject(new Error('the model has ended'))
    waiting.clear()
  }
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', (cause) => {
      const words = `the model \`${path}\` cannot be loaded; it needs the package \`${runtime}\` and a form that this can read`
      reject(new AppError('INVALID_INPUT', words, { cause }))
    })
  })
  worker.on('error', end)
  worker.on('exit', end)
  /** INVARIANT: the thread holds one batch at most, so that what waits is bounded here and what was given up is never read. */
  const readNext = () => {
    const [first] = waiting
    if (reading !== null || first === undefined) return
    const [id, { batch }] = first
    reading = id
    worker.postMessage({ id, batch } satisfies Question, [])
  }
  worker.on('message', (answer: Answer) => {
    const of = waiting.get(answer.id)
    waiting.delete(answer.id)
    reading = null
    if ('answers' in answer) of?.resolve(answer.answers)
    else of?.reject(new Error(answer.fault))
    readNext()
  })
  worker.unref()

  return {
    id: basename(path),
    digest: digestOfBytes(bytes),
    maxChars,
    classify: (batch, signal) =>
      new Promise((resolve, reject) => {
        if (hasEnded || signal.aborted || waiting.size >= mostWaiting)
          return reject(new Error(hasEnded ? 'the model has ended' : 'too much waits for the model'))
        last += 1
        const id = last
        waiting.set(id, { batch, resolve, reject })
        const stop = () => {
          if (id !== reading) waiting.delete(id) // what is being read takes its place until it has been
          reject(new Error('late'))
        }
        signal.addEventListener('abort', stop, { once: true })
        readNext()
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
