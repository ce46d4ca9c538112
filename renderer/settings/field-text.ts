import type { SettingField, SettingRow } from '../../protocol/setting.ts';

/** How a setting's value is typed: what stands in its field, and what is made of it. */

type Value = SettingRow['value'];

/** The value as text: a list one element a line, anything deeper as JSON. */
export function textOf({ kind }: SettingField, value: Value): string {
  if (kind === 'list' && Array.isArray(value)) return value.map(String).join('\n');
  if (kind === 'json') return JSON.stringify(value, null, 2);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A whole number, also with groups parted by blanks or underscores. */
function wholeNumberOf(text: string): number | undefined {
  const plain = text.replaceAll(/[\s_\u202f\u00a0]/gu, '');
  return /^-?\d{1,15}$/u.test(plain) ? Number(plain) : undefined;
}

function parsed(text: string): Value | undefined {
  try {
    const value: Value = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** What is typed as a value; undefined where it cannot be one of this kind. A setting that is a number or a word takes either. */
export function valueOf(field: SettingField, text: string): Value | undefined {
  switch (field.kind) {
    case 'number':
      return wholeNumberOf(text);
    case 'list':
      return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    case 'json':
      return parsed(text) ?? (/^\w[\w.:-]*$/u.test(text.trim()) ? text.trim() : undefined);
    case 'flag':
      return text === 'true';
    default:
      return text;
  }
}
