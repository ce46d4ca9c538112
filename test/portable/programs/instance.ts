/** A program of one instance. Says each thing that happens to it as a line. Words: a name and what it prevents. */
import { app } from '../../../portable/index.ts';

const [, , dataFolder = '', prevented = ''] = process.argv;

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

app.setName('Tidewatch');
app.setPath('userData', dataFolder);
if (!app.requestSingleInstanceLock()) {
  say('second');
  app.quit();
} else {
  let times = 0;
  app.on('second-instance', (_event: unknown, argv: readonly string[], folder: string) => say('second-instance', argv.slice(2), folder));
  for (const event of ['before-quit', 'will-quit'] as const) {
    app.on(event, (given: { preventDefault: () => void }) => {
      say(event);
      if (prevented === event && (times += 1) === 1) given.preventDefault();
    });
  }
  app.on('quit', (_event: unknown, code: number) => say('quit', code));
  await app.whenReady();
  say('first', app.getName(), app.getPath('userData'));
  process.stdin.on('data', () => app.quit());
}
