import { settingList, settingText, valueOf } from '../../service/index.ts';
import type { Setting, Settings } from '../../service/index.ts';
import type { Canvas } from '../table.ts';
import { visible, wrapped } from '../terminal.ts';

/** When a changed setting is in force in a service that runs. */
export function effectText({ facts }: Setting): string {
  return facts.effect === 'at-once' ? 'at once' : 'from its next start on';
}

/** A width at which sentences are easy to read where nothing else limits it. */
const comfortableWidth = 100;

const indent = '    ';

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function entry(setting: Setting, settings: Settings, canvas: Canvas): string[] {
  const { key, facts, initial } = setting;
  const value = valueOf(settings, setting);
  const isDefault = sameValue(value, initial);
  const shown = visible(settingText(value));
  const head = `${key} = ${shown === '' ? '(empty)' : shown}`;
  const unit = facts.unit === null || facts.unit === 'port' ? '' : ` ${facts.unit}`;
  const before = isDefault ? '' : ` Default: ${settingText(initial) === '' ? '(empty)' : settingText(initial)}.`;
  const effect = facts.effect === 'at-once' ? '' : ' Takes effect at the next start.';
  const meaning = `${facts.meaning} Takes ${facts.expects}.${before}${effect}`;
  const width = Math.min(canvas.width, comfortableWidth) - indent.length;
  return [
    canvas.paint(isDefault ? 'normal' : 'strong', `${head}${unit}`),
    ...wrapped(meaning, Math.max(20, width)).map((line) => canvas.paint('faint', `${indent}${line}`)),
  ];
}

/** All settings with their values and meaning; the ones that differ from their defaults stand out. */
export function settingsLines(path: string, settings: Settings, canvas: Canvas): string[] {
  return [canvas.paint('strong', `Settings in ${visible(path)}`), '', ...settingList.flatMap((setting) => entry(setting, settings, canvas))];
}
