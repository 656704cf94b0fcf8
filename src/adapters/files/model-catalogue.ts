import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileModels, type ModelCatalogue } from '../../governance/registry/index.ts'

/** Loads the shipped models and prices: of each provider the newest version. Throws on a fault. */
export function loadModels(folder: string): ModelCatalogue {
  const newest = new Map<string, { readonly version: number; readonly name: string }>()
  for (const name of readdirSync(join(folder, 'models'))) {
    const [, provider = '', version = ''] = /^([a-z0-9-]+)\.(\d+)\.json$/.exec(name) ?? []
    if (provider === '') throw new Error(`\`${name}\` is no catalogue of models`)
    if (Number(version) > (newest.get(provider)?.version ?? 0))
      newest.set(provider, { version: Number(version), name })
  }
  const names = [...newest.values()].map(({ name }) => name).sort()
  return compileModels(names.map((name) => JSON.parse(readFileSync(join(folder, 'models', name), 'utf8'))))
}
