import path from 'node:path';

/** Where recordings lie when the settings say nothing: beside the history. */
export function recordingsFolderOf(historyPath: string): string {
  return path.join(path.dirname(historyPath), 'recordings');
}
