import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

// A tool server on the standard streams. The first argument is what it says of its tool.
const server = new McpServer({ name: 'local', version: '1.0.0' })
const [, , description = 'Finds files.', found = 'notes.txt'] = process.argv
server.registerTool('find', { description, inputSchema: { word: z.string() } }, () => ({
  content: [{ type: 'text', text: found }],
}))
server.registerTool('erase', { description: 'Erases files.', inputSchema: {} }, () => ({ content: [] }))
await server.connect(new StdioServerTransport())
