import { expect, it } from 'vitest'
import { DatabaseError } from '../core/database.ts'
import { GatewayError } from '../core/error.ts'
import { AdminError, toRefusal } from './errors.ts'

it.each([
  [new AdminError('forbidden', 'x'), 'forbidden', 'x'],
  [new DatabaseError('taken', 'there is a team "a" already'), 'conflict', 'There is a team "a" already.'],
  [new DatabaseError('stale', 'it has changed'), 'changed', 'It has changed.'],
  [new DatabaseError('invalid', 'no cursor'), 'bad_request', 'No cursor.'],
  [
    new DatabaseError('unavailable', 'CANARY host db.internal'),
    'unavailable',
    'The database cannot be reached; try again later.',
  ],
  [new GatewayError('no route', { kind: 'not_found', status: 404 }), 'not_found', 'no route'],
  [new GatewayError('no text', { kind: 'bad_request', status: 422 }), 'bad_request', 'no text'],
  [
    new GatewayError('CANARY', { kind: 'internal', status: 500 }),
    'internal',
    'The gateway failed while handling this request.',
  ],
  [new TypeError('CANARY'), 'internal', 'The gateway failed while handling this request.'],
  ['CANARY', 'internal', 'The gateway failed while handling this request.'],
])('%s becomes the refusal %s', (thrown, code, message) => {
  const refusal = toRefusal(thrown)
  expect([refusal.code, refusal.message]).toEqual([code, message])
})
