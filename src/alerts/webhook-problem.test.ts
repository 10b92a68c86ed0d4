import { expect, test } from 'vitest'
import { webhookProblem } from './webhook-problem.ts'

test.each([
  ['https://hooks.example.com/x?y=z', false],
  ['https://8.8.8.8/', false],
  ['http://alerts.internal:8080/', true],
  ['http://127.0.0.1:9000/', true],
])('%s is good (private: %s)', (url, isPrivate) => {
  expect(webhookProblem(url, isPrivate)).toBeUndefined()
})

test.each([
  ['hooks.example.com', false, 'is no URL'],
  ['http://hooks.example.com/', false, 'https://'],
  ['ftp://hooks.example.com/', true, 'https://'],
  ['file:///etc/passwd', true, 'https://'],
  ['https://ann:canary-password@hooks.example.com/', true, 'a user name or a password'],
  ['https://127.0.0.1/', false, 'not in the internet'],
  // What browsers and Node read as 127.0.0.1.
  ['https://2130706433/', false, 'not in the internet'],
  ['https://0x7f.1/', false, 'not in the internet'],
  ['https://[::1]/', false, 'not in the internet'],
  ['https://[::ffff:127.0.0.1]/', false, 'not in the internet'],
  ['http://169.254.169.254/latest/meta-data', true, 'never called'],
])('%s is refused (private: %s)', (url, isPrivate, reason) => {
  const problem = webhookProblem(url, isPrivate)
  expect(problem).toContain(reason)
  expect(problem).not.toContain('canary-password')
})
