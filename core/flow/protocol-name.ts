/** IP protocol numbers and their names (IANA "Assigned Internet Protocol Numbers"), for those one meets. */
const names: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipip'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, '6in4'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmpv6'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

/** The lower-case name of an IP protocol (0 to 255), or its number in decimal where it has none here. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}
