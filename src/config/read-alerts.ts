import type { Webhook } from '../alerts/webhook.ts'
import { webhookProblem } from '../alerts/webhook-problem.ts'
import { asArray, isObject } from '../core/json.ts'
import { option, type OptionsSchema } from '../core/options.ts'
import { Secret } from '../core/secret.ts'
import { checkValue, type CheckContext, type Spot } from './check.ts'

/** The `alerts` mapping. */
export const alertsSchema: OptionsSchema = option.object(
  {
    webhooks: option.list(
      option.object({
        url: option.secret({
          description: 'Where alerts are sent to, in JSON: https://, at an address in the internet.',
          examples: ['$ALERT_URL'],
        }),
        secret: option.optional(
          option.secret({
            description:
              'Signs what is sent, as Standard Webhooks say: bytes in base64 after "whsec_", or a text of at least 24 characters.',
            examples: ['$ALERT_SECRET'],
          }),
        ),
        allow_private: option.optional(
          option.boolean({
            description: 'Whether the URL may be http:// and at an address of the own network.',
            default: false,
          }),
        ),
      }),
      { description: 'Who is told when a limit reaches a share of its "alert_at".' },
    ),
  },
  { description: 'Who is told of limits and budgets that are nearly or fully used.' },
)

/** Who is to be told; what is wrong is reported. */
export function readAlerts({ value, path }: Spot, context: CheckContext): Webhook[] {
  if (value === null || value === undefined) return []
  const alerts = checkValue(alertsSchema, { value, path }, context)
  const items = isObject(alerts) ? asArray(alerts['webhooks']) : []
  return items.flatMap((item, index) => {
    if (!isObject(item) || !(item['url'] instanceof Secret)) return []
    const { url, secret } = item
    const isPrivate = item['allow_private'] === true
    const refuse = (key: string, message: string): void => {
      context.problems.push({ path: [...path, 'webhooks', index, key], at: 'value', message })
    }
    const problem = url.reveal() === '' ? undefined : webhookProblem(url.reveal(), isPrivate)
    if (problem !== undefined) refuse('url', problem)
    if (!(secret instanceof Secret)) return [{ url, isPrivate }]
    const length = secret.reveal().length
    if (length > 0 && length < SHORTEST_SECRET) {
      refuse('secret', `is too short; write at least ${SHORTEST_SECRET} characters that nobody can guess`)
    }
    return [{ url, secret, isPrivate }]
  })
}

const SHORTEST_SECRET = 24
