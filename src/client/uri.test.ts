import { describe, expect, test } from 'vitest'
import { parseGatewayUri, resolveRouteUrl, routeSegment } from './uri.ts'

describe('a gateway URI', () => {
  test.each([
    '',
    'http://',
    'gateway.org',
    'gateway.org:8000',
    'www.gateway.org',
    'http:/gateway.com',
    'http:://gateway.org',
    '://gateway.org',
    'http:///path',
    'http://:5000',
    'http://gateway.org:port',
    'databricks',
  ])('is refused without a scheme and a host: %j', (uri) => {
    expect(() => parseGatewayUri(uri)).toThrow(/needs a scheme and a host/)
  })

  test.each(['ftp://gateway.org', 'databricks://profile'])('is refused with a scheme not HTTP: %s', (uri) => {
    expect(() => parseGatewayUri(uri)).toThrow(/scheme must be http or https/)
  })

  test.each(['http://gateway.org?a=1', 'http://gateway.org/#top'])('is refused with a query: %s', (uri) => {
    expect(() => parseGatewayUri(uri)).toThrow(/query or fragment/)
  })

  test.each([
    ['http://gateway.org', 'http://gateway.org'],
    ['https://gateway.org:8000/', 'https://gateway.org:8000'],
    ['http://127.0.0.1:5000//', 'http://127.0.0.1:5000'],
    ['http://[::1]:5000', 'http://[::1]:5000'],
    ['http://host/team/gateway/', 'http://host/team/gateway'],
  ])('keeps its path prefix and loses slashes at its end: %s', (uri, base) => {
    expect(parseGatewayUri(uri)).toEqual({ text: uri, base, login: undefined })
  })

  test('gives up its user name and password', () => {
    expect(parseGatewayUri('http://ann:p%40ss%3Aword@host:1/x')).toEqual({
      text: 'http://host:1/x',
      base: 'http://host:1/x',
      login: { username: 'ann', password: 'p@ss:word' },
    })
  })

  test('does not appear in its own error when it may hold a password', () => {
    expect(() => parseGatewayUri('ann:canary-password@host')).toThrow(/^(?!.*canary).*scheme and a host/)
  })
})

describe('the URL of a route', () => {
  test.each([
    ['http://127.0.0.1:6000', '/gateway/test/invocations', 'http://127.0.0.1:6000/gateway/test/invocations'],
    ['http://127.0.0.1:6000/', '/gateway/test/invocations', 'http://127.0.0.1:6000/gateway/test/invocations'],
    ['http://127.0.0.1:6000/gateway', '/test/invocations', 'http://127.0.0.1:6000/gateway/test/invocations'],
    ['http://127.0.0.1:6000/gateway/', 'test/invocations', 'http://127.0.0.1:6000/gateway/test/invocations'],
    ['http://a', 'https://b.example/gateway/chat/invocations', 'https://b.example/gateway/chat/invocations'],
  ])('is appended to %s unless it is absolute: %s', (base, routeUrl, resolved) => {
    expect(resolveRouteUrl(base, routeUrl)).toBe(resolved)
  })
})

describe('a route name in a path', () => {
  test('is escaped', () => {
    expect(routeSegment('a b/c?d')).toBe('a%20b%2Fc%3Fd')
    expect(routeSegment('chat.versioned-2_x')).toBe('chat.versioned-2_x')
  })

  test.each(['', '.', '..'])('is refused when no path can hold it: %j', (name) => {
    expect(() => routeSegment(name)).toThrow(TypeError)
  })
})
