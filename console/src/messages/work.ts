import { texts } from './text.ts'
import work from './en/work.json'

export const { t, tCode } = texts(work)
