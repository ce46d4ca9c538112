import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectToService } from '../../service/index.ts';
import type { Alert, AppClient, LiveEvent } from '../../protocol/app.ts';
import { createNetwork, linkName, peerAddresses } from './harness/namespace.ts';
import type { Network } from './harness/namespace.ts';
import type { Program } from './harness/program.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { install, startTidewatch } from './harness/tidewatch.ts';
import type { Installation } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

const MB = 1_000_000;

/** A service, and everything that it told of alerts. */
class AlertScene implements AsyncDisposable {
  readonly installation: Installation;
  readonly client: AppClient;
  readonly told: Extract<LiveEvent, { kind: 'alert' }>[] = [];
  readonly #service: Program;

  private constructor(installation: Installation, service: Program, client: AppClient) {
    this.installation = installation;
    this.#service = service;
    this.client = client;
    void this.#follow();
  }

  static async open(network: Network, settings: object): Promise<AlertScene> {
    const installation = install(network);
    writeSettings(installation, settings);
    const service = startTidewatch(installation, ['serve', '--interface', linkName]);
    await until('the service to measure', 20_000, () => {
      if (!service.running) throw new Error(`serve ended: ${service.stderr}`);
      return service.stdout.includes('measures');
    });
    const client = await until('the service to listen', 5000, () => connectToService(installation.environment['TIDEWATCH_SOCKET'] ?? ''));
    return new AlertScene(installation, service, client);
  }

  /** The alerts of a kind in the history, the oldest first. */
  async kept(kind: Alert['kind']): Promise<readonly Alert[]> {
    const { alerts } = await this.client.query('alerts', { kind, limit: 100 });
    return alerts.toReversed();
  }

  shown(kind: Alert['kind']): readonly Alert[] {
    return this.told.filter(({ act, alert }) => act === 'show' && alert.kind === kind).map(({ alert }) => alert);
  }

  async used(): Promise<number> {
    const { plans } = await this.client.query('plans', {});
    return plans[0]?.usedBytes ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.#service.kill('SIGTERM');
    await this.#service.ended;
  }

  async #follow(): Promise<void> {
    for await (const event of this.client.live()) if (event.kind === 'alert') this.told.push(event);
  }
}

/** The file of the settings, written whole as an editor would. */
function writeSettings({ folder }: Installation, settings: object): void {
  mkdirSync(`${folder}/.config/tidewatch`, { recursive: true });
  const file = `${folder}/.config/tidewatch/settings.json`;
  writeFileSync(`${file}.new`, JSON.stringify(settings));
  renameSync(`${file}.new`, file);
}

const plan = { name: 'Trial', network: null, capBytes: 10 * MB, cycle: { kind: 'monthly', day: 1 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [80, 100] };

/** Hours of the local clock that are now, or are not. */
function hoursAround(now: Date): string {
  const two = (value: number): string => String((value + 24) % 24).padStart(2, '0');
  return `${two(now.getHours() - 1)}:00-${two(now.getHours() + 2)}:00`;
}

describe('alerts of real traffic', scenarioOptions(240_000), () => {
  let network: Network;
  before(() => {
    network = createNetwork();
  });
  after(() => network[Symbol.dispose]());

  /** Sends to a server that is there for this only. */
  async function iperf(words: readonly string[]): Promise<void> {
    const server = network.peer.start('iperf3', ['--server', '--one-off', '--forceflush']);
    await until('iperf3 to listen', 5000, () => server.stdout.includes('listening'));
    const client = await network.client.run('iperf3', ['--client', peerAddresses.com, ...words]);
    assert.equal(client.code, 0, client.stderr);
    await server.ended;
  }

  /** Sends so much, and waits until the plan has it. */
  async function send(scene: AlertScene, bytes: number): Promise<void> {
    const before = await scene.used();
    await iperf(['--bytes', String(bytes), '--bitrate', '40M']);
    await until('the plan to have it', 15_000, async () => (await scene.used()) >= before + bytes || null);
  }

  it('a plan that passes 80 % and then 100 % is told twice, and not more', async () => {
    await using scene = await AlertScene.open(network, { plans: { list: [plan] }, alerts: { firstSeen: false } });
    await send(scene, 5 * MB);
    assert.deepEqual(await scene.kept('plan'), []);
    await send(scene, 3.5 * MB);
    await until('80 % to be told', 10_000, () => scene.shown('plan').length === 1);
    await send(scene, 3 * MB);
    await until('100 % to be told', 10_000, () => scene.shown('plan').length === 2);
    await send(scene, 3 * MB);
    await delay(3000);
    assert.deepEqual(scene.shown('plan').map(({ title }) => title), ['The data plan Trial is used to 80 %', 'The data plan Trial is used up']);
    assert.equal((await scene.kept('plan')).length, 2);
  });

  it('in quiet hours nobody is told, and both are in the history', async () => {
    const alerts = { firstSeen: false, quietHours: hoursAround(new Date()) };
    await using scene = await AlertScene.open(network, { plans: { list: [plan] }, alerts });
    await send(scene, 8.5 * MB);
    await until('80 % to be kept', 10_000, async () => (await scene.kept('plan')).length === 1 || null);
    await send(scene, 3 * MB);
    await until('100 % to be kept', 10_000, async () => (await scene.kept('plan')).length === 2 || null);
    assert.deepEqual(scene.shown('plan'), []);
    assert.deepEqual((await scene.kept('plan')).map(({ quiet, told }) => ({ quiet, told })), Array.from({ length: 2 }, () => ({ quiet: 'quiet-hours', told: [] })));
  });

  it('a burst is one notification with its app, until it is over; a threshold that is changed counts at once', async () => {
    await using scene = await AlertScene.open(network, { alerts: { firstSeen: false, spikeBytesPerSecond: 0 } });
    await scene.client.command('changeSetting', { key: 'alerts.spikeSeconds', value: 3 });
    const { refused } = await scene.client.command('changeSetting', { key: 'alerts.spikeBytesPerSecond', value: 5 * MB });
    assert.equal(refused, null);
    await iperf(['--bitrate', '160M', '--time', '8']);
    await until('the spike to be told', 10_000, () => scene.shown('spike').length > 0);
    await until('its recovery', 20_000, () => scene.told.some(({ act, alert }) => act === 'recover' && alert.kind === 'spike'));
    const [spike] = scene.shown('spike');
    assert.equal(scene.shown('spike').length, 1);
    assert.match(spike?.title ?? '', /iperf3 is uploading a lot/u);
    assert.match(spike?.cause?.app ?? '', /iperf3$/u);
  });
});
