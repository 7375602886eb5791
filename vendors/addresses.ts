import { BlockList, isIP } from 'node:net';

/** Says which addresses may be asked when the address came from outside. */
export interface AddressRules {
  /** Why an IP address may not be asked; undefined when it may. */
  whyNot(ip: string): string | undefined;
  /** Whether any network that is not public is allowed, so that a private name may lead to one. */
  allowsPrivate: boolean;
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and two that clouds give their own machines. */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  '168.63.129.16/32',
];

/** NAT64: an IPv4 address behind it is as public as by itself. https://www.rfc-editor.org/rfc/rfc6052 */
const nat64 = '64:ff9b::';

/** Only 2000::/3 is given out; inside it these are not: https://www.iana.org/assignments/iana-ipv6-special-registry */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const special = networksIn([...special4, ...special6, ...special4.map(behindNat64)]);
// `::ffff:8.8.8.8` is compared with the rules of IPv4.
const given = networksIn(['2000::/3', `${nat64}/96`, '::ffff:0:0/96']);

function behindNat64(network: string): string {
  const [address, bits] = network.split('/');
  return `${nat64}${address}/${96 + Number(bits)}`;
}

/** Rules that let public addresses pass, and those of the networks that the configuration allows. */
export function addressRules(allowed: readonly string[] = []): AddressRules {
  const permitted = networksIn(allowed);
  return {
    allowsPrivate: allowed.length > 0,
    whyNot: (ip) => {
      const isPublic = !holds(special, ip) && (isIP(ip) === 4 || holds(given, ip));
      return isPublic || holds(permitted, ip) ? undefined : `the address ${ip} is not public`;
    },
  };
}

/** Whether an IP address is in one of the networks. */
export const holds = (networks: BlockList, ip: string): boolean => networks.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');

/** A `BlockList` of these networks and addresses. */
export function networksIn(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return list;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

/** Names that only mean something inside a network; a cloud's metadata service has one, and so have its clusters. */
const privateName =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|lan|home|home\.arpa|svc|cluster\.local)$/;

/** Whether a host, as a URL has it, is a name that no public DNS answers for. */
export function isPrivateName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || privateName.test(name);
}

/** Why an address may not be asked, as far as it can be said without resolving its name. */
export function whyNotUrl({ hostname }: URL, rules: AddressRules): string | undefined {
  const host = bareHost(hostname);
  if (isIP(host) !== 0) return rules.whyNot(host);
  return isPrivateName(host) && !rules.allowsPrivate ? privateNameText(host) : undefined;
}

export const privateNameText = (host: string): string => `${host} is a name of a private network`;

/** A host without the brackets that a URL puts around IPv6. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');
