/** What a browser sees at `/`: what runs here, in which state, and where the API is described. No script, no style. */
export function rootPage(info: {
  readonly title: string
  readonly version: string
  readonly state: string
}): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(info.title)}</title></head>
<body>
<h1>${escape(info.title)} ${escape(info.version)}</h1>
<p>State of this installation: ${escape(info.state)}</p>
<p>The API is described in <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>, the keys that sign grants are at
<a href="/.well-known/countersign/keys">/.well-known/countersign/keys</a>. How to go on: <code>docs/guides</code>.</p>
</body>
</html>
`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
