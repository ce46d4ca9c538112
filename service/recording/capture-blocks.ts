import { readHeaderRecords } from '../../core/flow/header-records.ts';
import type { HeaderRecord } from '../../core/flow/header-records.ts';
import type { PacketHeaders } from '../../protocol/helper.ts';
import { version } from '../version.ts';
import type { FlowLabels } from './flow-labels.ts';
import { interfaceBlock, packetBlock, sectionBlock } from './pcapng.ts';

/** Interfaces of one file, most: what comes from others is left out. */
const maximumInterfaces = 1024;

/** Which packets may be written down. */
export interface BlockRules {
  readonly labels: Pick<FlowLabels, 'commentOf'>;
  /** Whether what was seen then (milliseconds since 1970) may be told. */
  readonly mayTell: (time: number) => boolean;
}

/** The blocks of one capture file, from the headers that the helper tells. */
export class CaptureBlocks {
  readonly #rules: BlockRules;
  readonly #interfaces = new Map<string, number>();

  constructor(rules: BlockRules) {
    this.#rules = rules;
  }

  /** The first block. */
  begin(): Buffer {
    return sectionBlock(`Tidewatch ${version}`);
  }

  /** Interfaces that are new, and one block for each packet that may be told. Throws RangeError where the records are damaged. */
  *of(message: PacketHeaders): Generator<{ readonly block: Buffer; readonly kind: 'interface' | 'packet' }, void, void> {
    for (const record of readHeaderRecords(Buffer.from(message.records, 'base64'))) {
      const comment = this.#commentOf(record);
      if (comment === null) continue;
      const key = `${message.linkType} ${message.interface}`;
      let number = this.#interfaces.get(key);
      if (number === undefined) {
        if (this.#interfaces.size >= maximumInterfaces) return;
        number = this.#interfaces.size;
        this.#interfaces.set(key, number);
        yield { kind: 'interface', block: interfaceBlock({ name: message.interface, linkType: message.linkType }) };
      }
      yield { kind: 'packet', block: packetBlock({ ...record, interface: number, kept: record.headers, comment }) };
    }
  }

  #commentOf({ flow, seconds, nanoseconds }: HeaderRecord): string | null {
    return this.#rules.mayTell(seconds * 1000 + nanoseconds / 1e6) ? this.#rules.labels.commentOf(flow) : null;
  }
}
