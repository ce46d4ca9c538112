import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';

/** What was answered to one request, with exactly these headers. */
export async function get(address: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<{ readonly status: number; readonly body: string }> {
  const sent = request(address, { method, headers, agent: false });
  sent.end();
  const reply = Promise.withResolvers<{ readonly status: number; readonly body: string }>();
  sent.on('error', reply.reject);
  sent.on('response', (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => reply.resolve({ status: response.statusCode ?? 0, body }));
  });
  return reply.promise;
}

/** The samples of one metric: its labels as they are written → its value. */
export function samples(text: string, name: string): Readonly<Record<string, number>> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(lines.map((line) => {
    const cut = line.lastIndexOf(' ');
    return [line.slice(name.length, cut), Number(line.slice(cut + 1))];
  }));
}

/** What `promtool check metrics` (of Debian's package prometheus) says. */
export async function promtool(text: string): Promise<{ readonly code: number | null; readonly said: readonly string[] }> {
  const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  child.stdin.end(text);
  await once(child, 'close');
  return { code: child.exitCode, said: said.split('\n').filter((line) => line !== '') };
}
