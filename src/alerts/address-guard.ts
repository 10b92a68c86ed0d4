import type { LookupAddress, LookupAllOptions, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** What no webhook may be, wherever it is: the machine's own network, where clouds give out credentials, and groups. */
const NEVER = blockList([
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['ff00::', 8],
])

/** What is not in the internet. Source: https://www.iana.org/assignments/iana-ipv4-special-registry */
const NOT_PUBLIC_4 = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['240.0.0.0', 4],
])

/** Of IPv6 only this is in the internet. Source: https://www.iana.org/assignments/iana-ipv6-special-registry */
const PUBLIC_6 = blockList([['2000::', 3]])
/** But for this of it: ways to addresses of IPv4, and what stands in books. */
const NOT_PUBLIC_6 = blockList([
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])

/** Whether an address may be called. `isPrivate`: also one of the gateway's own network. */
export function mayCall(address: string, isPrivate: boolean): boolean {
  const family = isIP(address)
  if (family === 0) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  // An address of IPv4 in the clothes of IPv6 is looked at as what it is.
  if (NEVER.check(address, type)) return false
  if (isPrivate) return true
  if (family === 4) return !NOT_PUBLIC_4.check(address, type)
  return PUBLIC_6.check(address, type) && !NOT_PUBLIC_6.check(address, type)
}

/** An address that may not be called. */
export class ForbiddenAddress extends Error {
  readonly code = 'FORBIDDEN_ADDRESS'

  constructor() {
    super(
      'its name leads to an address that is not in the internet; "allow_private: true" is for those of the own network',
    )
  }
}

/**
 * Resolves names for sockets, to addresses that may be called. What it gives is what is connected to, so that a name
 * which is first good and then bad helps nobody. All of a name's addresses have to be good.
 */
export function guardedLookup(isPrivate: boolean, resolve: Resolve = lookup): LookupFunction {
  return (hostname: string, options: LookupOptions, callback): void => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const areGood = addresses.length > 0 && addresses.every(({ address }) => mayCall(address, isPrivate))
      const [first] = addresses
      if (!areGood || !first) return callback(new ForbiddenAddress(), [])
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

function blockList(subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4')
  return list
}
