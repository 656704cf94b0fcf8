import { texts } from './text.ts'
import gateway from './en/gateway.json'
import tools from './en/tools.json'

export const { t, tCode } = texts({ ...gateway, ...tools })
