/** Finds names in the first payload bytes of flows. The rest of the folder is its own business. */
export { createNameReader } from './name-reader.ts';
export type { NameReader, NameReaderOptions } from './name-reader.ts';
export { fileNameReaderLimits, nameReaderLimits } from './limits.ts';
export type { NameReaderLimits } from './limits.ts';
export type { BelievedAnswers } from './reading.ts';
export { namesOfResolverAnswer } from './resolver-answer.ts';
export type { ResolverAnswer } from './resolver-answer.ts';
export type { AddressName } from './dns-names.ts';
export { hostNameOf } from './host-name.ts';
export type { HttpSeen } from './http-seen.ts';
export { fileHttpCountLimits, HttpCounts, httpCountLimits, mergedHttp, toldSection } from './http-counts.ts';
export type { HttpCountLimits } from './http-counts.ts';
export type { QuicCrypto, SealedPacket } from './quic-crypto.ts';
export type { Clue, FlowEnds } from './clue.ts';
