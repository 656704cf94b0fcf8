import { dataClasses, type DataClass } from '../../../../src/kernel/vocabulary.ts'
import { tCode } from '../../messages/gateway.ts'

/** A class of data in words. */
export function dataClassName(dataClass: DataClass): string {
  return tCode('dataClass', dataClass)
}

/** All classes, from the one that anybody may see. */
export const dataClassOptions = () =>
  dataClasses.map((dataClass) => ({ value: dataClass, label: dataClassName(dataClass) }))

/** The class that a choice names. */
export function dataClassIn(value: string): DataClass {
  return dataClasses.find((known) => known === value) ?? 'internal'
}
