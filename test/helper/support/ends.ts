import type { OrientedEnds } from '../../../core/flow/orient.ts';

/** The ends of a TCP connection that this machine began, with what a test is about put over it. */
export function endsOf(part: Partial<OrientedEnds> = {}): OrientedEnds {
  return {
    protocol: 6,
    localAddress: '192.0.2.2',
    localPort: 40_000,
    remoteAddress: '198.51.100.7',
    remotePort: 443,
    local: 'a',
    position: 'this-host',
    ...part,
  };
}
