import { SettingsFile } from '../service/settings-file.ts';
import type { ServicePaths } from '../service/paths.ts';
import { chosenPaths } from './global-options.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Units } from './units.ts';

/** How numbers are written: a person's choice in the settings. */
export function chosenUnits(options: GlobalOptions, defaults: ServicePaths): Units {
  return new SettingsFile(chosenPaths(options, defaults).settingsPath).read().settings.display;
}
