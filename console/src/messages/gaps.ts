import { texts } from './text.ts'
import gaps from './en/gaps.json'

export const { t, tCode, knows } = texts(gaps)
