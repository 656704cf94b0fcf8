import { parentPort, workerData } from 'node:worker_threads'

/** What is asked of the model, and what it answers. */
export type Question = { readonly id: number; readonly batch: readonly string[] }
export type Answer = { readonly id: number } & (
  | { readonly answers: readonly number[] }
  | { readonly fault: string }
)

/** What of `onnxruntime-node` is used here; it is no dependency of the program, so that its types may not be there. */
type Runtime = {
  readonly InferenceSession: { readonly create: (path: string, options: object) => Promise<Session> }
  readonly Tensor: new (type: 'string', data: readonly string[], shape: readonly number[]) => object
}
type Session = {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly run: (
    feeds: Readonly<Record<string, object>>,
  ) => Promise<Readonly<Record<string, Output | undefined>>>
}
type Output = { readonly data: ArrayLike<unknown> }

const { runtime, path } = workerData as { readonly runtime: string; readonly path: string } // of whoever starts it
const found = (await import(runtime)) as Runtime & { readonly default?: Runtime } // what its documentation says
const { InferenceSession, Tensor } = found.default ?? found
// One thread beside the gateway's own: what decides is not to be starved by what only advises.
const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 })

parentPort?.on('message', (question: Question) => void answer(question))
parentPort?.postMessage('ready', [])

async function answer({ id, batch }: Question): Promise<void> {
  try {
    const input = session.inputNames[0] ?? ''
    const outputs = await session.run({ [input]: new Tensor('string', batch, [batch.length]) })
    const output = outputs[session.outputNames.at(-1) ?? '']
    parentPort?.postMessage({ id, answers: probabilitiesIn(output, batch.length) } satisfies Answer, [])
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'unknown' // a message may hold a piece of a text
    parentPort?.postMessage({ id, fault } satisfies Answer, [])
  }
}

/** One number for each text, or one for each of two classes, the order to a model second. */
function probabilitiesIn(output: Output | undefined, count: number): readonly number[] {
  const numbers = Array.from(output?.data ?? [], Number)
  return numbers.length === 2 * count ? numbers.filter((_, n) => n % 2 === 1) : numbers
}
