import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, for TLS on loopback. */
export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

export interface CertificateSetup {
  /** The DNS name it is for, and its subject. */
  readonly name: string
  /** Who signs it; itself when absent. */
  readonly issuer?: Authority
  /** Days from today; negative for the past. From yesterday for ten days unless given. */
  readonly fromDay?: number
  readonly toDay?: number
  readonly isAuthority?: boolean
}

/** Who signs certificates. */
export interface Authority extends Certificate {
  readonly name: string
}

const SEQUENCE = 0x30
const DAY_MS = 86_400_000
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex')

/**
 * Made anew for each run, so that no key lies about and none expires.
 * Spec: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function makeCertificate(setup: CertificateSetup): Authority {
  const { name, issuer, fromDay = -1, toDay = 10, isAuthority = false } = setup
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.name ?? name),
    der(SEQUENCE, timeOf(fromDay), timeOf(toDay)),
    nameOf(name),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, ...extensions(name, isAuthority))),
  )
  const signature = sign('sha256', body, issuer ? issuer.key : privateKey)
  const whole = der(SEQUENCE, body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))
  return { name, cert: pem(whole), key: keyText(privateKey) }
}

/** Tag, length and content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const sizes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...sizes]), content])
}

/** Only a common name. */
function nameOf(name: string): Buffer {
  const commonName = Buffer.from('0603550403', 'hex')
  return der(SEQUENCE, der(0x31, der(SEQUENCE, commonName, der(0x0c, Buffer.from(name)))))
}

function timeOf(day: number): Buffer {
  const digits = new Date(Date.now() + day * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits))
}

function extensions(name: string, isAuthority: boolean): Buffer[] {
  const names = der(SEQUENCE, der(0x82, Buffer.from(name)))
  const limits = isAuthority ? der(SEQUENCE, der(0x01, Buffer.from([0xff]))) : der(SEQUENCE)
  return [
    der(SEQUENCE, Buffer.from('0603551d11', 'hex'), der(0x04, names)),
    der(SEQUENCE, Buffer.from('0603551d13', 'hex'), der(0x04, limits)),
  ]
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function keyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
