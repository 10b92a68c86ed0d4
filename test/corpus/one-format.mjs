/** A provider that speaks one format of the gateway's, at a URL: `module` and `format` name it among the dialects. */
import { createHttpProvider } from '../../dist/providers/http-provider.js'

const text = (description) => ({ type: 'string', description })

const names = process.env.CORPUS_FORMATS?.split(',') ?? []
const formats = new Map()
for (const name of names) {
  const [dialect, format] = name.split('.')
  const module = await import(`../../dist/dialects/${dialect}/index.js`)
  formats.set(name, module[format])
}

export default {
  name: 'one-format',
  routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings', 'llm/v1/rerank'],
  options: {
    type: 'object',
    properties: { base: text('Where the provider is.'), format: text('The format, as dialect.export.') },
    required: ['base', 'format'],
  },
  create({ model, config }) {
    return createHttpProvider({
      name: 'one-format',
      model,
      baseUrl: config.base,
      headers: {},
      formats: [{ format: formats.get(config.format), path: '' }],
      secrets: [],
    })
  },
}
