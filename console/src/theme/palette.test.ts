import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { themes, tones, type Theme } from './palette.ts'

/**
 * The laws of the palette. Contrast: WCAG 2.2, 1.4.3 and 1.4.11. Colour vision: the matrices of full deficiency of
 * Machado, Oliveira and Fernandes (2009), table of severity 1.0, on linear RGB. Distance: OKLab (Ottosson, 2020) × 100.
 */
const sheet = readFileSync(resolve(import.meta.dirname, 'tokens.css'), 'utf8')

type Rgb = readonly [number, number, number]

function valuesOf(theme: Theme): ReadonlyMap<string, string> {
  const [light = '', dark = ''] = [/:root \{([^}]*)\}/, /:root\[data-theme='dark'\] \{([^}]*)\}/].map(
    (form) => form.exec(sheet)?.[1] ?? '',
  )
  const declared = (text: string) =>
    [...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    )
  return new Map([...declared(light), ...(theme === 'dark' ? declared(dark) : [])])
}

function linear(hex: string): Rgb {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

function okLab([red, green, blue]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const visions: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function seen(hex: string, matrix: readonly Rgb[]): Rgb {
  const rgb = linear(hex)
  const [red = 0, green = 0, blue = 0] = matrix.map((row) =>
    Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])),
  )
  return okLab([red, green, blue])
}

test.each(themes)('%s: text and tones stand out from both surfaces, lines as well', (theme) => {
  const values = valuesOf(theme)
  const colour = (name: string) => values.get(name) ?? ''
  for (const surface of ['page', 'raised'].map(colour)) {
    for (const name of ['text', 'muted', ...tones.filter((tone) => tone !== 'neutral')])
      expect.soft(contrast(colour(name), surface), `${name} on ${surface}`).toBeGreaterThanOrEqual(4.5)
    expect.soft(contrast(colour('line'), surface), `line on ${surface}`).toBeGreaterThanOrEqual(3)
    expect.soft(contrast(colour('focus'), surface), `focus on ${surface}`).toBeGreaterThanOrEqual(3)
  }
  expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5)
})

test.each(themes)('%s: no two tones look alike, whatever the eyes', (theme) => {
  const values = valuesOf(theme)
  const coloured = tones.filter((tone) => tone !== 'neutral')
  for (const [name, matrix] of Object.entries(visions))
    for (const [i, a] of coloured.entries())
      for (const b of coloured.slice(i + 1)) {
        const [one, two] = [seen(values.get(a) ?? '', matrix), seen(values.get(b) ?? '', matrix)]
        const distance = 100 * Math.hypot(one[0] - two[0], one[1] - two[1], one[2] - two[2])
        expect.soft(distance, `${a} and ${b} with ${name}`).toBeGreaterThanOrEqual(10)
      }
})
