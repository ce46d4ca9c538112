import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { nodeProgram } from '../../service/node-program.ts';

describe('the Node that other processes are started with', () => {
  it('is the one that runs this', () => assert.equal(nodeProgram(), process.execPath));

  it("is the project's own inside of Electron, whose binary is none", () => {
    const electron = { execPath: '/opt/electron', versions: { ...process.versions, electron: '45.4.1' } };
    assert.match(nodeProgram(electron), /\/node_modules\/node\/bin\/node$/u);
    assert.ok(existsSync(nodeProgram(electron)));
  });
});
