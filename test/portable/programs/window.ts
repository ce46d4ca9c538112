/** A program with one window. Says `loaded` when its page is there. Words: where its data is. */
import { BrowserWindow, app, protocol } from '../../../portable/index.ts';

app.setName('Tidewatch');
app.setPath('userData', process.argv[2] ?? '');
await app.whenReady();
protocol.handle('tidewatch', () => new Response('<title>Window under test</title>', { headers: { 'content-type': 'text/html' } }));
const window = new BrowserWindow();
window.webContents.on('did-finish-load', () => process.stdout.write('loaded\n'));
window.webContents.on('render-process-gone', (_event: unknown, { reason }: { readonly reason: string }) => process.stdout.write(`${reason}\n`));
await window.loadURL('tidewatch://app/');
