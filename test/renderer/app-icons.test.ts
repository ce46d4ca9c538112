import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maximumIconBytes } from '../../protocol/app.ts';
import type { AppParameters, AppQueryName, AppResult, Icon } from '../../protocol/app.ts';
import { AppIcons, mostIconCharacters, mostIconQuestions, mostIcons } from '../../renderer/state/app-icons.ts';

const png: Icon = { mediaType: 'image/png', base64: 'AAAA' };

/** A service that knows these pictures, and notes what it is asked for. */
class Pictures {
  readonly asked: string[] = [];
  icon: Icon | null = png;
  state: 'answers' | 'gone' | 'silent' = 'answers';

  readonly query = async <Name extends AppQueryName>(_: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> => {
    this.asked.push('app' in parameters ? (parameters.app ?? '') : '');
    if (this.state === 'gone') throw new Error('the service is gone');
    if (this.state === 'silent') await new Promise(() => undefined);
    return JSON.parse(JSON.stringify({ icon: this.icon }));
  };
}

describe("the apps' pictures", () => {
  it('are asked for once, also that there is none', async () => {
    const pictures = new Pictures();
    const icons = new AppIcons(pictures);
    assert.equal(icons.of('/bin/a'), null);
    await Promise.all([icons.ask('/bin/a'), icons.ask('/bin/a')]);
    await icons.ask('/bin/a');
    pictures.icon = null;
    await icons.ask('/bin/b');
    await icons.ask('/bin/b');
    assert.deepEqual(pictures.asked, ['/bin/a', '/bin/b']);
    assert.deepEqual([icons.of('/bin/a'), icons.of('/bin/b'), icons.of(null)], ['data:image/png;base64,AAAA', null, null]);
  });

  it('are asked for again where the service was gone', async () => {
    const pictures = new Pictures();
    const icons = new AppIcons(pictures);
    pictures.state = 'gone';
    await icons.ask('/bin/a');
    pictures.state = 'answers';
    await icons.ask('/bin/a');
    assert.equal(pictures.asked.length, 2);
    assert.ok(icons.of('/bin/a') !== null);
  });

  it('are shown no more once one cannot be', async () => {
    const pictures = new Pictures();
    const icons = new AppIcons(pictures);
    await icons.ask('/bin/a');
    icons.spoil('/bin/a');
    await icons.ask('/bin/a');
    assert.equal(icons.of('/bin/a'), null);
    assert.equal(pictures.asked.length, 1);
  });

  it('are bounded by number, by characters, and by questions at one time', async () => {
    const pictures = new Pictures();
    const many = new AppIcons(pictures);
    for (let app = 0; app <= mostIcons; app += 1) await many.ask(`/bin/${app}`);
    assert.deepEqual([many.of('/bin/0') === null, many.of('/bin/1') === null, many.of(`/bin/${mostIcons}`) === null], [true, false, false]);

    const large = new AppIcons(pictures);
    pictures.icon = { mediaType: 'image/svg+xml', base64: 'A'.repeat(Math.ceil(maximumIconBytes / 3) * 4) };
    for (let app = 0; app < 40; app += 1) await large.ask(`/bin/${app}`);
    const held = Array.from({ length: 40 }, (_, app) => large.of(`/bin/${app}`)?.length ?? 0).reduce((sum, length) => sum + length, 0);
    assert.ok(held <= mostIconCharacters && held > mostIconCharacters / 2, `${held} characters`);
    assert.ok(large.of('/bin/39') !== null);

    const silent = new Pictures();
    silent.state = 'silent';
    const waiting = new AppIcons(silent);
    for (let app = 0; app < 2 * mostIconQuestions; app += 1) void waiting.ask(`/bin/${app}`);
    assert.equal(silent.asked.length, mostIconQuestions);
  });
});
