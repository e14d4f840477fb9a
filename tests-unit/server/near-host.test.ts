import { isNearHost } from '@vitest-lanes/server'
import { expect, test } from 'vitest'

test.each([
  'localhost',
  'redis',
  'my-db',
  '127.0.0.1',
  '127.9.9.9',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
])('%s is near', (host) => expect(isNearHost(host)).toBe(true))

test.each(['::1', 'fd12::1', 'fe80::1', '::ffff:10.0.0.1'])('%s is near', (host) =>
  expect(isNearHost(host)).toBe(true),
)

test.each(['8.8.8.8', '172.32.0.1', '11.0.0.1', 'redis.example.com', 'localhost.example.com', '2001:db8::1'])(
  '%s may be production',
  (host) => expect(isNearHost(host)).toBe(false),
)

test.each(['134744072', '0x8080808', '::ffff:8.8.8.8', '010.8.8.8'])(
  '%s is another way to write a remote address',
  (host) => expect(isNearHost(host)).toBe(false),
)
