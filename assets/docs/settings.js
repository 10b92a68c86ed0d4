import { APIS, queryUrl, samplingFields, shapeOf } from './apis.js'
import { element, field } from './dom.js'

/**
 * The controls beside a query: which path, and how to answer. The limits are hints only; what breaks them is sent, so
 * that the gateway's own words about it can be read.
 */
export function createSettings({ route, gateway, samples, onChange }) {
  const path = element(
    'select',
    { name: 'api' },
    ...APIS.map((api) => element('option', { value: api.id }, api.label.replace('{name}', route.name))),
  )
  const temperature = numberInput('temperature', { min: 0, max: 2, step: 0.1, placeholder: '0' })
  const maxTokens = numberInput('max_tokens', { min: 1, step: 1, placeholder: 'unset' })
  const candidates = numberInput('candidate_count', { min: 1, max: 5, step: 1, placeholder: '1' })
  const stream = element('input', { type: 'checkbox', name: 'stream', checked: true })
  const shapeNote = element('small', { class: 'muted', role: 'status' })
  const sampling = [
    field('Temperature', temperature),
    field('Max tokens', maxTokens),
    field('Candidates', candidates),
    element('label', { class: 'check' }, stream, 'Stream the answer'),
  ]
  const node = element(
    'fieldset',
    { class: 'settings' },
    element('legend', {}, 'Settings'),
    element('div', { class: 'field wide' }, field('Path', path), shapeNote),
    ...(samples ? sampling : []),
  )
  node.addEventListener('input', () => {
    showShape()
    onChange()
  })

  function target() {
    const api = APIS.find(({ id }) => id === path.value)
    return { api, shape: shapeOf(api, gateway.invocationsShape) }
  }

  function showShape() {
    const { shape } = target()
    shapeNote.textContent =
      shape === 'openai' ? "Bodies in OpenAI's shape." : "Bodies in MLflow's shape, 2.5 to 2.8."
    temperature.max = shape === 'openai' ? 2 : 1
  }

  showShape()
  return {
    node,
    showShape,
    /** The whole call for `input(shape)`, the fields that only this kind of route has. */
    call(input) {
      const { api, shape } = target()
      const body = { ...input(shape) }
      if (samples) {
        const values = {
          temperature: numberOf(temperature),
          maxTokens: numberOf(maxTokens),
          candidates: numberOf(candidates),
        }
        Object.assign(body, samplingFields(values, shape))
        if (stream.checked) Object.assign(body, { stream: true, stream_options: { include_usage: true } })
      }
      return { api, shape, route: route.name, body, url: queryUrl(api, route.name) }
    },
  }
}

function numberInput(name, attributes) {
  return element('input', { type: 'number', inputmode: 'decimal', name, ...attributes })
}

function numberOf(input) {
  return input.value === '' ? undefined : Number(input.value)
}
