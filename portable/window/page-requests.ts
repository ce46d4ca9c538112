import { Buffer } from 'node:buffer';
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import type { DevtoolsSession } from './devtools-pipe.ts';
import { fromBrowserAddress, handlerOf } from './protocol.ts';

type Paused = Protocol.Fetch.RequestPausedEvent;

/** Bodies of requests that a page of ours makes are none at all; what is larger is not meant well. */
const maximumBodyCharacters = 1_048_576;

function toRequest(address: string, { method, headers, postData }: Paused['request']): Request {
  const hasBody = postData !== undefined && method !== 'GET' && method !== 'HEAD';
  return new Request(address, { method, headers, ...(hasBody ? { body: postData.slice(0, maximumBodyCharacters) } : {}) });
}

async function fulfil(session: DevtoolsSession, requestId: string, response: Response): Promise<void> {
  await session.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  });
}

/**
 * Answers every request of a page: those of a scheme with its handler, all others with a refusal, so that none leaves the machine.
 * `mayNavigate` is asked before the page goes to another address.
 */
export async function answerRequests(session: DevtoolsSession, mayNavigate: (address: string) => boolean): Promise<void> {
  const answer = async ({ requestId, request, resourceType }: Paused): Promise<void> => {
    const address = fromBrowserAddress(request.url);
    const handler = handlerOf(address);
    if ((resourceType === 'Document' && !mayNavigate(address)) || handler === undefined) {
      await session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      return;
    }
    try {
      await fulfil(session, requestId, await handler(toRequest(address, request)));
    } catch {
      // A handler that fails is a page that does not load, as in Electron.
      await session.send('Fetch.failRequest', { requestId, errorReason: 'Failed' });
    }
  };
  // A page that is gone meanwhile needs no answer.
  session.on('Fetch.requestPaused', (paused) => void answer(paused).catch(() => undefined));
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
}
