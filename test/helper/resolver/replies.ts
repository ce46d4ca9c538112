/** What systemd-resolved sends to who monitors it, put together from bytes. */

function wireName(name: string): number[] {
  return [...name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]), 0];
}

function record(owner: string, type: number, ttlSeconds: number, data: readonly number[]): string {
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(ttlSeconds);
  return Buffer.from([...wireName(owner), 0, type, 0, 1, ...ttl, data.length >> 8, data.length & 0xff, ...data]).toString('base64');
}

/** An A or AAAA record in wire format, as base64. */
export function addressRecord(owner: string, address: readonly number[], ttlSeconds = 60): string {
  return record(owner, address.length === 4 ? 1 : 28, ttlSeconds, address);
}

/** A CNAME record. */
export function aliasRecord(owner: string, target: string, ttlSeconds = 60): string {
  return record(owner, 5, ttlSeconds, wireName(target));
}

export interface ReplySketch {
  readonly question: readonly string[];
  readonly collectedQuestions?: readonly string[];
  readonly answer: readonly string[];
  readonly state?: string;
}

/** One reply as JSON text, without the zero byte that ends it. */
export function replyOf({ question, collectedQuestions = [], answer, state = 'success' }: ReplySketch): string {
  const key = (name: string): object => ({ class: 1, type: 1, name });
  return JSON.stringify({
    parameters: {
      state,
      question: question.map(key),
      ...(collectedQuestions.length > 0 ? { collectedQuestions: collectedQuestions.map(key) } : {}),
      answer: answer.map((raw) => ({ rr: {}, raw, ifindex: 2 })),
    },
    continues: true,
  });
}
