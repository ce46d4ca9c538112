/** How an address to listen on is written, for a shell that needs nothing else of the service. */
export { parseListenAddress } from '../core/settings/listen-address.ts';
