/** Prints docs/SETTINGS.md from the schema of the settings: `node build/settings-document.ts > docs/SETTINGS.md`. */
import { settingsDocument } from '../core/settings/index.ts';

process.stdout.write(settingsDocument());
