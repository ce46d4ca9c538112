import './client/without-code-at-run-time.ts';
import '@fontsource-variable/inter/wght.css';
import './look/tokens.css';
import './look/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { connect, desktopBridge, exchangeToken } from './client/connect.ts';
import { Face } from './state/face.svelte.ts';

/** The window begins. What is shown first needs no answer of the service. */
const target = document.getElementById('window');
if (target === null) throw new Error('the page has no place for the window');

const face = new Face({ connect, presence: desktopBridge() === null ? 'told-here' : 'told-by-shell' });
mount(App, { target, props: { face } });
await exchangeToken();
await face.session.open();
