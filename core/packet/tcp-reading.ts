import type { NameSeen } from '../../protocol/flow.ts';
import { DnsConversation } from './dns-reading.ts';
import type { HttpSeen } from './http-seen.ts';
import type { HttpHead } from './http-stream.ts';
import { nothing } from './reading.ts';
import type { BelievedAnswers, PayloadClue, Reading, Told } from './reading.ts';
import { TcpDirection } from './tcp-direction.ts';
import type { TcpFinding } from './tcp-direction.ts';
import type { ClientHello } from './tls-client-hello.ts';

const portDns = 53;

/** Requests that wait for their response on one connection; browsers do not pipeline. */
const maximumOpenRequests = 64;

type Request = Pick<HttpSeen, 'host' | 'method' | 'section'>;

function helloName(hello: ClientHello, { flow, time }: PayloadClue): readonly NameSeen[] {
  if (hello.name === null) return [];
  const { name, encryptedClientHello } = hello;
  return [{ kind: 'flow', flow, source: 'tls-sni', name, time, encryptedClientHello }];
}

/** Reads one TCP connection. Either side may be the client: the capture may have begun in its middle. */
export class TcpReading implements Reading {
  readonly #ab: TcpDirection;
  readonly #ba: TcpDirection;
  readonly #dns: DnsConversation;
  /** Null in the place of a request without a host: its response is not counted. */
  readonly #openRequests: (Request | null)[] = [];
  #toldHello = false;

  constructor({ ends }: PayloadClue, believed: BelievedAnswers) {
    const expected = ends.aPort === portDns || ends.bPort === portDns ? 'dns' : 'any';
    this.#ab = new TcpDirection(expected);
    this.#ba = new TcpDirection(expected);
    this.#dns = new DnsConversation(believed);
  }

  get heldBytes(): number {
    return this.#ab.heldBytes + this.#ba.heldBytes;
  }

  get isDone(): boolean {
    return this.#toldHello || (this.#ab.isDone && this.#ba.isDone);
  }

  read(clue: PayloadClue): Told {
    const [speaker, listener] = clue.direction === 'ab' ? [this.#ab, this.#ba] : [this.#ba, this.#ab];
    const findings = [...speaker.push(clue), ...listener.answered()];
    if (findings.length === 0) return nothing;
    const told = findings.map((finding) => this.#tell(finding, clue));
    return { names: told.flatMap(({ names }) => [...names]), http: told.flatMap(({ http }) => [...http]) };
  }

  #tell(finding: TcpFinding, clue: PayloadClue): Told {
    if (finding.kind === 'head') return this.#tellHead(finding.head, clue);
    if (finding.kind === 'dns') return { names: this.#dns.names(finding.message, clue), http: [] };
    this.#toldHello = true;
    return { names: helloName(finding.hello, clue), http: [] };
  }

  #tellHead(head: HttpHead, { flow, time }: PayloadClue): Told {
    if (head.kind === 'response') {
      // An interim response (RFC 9110 15.2) is followed by the one that counts.
      const request = head.status < 200 ? null : (this.#openRequests.shift() ?? null);
      if (request === null) return nothing;
      return { names: [], http: [{ kind: 'response', flow, time, ...request, status: head.status }] };
    }
    const { host, method, section } = head;
    if (this.#openRequests.length < maximumOpenRequests) this.#openRequests.push(host === null ? null : { host, method, section });
    if (host === null) return nothing;
    return {
      names: [{ kind: 'flow', flow, source: 'http-host', name: host, time, encryptedClientHello: false }],
      http: [{ kind: 'request', flow, time, host, method, section, status: null }],
    };
  }
}
