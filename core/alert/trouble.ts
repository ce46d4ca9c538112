import type { Trouble } from '../../protocol/helper.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { shownName, textOf, titleOf } from './texts.ts';

/** Troubles that keep Tidewatch from measuring, and how bad each is. The others are shown, and nobody is disturbed. */
const told: ReadonlyMap<Trouble['code'], { readonly title: string; readonly severity: Signal['severity'] }> = new Map([
  ['helper-lost', { title: 'Nothing is measured', severity: 'critical' }],
  ['no-capture-rights', { title: 'Not everything can be measured', severity: 'critical' }],
  ['capture-failed', { title: 'An interface is not measured', severity: 'warning' }],
  ['interface-vanished', { title: 'An interface is gone', severity: 'information' }],
  ['packets-dropped', { title: 'Packets were missed', severity: 'warning' }],
  ['history-unwritable', { title: 'The history cannot be written', severity: 'critical' }],
  ['history-set-aside', { title: 'The history was damaged', severity: 'warning' }],
]);

/** A helper that is started again is back within seconds: that is nothing to tell. */
const patienceSeconds = 10;

/** Measuring troubles that stay. */
export class TroubleWatch {
  #lasting = new Map<string, number>();

  step(troubles: readonly Trouble[], seconds: number, rules: AlertRules): readonly Signal[] {
    if (!rules.trouble) return [];
    const lasting = new Map<string, number>();
    const signals: Signal[] = [];
    for (const trouble of troubles) {
      const words = told.get(trouble.code);
      if (words === undefined) continue;
      const key = `trouble:${trouble.code}:${trouble.subject}`.slice(0, 512);
      const since = (this.#lasting.get(key) ?? 0) + seconds;
      lasting.set(key, since);
      if (since > patienceSeconds) signals.push(signalOf(key, trouble, words));
    }
    this.#lasting = lasting;
    return signals;
  }
}

function signalOf(situation: string, { message, remedy, subject }: Trouble, { title, severity }: { readonly title: string; readonly severity: Signal['severity'] }): Signal {
  const words = shownName(subject);
  return {
    kind: 'trouble',
    situation,
    severity,
    title: titleOf(title),
    text: textOf(`${message.slice(0, 500)}.`, remedy === '' ? '' : `What helps: ${remedy.slice(0, 400)}.`),
    overText: () => textOf(`Over: ${title.toLowerCase()} (${words}) no longer.`),
    cause: null,
    apps: [],
    domains: [],
    isLearnt: false,
    isRenewed: true,
    repeats: true,
  };
}
