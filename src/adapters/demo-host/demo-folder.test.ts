import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoFolder } from './demo-folder.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cs-demo-folder-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const folderIn = (place: string, installationId = 'one') =>
  demoFolder({ home: place, installationId, log: () => undefined })

test('a folder is made once, is whole when it was filled, and is deleted whole', async () => {
  const folder = folderIn(home)
  expect(folder.look()).toBe('none')
  folder.create()
  expect(folder.look()).toBe('begun')
  expect(() => folder.create()).toThrow()
  mkdirSync(join(folder.path, 'sessions'))
  writeFileSync(join(folder.path, 'sessions', 'a.json'), '{}')
  writeFileSync(join(folder.path, 'demo.json'), '{}')
  expect(folder.look()).toBe('whole')
  await folder.remove()
  expect([folder.look(), readdirSync(home)]).toEqual(['none', []])
})

test('what was not made by this installation stays as it is', async () => {
  const folder = folderIn(home)
  mkdirSync(folder.path)
  writeFileSync(join(folder.path, 'thesis.txt'), 'years of work')
  expect(folder.look()).toBe('foreign')
  await expect(folder.remove()).rejects.toThrow(/not made by this installation/)
  expect(() => folder.create()).toThrow()
  expect(readdirSync(folder.path)).toEqual(['thesis.txt'])

  rmSync(folder.path, { recursive: true })
  folderIn(home, 'another').create()
  await expect(folder.remove()).rejects.toThrow(/not made by this installation/)
  expect(existsSync(folder.path)).toBe(true)
})

test('a link is never followed, neither as the folder, nor as its mark, nor within it', async () => {
  const elsewhere = join(home, 'elsewhere')
  mkdirSync(elsewhere)
  const other = folderIn(elsewhere)
  other.create()
  const folder = folderIn(home)
  symlinkSync(other.path, folder.path)
  expect(folder.look()).toBe('foreign')
  await expect(folder.remove()).rejects.toThrow(/not made by this installation/)
  rmSync(folder.path)

  mkdirSync(folder.path)
  symlinkSync(join(other.path, 'made-by-countersign.json'), join(folder.path, 'made-by-countersign.json'))
  expect(folder.look()).toBe('foreign')
  rmSync(folder.path, { recursive: true })

  folder.create()
  symlinkSync(other.path, join(folder.path, 'way-out'))
  await folder.remove()
  expect([folder.look(), other.look()]).toEqual(['none', 'begun'])
})
