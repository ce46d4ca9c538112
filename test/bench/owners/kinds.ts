import { clientAddresses, linkName, peerAddresses } from '../../scenario/harness/namespace.ts';

/** One kind of traffic: what `generate` is asked for, and where its bytes are counted. */
export interface Kind {
  readonly name: string;
  /** Words of `generate`: kind, address, bytes, and what that kind alone needs. */
  readonly words: readonly string[];
  /**
   * `client`: a process beside Tidewatch, over the link. `loopback`: the same, but no byte leaves. `container`: a process in a
   * network namespace and a control group of its own, behind NAT. `brief`: `spawn` starts many processes.
   */
  readonly place: 'client' | 'loopback' | 'container' | 'brief';
}

const bulk = '8000000';
const packets = '2400000';
const four = peerAddresses.com;
const six = peerAddresses.comSix;

function kind(name: string, words: readonly string[], place: Kind['place'] = 'client'): Kind {
  return { name, words, place };
}

/** The 24 kinds. `peerHardware` is the link-layer address of the peer's end of the link. */
export function allKinds(peerHardware: string): readonly Kind[] {
  return [
    kind('bulk TCP down', ['tcp-down', four, bulk]),
    kind('bulk TCP up', ['tcp-up', four, bulk]),
    kind('bulk TCP both ways', ['tcp-both', four, bulk]),
    kind('UDP up', ['udp-up', four, packets]),
    kind('ICMP echo with payload', ['icmp-echo', four, '600000']),
    kind('UDP/443', ['udp-quic', four, packets]),
    kind('IPv6 TCP', ['tcp-up', six, bulk]),
    kind('SCTP', ['sctp-up', four, '1000000']),
    kind('small UDP/53 flood', ['udp-dns', four, '400000']),
    kind('raw IP protocol 253', ['raw-protocol', four, packets]),
    kind('short-lived processes', ['50', '10000', four, '20000'], 'brief'),
    kind('AF_PACKET injection', ['packet-frames', four, packets, `${linkName} ${peerHardware} ${clientAddresses.one}`]),
    kind('io_uring send', ['ring-send', four, bulk]),
    kind('sendfile', ['tcp-sendfile', four, bulk]),
    kind('sendmmsg', ['udp-sendmmsg', four, packets]),
    kind('loopback only', ['loopback', '127.0.0.1', bulk], 'loopback'),
    kind('container behind NAT', ['tcp-up', four, bulk], 'container'),
    kind('slow drip', ['tcp-slow', four, '8000']),
    kind('many small TCP connections', ['tcp-many', four, '400000']),
    kind('parallel burst', ['tcp-burst', four, bulk]),
    kind('io_uring receive', ['ring-receive', four, bulk]),
    kind('splice', ['tcp-splice', four, bulk]),
    kind('recvmmsg', ['udp-recvmmsg', four, packets]),
    kind('IPv6 UDP down', ['udp-down', six, packets]),
  ];
}
