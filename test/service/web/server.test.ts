import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { ServiceError } from '../../../service/service-error.ts';
import { connectOverWeb } from '../../../service/web/client.ts';
import { WebServer } from '../../../service/web/server.ts';
import { appContractSuite, readOnlySuite } from '../app-contract.ts';
import type { ContractStage } from '../app-contract.ts';
import { hostileSuite } from '../app-hostile.ts';
import type { Rights } from '../../../protocol/app.ts';
import { ask, cookieOf, openHostile, openWeb, upgradeStatus } from './stage.ts';

async function overWeb(rights: Rights = 'control'): Promise<ContractStage> {
  const stage = await openWeb(rights);
  const client = await connectOverWeb(stage.web.address);
  return {
    feed: stage.feed,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await stage[Symbol.asyncDispose]();
    },
  };
}

describe('the app API over a WebSocket', () => {
  appContractSuite(overWeb);
  readOnlySuite(overWeb);
});

describe('the app API over a WebSocket, to those who do not keep to it,', () => {
  hostileSuite(openHostile);

  it('ends a connection that sends something else than text', async () => {
    await using stage = await openWeb();
    const headers = { Authorization: `Bearer ${stage.web.token}` };
    const socket = new WebSocket(`ws://127.0.0.1:${stage.web.port}/api`, { headers });
    await once(socket, 'open');
    socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"identify"}'));
    await once(socket, 'close');
  });
});

describe('the WebSocket is opened', () => {
  const wrong = 'x'.repeat(43);

  it('to a program with the token, and to the own page with the cookie', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const cookie = await cookieOf(stage);
    const own = `http://127.0.0.1:${port}`;
    assert.equal(await upgradeStatus(port, { Authorization: `Bearer ${token}` }), 101);
    assert.equal(await upgradeStatus(port, { Cookie: cookie, Origin: own }), 101);
    assert.equal(await upgradeStatus(port, { Cookie: cookie, Origin: own, 'Sec-Fetch-Site': 'same-origin' }), 101);
    const named = { Host: `localhost:${port}`, Origin: `http://localhost:${port}` };
    assert.equal(await upgradeStatus(port, { ...named, Cookie: cookie }), 101);
  });

  it('to nobody without the token, or with a wrong one', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const cookie = await cookieOf(stage);
    const own = `http://127.0.0.1:${port}`;
    const refused = [
      {},
      { Origin: own },
      { Authorization: `Bearer ${wrong}` },
      { Authorization: `Bearer ${token}x` },
      { Authorization: 'Bearer ' },
      { Authorization: token },
      { Authorization: `Bearer ${'x'.repeat(5000)}` },
      { Origin: own, Cookie: `tidewatch-${port}=${wrong}` },
      { Origin: own, Cookie: `tidewatch-${port}=${token}` },
      { Origin: own, Cookie: cookie.replace(String(port), '1') },
      // A cookie without an origin is no page's.
      { Cookie: cookie },
    ];
    for (const headers of refused) assert.equal(await upgradeStatus(port, headers), 401, JSON.stringify(headers));
  });

  it('to no page of another origin, whatever it brings', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const cookie = await cookieOf(stage);
    const foreign: readonly string[] = ['http://127.0.0.1', `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`, `http://localhost:${port}`, 'http://evil.example', 'null', ''];
    for (const Origin of foreign) {
      assert.equal(await upgradeStatus(port, { Origin, Cookie: cookie, Authorization: `Bearer ${token}` }), 403, Origin);
    }
    for (const site of ['same-site', 'cross-site', 'none']) {
      const headers = { Origin: `http://127.0.0.1:${port}`, Cookie: cookie, 'Sec-Fetch-Site': site };
      assert.equal(await upgradeStatus(port, headers), 403, site);
    }
  });

  it('under no name but its own: a name that was made to point here is a foreign one', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const foreign = ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`, `127.0.0.1.evil.example:${port}`, `0.0.0.0:${port}`, `[::1]:${port}`];
    for (const Host of foreign) {
      const headers = { Host, Origin: `http://${Host}`, Authorization: `Bearer ${token}` };
      assert.equal(await upgradeStatus(port, headers), 421, Host);
      assert.equal((await ask(port, '/', { Host })).status, 421, Host);
      assert.equal((await ask(port, '/session', headers, 'POST')).status, 421, Host);
    }
  });

  it('at one path', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    for (const path of ['/', '/api/', '/api?x', '/../api']) assert.equal(await upgradeStatus(port, { Authorization: `Bearer ${token}` }, path), 404, path);
  });
});

describe('the token', () => {
  it('is 256 random bits, other each time, and stands where browsers send it to nobody', async () => {
    await using one = await openWeb();
    await using other = await openWeb();
    assert.equal(Buffer.from(one.web.token, 'base64url').length, 32);
    assert.notEqual(one.web.token, other.web.token);
    assert.equal(one.web.address, `http://127.0.0.1:${one.web.port}/#${one.web.token}`);
  });

  it('is exchanged for a cookie that scripts cannot read and that goes to this site only', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const headers = { Origin: `http://127.0.0.1:${port}`, Authorization: `Bearer ${token}` };
    const { status, headers: answered } = await ask(port, '/session', headers, 'POST');
    assert.equal(status, 204);
    assert.match(answered['set-cookie']?.[0] ?? '', /^tidewatch-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u);
    assert.ok(!answered['set-cookie']?.[0]?.includes(token));
  });

  it('is exchanged for nobody else', async () => {
    await using stage = await openWeb();
    const { port, token } = stage.web;
    const own = { Origin: `http://127.0.0.1:${port}` };
    const bearer = { Authorization: `Bearer ${token}` };
    assert.equal((await ask(port, '/session', { ...own, ...bearer }, 'GET')).status, 405);
    assert.equal((await ask(port, '/session', own, 'POST')).status, 401);
    assert.equal((await ask(port, '/session', { ...own, Authorization: 'Bearer x' }, 'POST')).status, 401);
    assert.equal((await ask(port, '/session', bearer, 'POST')).status, 403);
    assert.equal((await ask(port, '/session', { ...bearer, Origin: 'http://evil.example' }, 'POST')).status, 403);
    assert.equal((await ask(port, '/session', { ...own, ...bearer, 'Sec-Fetch-Site': 'same-site' }, 'POST')).status, 403);
    assert.equal((await ask(port, '/session', { ...own, ...bearer, 'Content-Length': '10000000' }, 'POST')).status, 413);
  });
});

describe('the page', () => {
  it('comes under the strictest policy, and holds no secret', async () => {
    await using stage = await openWeb();
    const { body: page } = await ask(stage.web.port, '/');
    const parts = [...page.matchAll(/(?:src|href)="\.(\/[^"]+)"/gu)].map((match) => match[1] ?? '');
    assert.ok(parts.some((path) => path.endsWith('.js')) && parts.some((path) => path.endsWith('.css')), 'the page names its scripts and styles');
    for (const path of ['/', ...parts]) {
      const { status, headers, body } = await ask(stage.web.port, path);
      assert.equal(status, 200, path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/u);
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/u);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.ok(!body.includes(stage.web.token));
    }
  });

  it('is shown to a person who opens it, and is no part of another page', async () => {
    await using stage = await openWeb();
    const { port } = stage.web;
    const status = async (site: string, mode: string, dest: string): Promise<number> =>
      (await ask(port, '/', { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest })).status;
    assert.equal(await status('none', 'navigate', 'document'), 200);
    assert.equal(await status('cross-site', 'navigate', 'document'), 200);
    assert.equal(await status('same-site', 'navigate', 'iframe'), 403);
    assert.equal(await status('same-site', 'no-cors', 'script'), 403);
    assert.equal(await status('cross-site', 'cors', 'empty'), 403);
  });

  it('is the only thing that there is to read', async () => {
    await using stage = await openWeb();
    for (const path of ['/../package.json', '/%2e%2e/server.ts', '/page.js?x', '/__proto__', '/constructor', '//etc/passwd', '/page']) {
      assert.equal((await ask(stage.web.port, path)).status, 404, path);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal((await ask(stage.web.port, '/', {}, method)).status, 405, method);
  });

  it('is served on loopback only', async () => {
    await using stage = await openWeb();
    const socket = connect({ host: '127.0.0.2', port: stage.web.port });
    await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/u);
  });

  it('is not served on a port that is taken: it says so in one line', async () => {
    await using stage = await openWeb();
    const again = WebServer.listen({ port: stage.web.port, rights: 'read' }, stage.ports);
    await assert.rejects(again, (error) => error instanceof ServiceError && error.code === 'web-unavailable' && /EADDRINUSE/u.test(error.message));
  });
});

describe('a request that is too large', () => {
  it('ends in its head: 8 kB of headers are enough for anybody', async () => {
    await using stage = await openWeb();
    assert.equal((await ask(stage.web.port, '/', { 'X-Filler': 'x'.repeat(20_000) })).status, 431);
    assert.equal((await ask(stage.web.port, `/${'x'.repeat(20_000)}`)).status, 431);
  });
});
