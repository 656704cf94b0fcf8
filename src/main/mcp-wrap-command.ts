import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { exitCodes, UsageError, type CliCommand } from '../cli/cli.ts'
import { askGateway, McpWrap } from '../cli/mcp-wrap.ts'

/** `countersign mcp wrap`: a local tool server under the same policy as the ones behind the gateway. */
export const mcpWrapCommand: CliCommand = {
  name: 'mcp wrap',
  summary: 'Run a local MCP server; the gateway decides about each of its messages',
  takesCommand: true,
  options: {
    server: { type: 'string', help: 'name of the server in the tools of the release', required: true },
    'key-file': { type: 'string', help: 'file with a gateway key', required: true },
    gateway: { type: 'string', help: 'address of the gateway', required: true },
  },
  run: async ({ values, positionals, io }) => {
    const [command = '', ...args] = positionals // there is one: the command line demands it
    const { server, gateway, 'key-file': keyFile } = values
    if (!URL.canParse(String(gateway))) throw new UsageError('the address of the gateway must be a URL')
    const key = (await io.readFile(String(keyFile))).trim()
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => {}) // a server that has ended is told by its exit
    const wrap = new McpWrap({
      decide: askGateway({ fetch: io.fetch, gateway: String(gateway), key, server: String(server) }),
      toClient: (line) => io.out(`${line}\n`),
      toServer: (line) => void child.stdin.write(`${line}\n`),
      warn: (text) => io.err(`countersign mcp wrap: ${text}\n`),
    })
    let last: Promise<void> = Promise.resolve()
    const client = createInterface({ input: process.stdin, crlfDelay: Infinity })
    client.on('line', (line) => void (last = wrap.fromClient(line)))
    client.on('close', () => void last.then(() => child.stdin.end()))
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      void wrap.fromServer(line)
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    return await new Promise<number>((resolve) => {
      child.on('error', (error) => {
        io.err(`countersign mcp wrap: ${error.message}\n`)
        resolve(exitCodes.internal)
      })
      child.on('close', (code) => {
        wrap.end()
        client.close()
        process.stdin.unref()
        resolve(code ?? exitCodes.internal)
      })
    })
  },
}
