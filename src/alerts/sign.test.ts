import { expect, test } from 'vitest'
import { sign } from './sign.ts'

const BODY = '{"test": 2432232314}'
const SIGNED = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: BODY }

// The figures are those of the Standard Webhooks' own example.
test('a secret in base64 signs as Standard Webhooks say', () => {
  expect(sign(SIGNED, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('another text signs with its bytes', () => {
  const bytes = Buffer.from('a text of more than 24 characters').toString('base64')
  expect(sign(SIGNED, 'a text of more than 24 characters')).toBe(sign(SIGNED, `whsec_${bytes}`))
})
