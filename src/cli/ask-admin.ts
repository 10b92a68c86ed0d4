import { lookUpAdminSecret } from '../cluster/admin-secret.ts'
import { dataDirectory } from '../cluster/data.ts'
import { asObject, asString } from '../core/json.ts'

/** Which gateway is asked, and where its secret is. */
export interface AdminOptions {
  readonly adminUrl: string
  readonly dataDir?: string
}

const ANSWER_MS = 10_000

/** The JSON of a path of a running gateway's admin API. Rejects with what is to be done, in a sentence. */
export async function askAdmin(path: string, { adminUrl, dataDir }: AdminOptions): Promise<unknown> {
  const directory = dataDirectory({ directory: dataDir, server: {}, environment: process.env })
  const secret = lookUpAdminSecret({ environment: process.env, directory })
  if (!secret) {
    throw new Error(
      `there is no admin secret: set MLFLOW_GATEWAY_ADMIN_KEY, or name the data directory of the gateway with --data-dir`,
    )
  }
  const response = await fetch(new URL(path, adminUrl), {
    headers: { authorization: `Bearer ${secret.reveal()}` },
    // The secret goes to this server and to no other.
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => {
    throw new Error(
      `no gateway answers at ${adminUrl}; is it running, and is that the port of its admin API?`,
    )
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer
  const message = asString(asObject(asObject(answer)['error'])['message']) ?? 'it is no admin API'
  throw new Error(`${adminUrl} answers ${response.status}: ${message}`)
}
