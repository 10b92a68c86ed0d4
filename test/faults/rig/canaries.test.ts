import { expect, it } from 'vitest'
import { Canaries } from './canaries.ts'

const canaries = new Canaries()
const secret = canaries.make('key')
canaries.make('other')

const hex = Buffer.from(secret).toString('hex')

it.each([
  ['as it is', secret],
  ['in part', `key ends in ${secret.slice(-8)}`],
  ...['', 'a', 'ab'].map((before) => [
    'in base64',
    Buffer.from(`${before}${secret} and on`).toString('base64'),
  ]),
  ['in base64', Buffer.from(secret).toString('base64url')],
  ['in hex', `0x${hex}`],
  ['in hex', hex.toUpperCase()],
  ['percent-encoded', encodeURIComponent(secret)],
  ['percent-encoded', hex.replaceAll(/../g, '%$&')],
  ['escaped for JSON', secret.replaceAll('/', '\\/')],
  ['escaped for JSON', hex.replaceAll(/../g, '\\u00$&')],
])('a secret is found %s', (how, text) => {
  const found = `the secret key is in the log, ${how}`
  expect(canaries.find('the log', `before ${text} after`)).toEqual([found])
  expect(canaries.find('the log', Buffer.from(`\0${text}`))).toEqual([found])
})

it('nothing is found where there is nothing, and each secret is another one', () => {
  expect(canaries.find('the log', `CANARY-key/+= ${secret.slice(-7)} ${new Canaries().make('key')}`)).toEqual(
    [],
  )
})
