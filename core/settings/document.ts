import { settingList } from './setting-list.ts';
import type { Setting } from './setting-list.ts';

const effectWords = { 'at-once': 'at once', 'next-start': 'at the next start' } as const;

const head = `# Settings

One file, \`$XDG_CONFIG_HOME/tidewatch/settings.json\` (else \`~/.config/tidewatch/settings.json\`), named otherwise by
\`TIDEWATCH_SETTINGS\` or \`--settings PATH\`. It is JSON and readable by its owner only. It holds what differs from the defaults:

\`\`\`json
{
  "retention": { "minuteDays": 14 },
  "history": { "excludedDomains": ["example.org"] }
}
\`\`\`

- \`tidewatch settings\` lists all of them with their meaning; \`settings get KEY\`, \`settings set KEY VALUE\` and
  \`settings reset KEY\` read and write one.
- A service that runs looks at the file twice a second. What takes effect *at once* needs no restart, whoever wrote the file.
- Options of the command line go before the file, for that run.
- A wrong value is reported by its path, and its default is used; a wrong element of a list is left out. Keys that mean
  nothing here are reported and kept.
- A file that is no JSON is left as it is and never overwritten: a service that starts uses the defaults, one that runs
  keeps what it had, and \`settings set\` is refused until the file is mended or moved away.

This page is made from the program: \`node build/settings-document.ts > docs/SETTINGS.md\`.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row({ key, facts, initial }: Setting): string {
  const unit = facts.unit === null || facts.unit === 'port' ? '' : `, in ${facts.unit}`;
  const columns = [`\`${key}\``, facts.meaning, `${facts.expects}${unit}`, `\`${JSON.stringify(initial)}\``, effectWords[facts.effect]];
  return `| ${columns.map(cell).join(' | ')} |`;
}

function section(group: string): string {
  const rows = settingList.filter((setting) => setting.group === group).map(row);
  return [`## ${group}`, '', '| setting | meaning | value | default | a change takes effect |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** docs/SETTINGS.md, whole. */
export function settingsDocument(): string {
  const groups = [...new Set(settingList.map(({ group }) => group))];
  return [head, ...groups.map(section)].join('\n');
}
