import { defaultSettings, withPart } from '../../../core/settings/index.ts';
import type { Settings, SettingsPart } from '../../../core/settings/index.ts';
import type { ServicePorts } from '../../../service/create-service.ts';
import type { SettingsSource } from '../../../service/settings-in-force.ts';
import { backup, curl, exactly, processOf, second, serverName } from '../measurements.ts';
import { ServiceStage } from '../service-stage.ts';

/** Settings that a test changes. */
export class GivenSettings implements SettingsSource {
  readonly current: Settings;
  readonly troubles = [];

  constructor(part: SettingsPart) {
    this.current = withPart(defaultSettings, part);
  }

  onChange(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }
}

/** A service with these settings. */
export function openReports(start: number, part: SettingsPart, ports: Partial<ServicePorts> = {}): Promise<ServiceStage> {
  return ServiceStage.open(start, { settings: new GivenSettings(part), ...ports });
}

/** One second of traffic now: curl with a.example, something unknown with an address, and a new app in the second call. */
export async function traffic(stage: ServiceStage, bytes: number, newApp: 'curl-only' | 'with-backup' = 'curl-only'): Promise<void> {
  const { helper, clock } = stage;
  helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl'), processOf(backup, '/opt/<b>backup')] });
  helper.say({ kind: 'names', names: [serverName(1, 'www.a.example', clock.now()), serverName(3, 'cdn.b.example', clock.now())] });
  await clock.advance(1000);
  const others = newApp === 'curl-only' ? [] : [{ flow: 3, rx: 5000, tx: 50, owner: exactly(backup), opened: true as const, remote: '203.0.113.9' }];
  helper.say(...second(clock.now(), [{ flow: 1, rx: bytes, tx: 10, owner: exactly(curl), opened: true }, { flow: 2, rx: 7, tx: 0, remote: '198.51.100.4' }, ...others]));
  await stage.snapshot();
  await clock.advance(1000);
}
