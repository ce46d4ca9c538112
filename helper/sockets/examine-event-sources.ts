import type { Finding } from '../../protocol/examination.ts';
import { OwnerMapError, openOwnerMap } from '../native/ebpf/index.ts';
import { ProcessEventsError, openProcessEvents } from '../native/process-events/index.ts';
import { remedyForOwnerMap, remedyForProcessEvents } from './event-sources.ts';
import type { SourceLimit } from './owner-source.ts';

function limited(subject: string, { message, remedy }: SourceLimit): Finding {
  return { subject, state: 'limited', message: message.replace(/\s+/gu, ' '), remedy };
}

/** What the programs that need the kernel's type information would tell, where they cannot be attached. */
function withoutUsers(): SourceLimit {
  return {
    message: 'accepted and inherited sockets are told by who opened them: the kernel has no type information or no such tracepoint',
    remedy: 'use Linux 6.3 or later with CONFIG_DEBUG_INFO_BTF, and start the helper with CAP_PERFMON',
  };
}

function examineOwnerMap(): Finding {
  const subject = 'owner source: eBPF owner map';
  try {
    const map = openOwnerMap();
    const groups = map.groups();
    map.close();
    if (!groups.includes('users')) return limited(subject, withoutUsers());
    return { subject, state: 'works', message: `its programs load and attach (${groups.join(', ')})`, remedy: '' };
  } catch (error) {
    if (error instanceof OwnerMapError) return limited(subject, remedyForOwnerMap(error));
    throw error;
  }
}

function examineProcessEvents(): Finding {
  const subject = 'owner source: process events';
  try {
    openProcessEvents().close();
    return { subject, state: 'works', message: 'the kernel tells of births and ends', remedy: '' };
  } catch (error) {
    if (error instanceof ProcessEventsError) return limited(subject, remedyForProcessEvents(error));
    throw error;
  }
}

/** What of the event-driven owner sources works here, found by opening and closing them. */
export function examineEventSources(): readonly Finding[] {
  return [examineOwnerMap(), examineProcessEvents()];
}
