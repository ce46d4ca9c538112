import type { Coverage, Snapshot } from '../../protocol/app.ts';
import type { Trouble } from '../../protocol/helper.ts';
import { countText, shareText } from '../units.ts';
import { reasonText } from '../words.ts';
import type { LedgerLabel } from './ledger.ts';

/** What a live row, the coverage and a trouble are called. None of it is harmless for a terminal yet. */

function appName(label: LedgerLabel & { readonly kind: 'app' }): string {
  const reason = label.reason === null ? null : reasonText(label.reason);
  if (label.reason === 'kernel') return label.name ?? 'the kernel itself';
  if (label.name === null) return reason === null ? 'unknown' : `unknown (${reason})`;
  const notes = [
    ...(label.processes > 1 ? [`${label.processes} processes`] : []),
    ...(reason === null ? [] : [`inferred: ${reason}`]),
  ];
  return notes.length === 0 ? label.name : `${label.name} (${notes.join('; ')})`;
}

const namelessText = { folded: 'other names', private: 'private mode', 'no-name': 'no name known' } as const;

/** `curl`, `firefox (12 processes)`, `nginx (inferred: by its port)`, `unknown (no socket found)`. */
export function labelText(label: LedgerLabel): string {
  if (label.kind === 'app') return appName(label);
  if (label.kind === 'earlier') return 'others, quiet now';
  return label.domain ?? namelessText[label.reason ?? 'no-name'];
}

/** `98.3 % of bytes attributed exactly; 0 packets dropped`, with what else is worth knowing. */
export function coverageText(coverage: Coverage): string {
  const attributed = coverage.exactBytes + coverage.inferredBytes + coverage.unknownBytes;
  const share = attributed === 0 ? 'no traffic yet' : `${shareText(coverage.exactBytes, attributed)} of bytes attributed exactly`;
  const malformed = coverage.malformedPackets === 0 ? '' : `; ${countText(coverage.malformedPackets)} malformed`;
  return `${share}; ${countText(coverage.droppedPackets)} dropped${malformed}`;
}

/** How many connections carried something in the interval, those without a row of their own too. */
export function connectionCount(snapshot: Snapshot): number {
  return snapshot.connections.length + snapshot.otherConnections.connections;
}

/** A trouble with what to do about it. */
export function troubleText(trouble: Trouble): string {
  const subject = trouble.subject === '' || trouble.message.includes(trouble.subject) ? '' : `${trouble.subject}: `;
  return `${subject}${trouble.message}${trouble.remedy === '' ? '' : ` → ${trouble.remedy}`}`;
}
