/** Values of labels by their names, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>
export type Counter = { readonly add: (labels: Labels, by?: number) => void }
export type Histogram = { readonly observe: (value: number) => void }
/** What a gauge shows at the moment of the scrape; nothing where it is not known. */
export type Reading = { readonly labels: Labels; readonly value: number }

export type Exposition = {
  readonly counter: (name: string, help: string) => Counter
  /** `bounds` ascend; what is above the last one counts under `+Inf`. */
  readonly histogram: (name: string, help: string, bounds: readonly number[]) => Histogram
  readonly gauge: (name: string, help: string, read: () => readonly Reading[]) => void
  /** Everything in the text format of Prometheus. */
  readonly text: () => string
}

/** Most series of one counter; what comes later is counted under `other`, so that no label can fill the memory. */
const mostSeries = 200

/** SPEC: Prometheus text format 0.0.4. Three kinds of metrics are all that the gateway has. */
export function createExposition(): Exposition {
  const parts: (() => readonly string[])[] = []
  const add = (name: string, help: string, type: string, samples: () => readonly string[]) =>
    parts.push(() => [`# HELP ${name} ${escaped(help, 'help')}`, `# TYPE ${name} ${type}`, ...samples()])
  return {
    counter: (name, help) => {
      const series = new Map<string, number>()
      add(name, help, 'counter', () => [...series].map(([labels, value]) => `${name}${labels} ${value}`))
      return {
        add: (labels, by = 1) => {
          const own = labelText(labels)
          const isKept = series.has(own) || series.size < mostSeries
          const key = isKept ? own : labelText(asOther(labels))
          series.set(key, (series.get(key) ?? 0) + by)
        },
      }
    },
    histogram: (name, help, bounds) => {
      const counts = bounds.map(() => 0)
      let [sum, count] = [0, 0]
      add(name, help, 'histogram', () => {
        let below = 0
        const buckets = bounds.map((bound, i) => {
          below += counts[i] ?? 0
          return `${name}_bucket{le="${bound}"} ${below}`
        })
        return [
          ...buckets,
          `${name}_bucket{le="+Inf"} ${count}`,
          `${name}_sum ${sum}`,
          `${name}_count ${count}`,
        ]
      })
      return {
        observe: (value) => {
          const at = bounds.findIndex((bound) => value <= bound)
          if (at >= 0) counts[at] = (counts[at] ?? 0) + 1
          sum += value
          count += 1
        },
      }
    },
    gauge: (name, help, read) => {
      add(name, help, 'gauge', () =>
        read().map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
      )
    },
    text: () => `${parts.flatMap((part) => part()).join('\n')}\n`,
  }
}

function asOther(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']))
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value, 'label')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string, where: 'help' | 'label'): string {
  const lines = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return where === 'label' ? lines.replaceAll('"', '\\"') : lines
}
