/**
 * How the desktop program is packed with Electron (electron-builder's configuration: `npx electron-builder --config build/packaging.mjs`).
 * Packing needs Electron's binary, which is fetched then; nothing here is run by `npm start` or `npm test`.
 */

/**
 * What is burnt into Electron's binary (electronjs.org/docs/latest/tutorial/fuses): a packed program runs its own code and no other, whatever
 * its environment and its command line say.
 */
export const fuses = {
  // The helper and the reader of capture files run on a Node of their own.
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  // The window's files come over a scheme of their own.
  grantFileProtocolExtraPrivileges: false,
  resetAdHocDarwinSignature: true,
};

export default {
  appId: 'org.tidewatch.Tidewatch',
  productName: 'Tidewatch',
  directories: { output: 'artifacts/packages' },
  files: [
    'package.json',
    '{protocol,core,service,electron,helper}/**/*',
    'renderer/out/**/*',
    '!**/README.md',
    '!**/tsconfig.json',
    '!helper/native/**/*.{cc,hh,o}',
    '!node_modules/electron/**/*',
  ],
  // What another process runs or maps cannot lie inside an archive.
  asarUnpack: ['helper/**/*', 'protocol/**/*', 'core/**/*', '**/*.node', 'node_modules/node/**/*'],
  electronFuses: fuses,
  linux: { target: ['AppImage', 'deb'], category: 'Network', synopsis: 'Shows who is using the bandwidth' },
  mac: { target: ['dmg'], category: 'public.app-category.utilities', hardenedRuntime: true },
  win: { target: ['nsis'] },
};
