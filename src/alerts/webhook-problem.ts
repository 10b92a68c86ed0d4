import { isIP } from 'node:net'
import { mayCall } from './address-guard.ts'

/** Why a URL is none for a webhook, as far as it shows without looking the name up; undefined when it may be one. */
export function webhookProblem(text: string, isPrivate: boolean): string | undefined {
  const url = URL.parse(text)
  if (!url) return 'is no URL; write https:// and where alerts are to be sent'
  if (url.username || url.password)
    return 'has a user name or a password in it; sign alerts with "secret" instead'
  if (url.protocol !== 'https:' && !(isPrivate && url.protocol === 'http:')) {
    return 'must begin with https://; http:// is for "allow_private: true"'
  }
  const address = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) === 0 || mayCall(address, isPrivate)) return undefined
  return isPrivate
    ? 'is an address that is never called: link-local or multicast'
    : 'is an address that is not in the internet; "allow_private: true" is for those of the own network'
}
