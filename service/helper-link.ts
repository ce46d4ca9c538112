import type { Socket } from 'node:net';
import { HeardFlows } from '../core/flow/told-flows.ts';
import { HelperLine, helperProtocolVersion, maximumLineBytes } from '../protocol/helper.ts';
import type { FlowAgain, HelperCommand, HelperMessage } from '../protocol/helper.ts';
import { errorCode } from './error-code.ts';
import { linesOf } from './lines.ts';
import { ServiceError } from './service-error.ts';
import { connectedSocket } from './unix-socket.ts';
import { version } from './version.ts';

export type HelperHello = Extract<HelperMessage, { kind: 'hello' }>;

/** A connection to the helper after the greeting. */
export interface HelperLink {
  /** Who the helper is: another `pid` or `startedAt` than before means that its flow numbers began again. */
  readonly hello: HelperHello;
  /**
   * What the helper says, each message parsed; taken one by one, so that a service that is busy slows the helper down
   * and not itself. Ends when the helper closes. Throws {@link HelperLinkBroken} at a line that is no message.
   */
  readonly messages: AsyncIterator<HelperMessage, void, void>;
  send(command: HelperCommand): void;
  close(): void;
}

/** The connection to the helper cannot be used further; the helper itself may be well. */
export class HelperLinkBroken extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HelperLinkBroken';
  }
}

/** The helper speaks once a second; after so long a silence it hangs, and a new one is better. */
const longestSilenceMs = 15_000;

function parseLine(line: string): HelperLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new HelperLinkBroken('the helper sent a line that is not JSON', { cause: error });
  }
  const message = HelperLine.safeParse(value);
  if (message.success) return message.data;
  const [issue] = message.error.issues;
  throw new HelperLinkBroken(`the helper sent a malformed message (${issue?.path.join('.')}: ${issue?.message})`, { cause: message.error });
}

function completed(rows: readonly FlowAgain[], heard: HeardFlows): HelperMessage {
  const flows = rows.map((row) => {
    const delta = heard.complete(row);
    if (delta === null) throw new HelperLinkBroken(`the helper told again of flow ${row[0]}, which it never described`);
    return delta;
  });
  return { kind: 'flows', flows };
}

/** What a line says in full. */
function messageOf(line: HelperLine, heard: HeardFlows): HelperMessage {
  if (line.kind === 'again') return completed(line.flows, heard);
  if (line.kind === 'flows') heard.hear(line.flows);
  return line;
}

/** Every way in which the stream can break is a broken link; that the helper closed it is its end. */
async function* messagesOf(socket: Socket): AsyncGenerator<HelperMessage, void, void> {
  const heard = new HeardFlows();
  try {
    for await (const line of linesOf(socket, maximumLineBytes)) yield messageOf(parseLine(line), heard);
  } catch (error) {
    if (error instanceof HelperLinkBroken) throw error;
    throw new HelperLinkBroken(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function connected(socketPath: string): Promise<Socket | null> {
  try {
    return await connectedSocket(socketPath);
  } catch (error) {
    const reason = errorCode(error) ?? String(error);
    throw new ServiceError('helper-refused', `cannot connect to the helper at ${socketPath} (${reason}); was it started for another user?`, {
      cause: error,
    });
  }
}

function accepted(first: HelperMessage | null): HelperHello {
  if (first === null) throw new HelperLinkBroken('the helper closed the connection without a greeting');
  if (first.kind === 'refused') throw new ServiceError('helper-refused', `the helper refused this service: ${first.reason}`);
  if (first.kind !== 'hello') throw new HelperLinkBroken(`the helper began with "${first.kind}" instead of a greeting`);
  if (first.protocol === helperProtocolVersion) return first;
  throw new ServiceError(
    'helper-refused',
    `the running helper (pid ${first.pid}, version ${first.version}) speaks protocol ${first.protocol}, not ${helperProtocolVersion}; end it with: sudo kill ${first.pid}`,
  );
}

async function greet(socket: Socket): Promise<HelperLink> {
  const messages = messagesOf(socket);
  const send = (command: HelperCommand): void => {
    if (socket.writable) socket.write(`${JSON.stringify(command)}\n`);
  };
  send({ kind: 'hello', protocol: helperProtocolVersion, version });
  const first = await messages.next();
  const hello = accepted(first.done === true ? null : first.value);
  return { hello, messages, send, close: () => void socket.destroy() };
}

/**
 * Connects to the helper that listens on `socketPath`; null where nobody does. Throws {@link ServiceError}
 * 'helper-refused' where the helper says no or speaks another version, {@link HelperLinkBroken} where it speaks
 * something else.
 */
export async function openHelperLink(socketPath: string): Promise<HelperLink | null> {
  const socket = await connected(socketPath);
  if (socket === null) return null;
  // A stream that is destroyed with an error hands it to whoever reads it; without a listener it would be thrown as well.
  socket.on('error', () => undefined);
  socket.setTimeout(longestSilenceMs, () => socket.destroy(new HelperLinkBroken('the helper has been silent for 15 seconds')));
  try {
    return await greet(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
