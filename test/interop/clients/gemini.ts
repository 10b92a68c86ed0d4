import { ApiError, GoogleGenAI, type Content, type GenerateContentResponse, type Part } from '@google/genai'
import { TOOL, type Client, type Conversation, type Place, type Turn } from './client.ts'

/** The `@google/genai` package. */
export const gemini: Client = {
  name: 'gemini',
  finishes: { stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS' },
  start,
  statusOfRateLimit: (error) => (error instanceof ApiError ? error.status : undefined),
  async embed({ url, route }, texts) {
    const { embeddings = [] } = await connect(url).models.embedContent({ model: route, contents: [...texts] })
    return embeddings.map(({ values = [] }) => values)
  },
}

function connect(url: string): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'the-callers-own', httpOptions: { baseUrl: url } })
}

function start({ url, route, stream }: Place): Conversation {
  const { models } = connect(url)
  const contents: Content[] = []
  const { name, description, parameters } = TOOL
  const tools = [{ functionDeclarations: [{ name, description, parametersJsonSchema: parameters }] }]
  const turn = async (): Promise<Turn> => {
    const params = { model: route, contents, config: { tools } }
    const answers: GenerateContentResponse[] = []
    if (!stream) answers.push(await models.generateContent(params))
    else for await (const chunk of await models.generateContentStream(params)) answers.push(chunk)
    const reasons = answers.flatMap(({ candidates }) => candidates?.[0]?.finishReason ?? [])
    const parts = answers.flatMap(partsOf)
    contents.push({ role: 'model', parts })
    return {
      text: parts.map(({ text = '', thought }) => (thought ? '' : text)).join(''),
      calls: parts.flatMap(({ functionCall: call }) =>
        call ? { id: call.id ?? '', name: call.name ?? '', arguments: call.args } : [],
      ),
      // The foreign upstream says FUNCTION_CALL where Gemini says STOP; on its own dialect it passes through.
      finish: reasons.at(-1)?.replace('FUNCTION_CALL', 'STOP') ?? '',
    }
  }
  return {
    say(text) {
      contents.push({ role: 'user', parts: [{ text }] })
      return turn()
    },
    answer(calls, result) {
      const parts = calls.map((call) => ({
        functionResponse: {
          ...(call.id === '' ? {} : { id: call.id }),
          name: call.name,
          response: { output: result(call) },
        },
      }))
      contents.push({ role: 'user', parts })
      return turn()
    },
  }
}

function partsOf({ candidates }: GenerateContentResponse): Part[] {
  return candidates?.[0]?.content?.parts ?? []
}
