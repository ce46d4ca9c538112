import { z } from 'zod';
import type { SettingField } from '../../protocol/setting.ts';
import type { Setting } from './setting-list.ts';

/** More than anybody types, where the schema of a text gives no bound. */
const longestText = 4096;

function fieldOfSchema(schema: unknown, unit: string | null): SettingField {
  if (schema instanceof z.ZodDefault) return fieldOfSchema(schema.unwrap(), unit);
  if (schema instanceof z.ZodBoolean) return { kind: 'flag' };
  if (schema instanceof z.ZodNumber) return { kind: 'number', least: schema.minValue ?? 0, most: schema.maxValue ?? Number.MAX_SAFE_INTEGER, unit };
  if (schema instanceof z.ZodEnum) return { kind: 'choice', options: schema.options.map(String) };
  if (schema instanceof z.ZodString) return { kind: 'text', longest: schema.maxLength ?? longestText };
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodEnum) return { kind: 'list', most: mostOf(schema), options: schema.element.options.map(String) };
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodString) return { kind: 'list', most: mostOf(schema) };
  return { kind: 'json' };
}

/** How many elements a list may have: its schema knows, and tells only whether so many are too many. */
function mostOf(schema: z.ZodArray): number {
  const bound = z.toJSONSchema(schema, { unrepresentable: 'any' }).maxItems;
  return typeof bound === 'number' ? bound : longestText;
}

/** What kind of field a form shows for a setting: it follows from the setting's schema. */
export function settingField({ schema, facts }: Setting): SettingField {
  return fieldOfSchema(schema, facts.unit);
}
