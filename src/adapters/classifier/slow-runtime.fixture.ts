import { setTimeout as sleep } from 'node:timers/promises'

/*
 * Stands where `onnxruntime-node` would: each text says for how many milliseconds it is read, and the answer for each text of
 * a batch is how many batches were read so far, in thousandths.
 */

let runs = 0

export class Tensor {
  readonly data: readonly string[]
  constructor(_type: string, data: readonly string[]) {
    this.data = data
  }
}

export const InferenceSession = {
  create: async () => ({
    inputNames: ['text'],
    outputNames: ['probability'],
    run: async ({ text }: { readonly text: Tensor }) => {
      runs += 1
      const read = runs / 1_000
      for (const ms of text.data) await sleep(Number(ms))
      return { probability: { data: text.data.map(() => read) } }
    },
  }),
}
