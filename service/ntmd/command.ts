import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** What a client of ntmd asks for. */
export type NtmdCommand =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'live' }
  | { readonly kind: 'live-text' }
  | { readonly kind: 'traffic-daily' }
  | { readonly kind: 'traffic'; readonly from: EpochMs; readonly to: EpochMs | null };

export type NtmdRequest = { readonly kind: 'command'; readonly command: NtmdCommand } | { readonly kind: 'refused'; readonly reason: string };

const commands = 'snapshot, live, live-text, traffic-daily, traffic-since T, traffic-between T T';

function refused(reason: string): NtmdRequest {
  return { kind: 'refused', reason };
}

/** Seconds since 1970, as a client writes them; null where they are none. */
function secondsIn(text: string | undefined): EpochMs | null {
  return text !== undefined && /^\d{1,12}$/u.test(text) ? epochMs(Number(text) * 1000) : null;
}

/** What one line asks for. */
export function parseCommand(line: string): NtmdRequest {
  const [name = '', first, second, ...rest] = line.trim().split(/\s+/u);
  switch (name) {
    case 'snapshot':
    case 'live':
    case 'live-text':
    case 'traffic-daily':
      return { kind: 'command', command: { kind: name } };
    case 'traffic-since': {
      const from = secondsIn(first);
      if (from === null) return refused('traffic-since needs one time in seconds since 1970, such as: traffic-since 1672549200');
      return { kind: 'command', command: { kind: 'traffic', from, to: null } };
    }
    case 'traffic-between': {
      const [from, to] = [secondsIn(first), secondsIn(second)];
      if (from === null || to === null || rest.length > 0) return refused('traffic-between needs two times in seconds since 1970');
      if (from >= to) return refused('traffic-between needs the earlier time first');
      return { kind: 'command', command: { kind: 'traffic', from, to } };
    }
    default:
      return refused(`unknown command; known are: ${commands}`);
  }
}
