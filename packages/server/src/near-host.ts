import { BlockList, isIP } from 'node:net'

/** This machine and private networks. */
const NEAR: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]

/**
 * Whether a host that a user names is this machine, in a private network, or a bare name such as that of a service in a
 * compose file. Anything else may be production.
 */
export function isNearHost(host: string): boolean {
  const family = isIP(host)
  if (family !== 0) {
    const near = new BlockList()
    for (const [network, prefix, of] of NEAR) near.addSubnet(network, prefix, of)
    return near.check(host, family === 4 ? 'ipv4' : 'ipv6')
  }
  // `134744072` and `0x8080808` are names without a dot, and the resolver reads them as 8.8.8.8.
  return !host.includes('.') && !host.includes(':') && !/^(\d+|0x[\da-f]+)$/i.test(host)
}
