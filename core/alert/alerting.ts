import type { Alert } from '../../protocol/alert.ts';
import type { Trouble } from '../../protocol/helper.ts';
import type { PlanState } from '../../protocol/plan.ts';
import { FirstSeen } from './first-seen.ts';
import type { SeenBefore } from './first-seen.ts';
import { HttpHits } from './http-hits.ts';
import type { Moment } from './moment.ts';
import { PlanAlerts } from './plan-alerts.ts';
import type { Signal } from './signal.ts';
import { Situations } from './situations.ts';
import type { AlertChange, AlertPast, Circumstances, OpenAlert } from './situations.ts';
import { Spikes } from './spike.ts';
import { TroubleWatch } from './trouble.ts';
import { Unusual } from './unusual.ts';
import type { UsualAt } from './unusual.ts';
import { Uploads } from './upload.ts';
import type { UploadPastOf } from './upload.ts';
import { Volumes } from './volume.ts';
import type { VolumeBefore } from './volume.ts';
import { WatchList } from './watch-list.ts';
import { WatchIndex } from './watch-entry.ts';

/** What is told to the alerts once a second. */
export interface AlertInput extends Circumstances {
  readonly moment: Moment;
  /** How much time has passed, measured or not. */
  readonly wallSeconds: number;
  readonly troubles: readonly Trouble[];
  /** Where the data plans stand. */
  readonly plans: readonly PlanState[];
}

/** What the alerts ask of the history: seldom, and each answer is remembered. */
export interface AlertHistory extends AlertPast {
  readonly usualAt: UsualAt;
  readonly uploadOf: UploadPastOf;
  readonly volumeBefore: VolumeBefore;
  readonly seenBefore: SeenBefore;
}

/** What holds names: it begins anew when something is forgotten, because a cause may be made of what was before. */
class Watches {
  readonly spikes = new Spikes();
  readonly unusual: Unusual;
  readonly volumes: Volumes;
  readonly firstSeen: FirstSeen;
  readonly uploads: Uploads;
  readonly watchList = new WatchList();
  readonly httpHits = new HttpHits();

  constructor(history: AlertHistory, watchFile: WatchIndex) {
    this.unusual = new Unusual(history.usualAt);
    this.volumes = new Volumes(history.volumeBefore);
    this.firstSeen = new FirstSeen(history.seenBefore);
    this.uploads = new Uploads(history.uploadOf);
    this.watchList.setFile(watchFile);
  }
}

/** Everything that decides about alerts: what is so now, and what becomes of it. It has no clock and touches nothing. */
export class Alerting {
  readonly #history: AlertHistory;
  readonly #plans = new PlanAlerts();
  readonly #troubles = new TroubleWatch();
  readonly #situations: Situations;
  #watchFile = new WatchIndex([]);
  #watches: Watches;

  constructor(history: AlertHistory) {
    this.#history = history;
    this.#situations = new Situations(history);
    this.#watches = new Watches(history, this.#watchFile);
  }

  get open(): readonly Alert[] {
    return this.#situations.open;
  }

  get situations(): Situations {
    return this.#situations;
  }

  /** The file of the watch list, as it is from now on. */
  setWatchFile(index: WatchIndex): void {
    this.#watchFile = index;
    this.#watches.watchList.setFile(index);
  }

  /** Goes on with the first day of an earlier run: what it met, by app with its name. */
  goOnLearning(apps: ReadonlyMap<string, string>): void {
    this.#watches.firstSeen.goOnLearning(apps);
  }

  step(input: AlertInput): readonly AlertChange[] {
    return this.#situations.step(this.#signals(input), input);
  }

  /** Forgets what names something; what it knows of apps and domains is asked of the history again. */
  forget(isNamed: (open: OpenAlert) => boolean): number {
    this.#watches = new Watches(this.#history, this.#watchFile);
    return this.#situations.forget(isNamed);
  }

  #signals({ moment, wallSeconds, rules, troubles, plans, quiet, now }: AlertInput): readonly Signal[] {
    const { spikes, unusual, volumes, firstSeen, uploads, watchList, httpHits } = this.#watches;
    return [
      ...spikes.step(moment, rules),
      ...unusual.step(moment, rules),
      ...volumes.step(moment, rules),
      ...firstSeen.step(moment, rules, quiet.learningUntil),
      ...uploads.step(moment, rules),
      ...watchList.step(moment, rules),
      ...httpHits.step(moment, rules),
      ...this.#plans.step(plans, rules, now),
      ...this.#troubles.step(troubles, wallSeconds, rules),
    ];
  }
}
