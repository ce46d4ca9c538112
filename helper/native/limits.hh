// The bounds that are the decoder's own. Those that a caller may choose come in with its options (limits.ts).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidewatch {

// Largest frame taken at its word: BIG TCP ends at 8 x 65 535 bytes (GSO_MAX_SIZE in linux/netdevice.h); a record that
// claims more is damaged, and its length is clamped.
constexpr uint32_t maximumWireLength = 8 * 65535 + 256;

// Link headers inside each other (VLAN tags, MPLS labels, PPPoE), and IPv6 extension headers, that are followed.
constexpr int maximumLinkHeaders = 16;
constexpr int maximumExtensionHeaders = 16;

// IP layers in one packet that are followed in files.
constexpr int maximumTunnelLayers = 4;

// Places tried for one flow in the table. At the highest load (one half) nine in ten lie within three places.
constexpr uint32_t probeWindow = 16;

// Flows looked at for their age in one drain: a desktop's whole table every second, a full one in 16 s.
constexpr uint32_t sweepPerDrain = 4096;

// Silence after which a live flow is over. TCP: longer than the 29 minutes of IMAP IDLE (RFC 2177) and of push
// heartbeats, so that a sleeping connection keeps its name. UDP: RFC 4787 REQ-5 lets NATs forget after two minutes.
// Embryonic: a SYN that nobody answered, and protocols without ports. Closed: FIN retransmissions and the last ACK
// still belong to the flow.
constexpr int64_t second = 1'000'000'000;
constexpr int64_t tcpSilence = 30 * 60 * second;
constexpr int64_t udpSilence = 120 * second;
constexpr int64_t otherSilence = 60 * second;
constexpr int64_t closedSilence = 2 * second;

// Payload of one TCP direction that is a clue, counted by sequence number from the first byte seen: a ClientHello of
// 11 kB is the largest met, and STARTTLS, CONNECT and SOCKS put a few hundred bytes before it.
constexpr uint32_t clueBytesPerDirection = 16 * 1024;

// Most payload in one clue: one TCP direction's worth.
constexpr uint32_t maximumCluePayload = clueBytesPerDirection;

// QUIC long headers handed on for each direction of a flow: a ClientHello takes two to four datagrams, and Retry,
// version negotiation and retransmission a few more.
constexpr uint8_t longHeadersPerDirection = 16;

// Clues that may wait at one time in a live capture, and how many of them may tell of a flow's beginning: JavaScript
// takes them at most 20 times a second, so a flood of DNS or of new flows costs it some 40 000 clues a second at most.
constexpr uint32_t maximumWaitingClues = 2048;
constexpr uint32_t maximumWaitingOpened = 1024;

// Datagrams whose ports are remembered for their later fragments: Linux itself holds 4 MB of them (ipfrag_high_thresh).
constexpr uint32_t rememberedFragments = 4096;
constexpr int64_t fragmentAge = 60 * second;

// Datagrams put together again because they may hold a name, for how long their fragments are waited for, and the
// largest of them.
constexpr int64_t assemblyAge = 5 * second;
constexpr uint32_t assembledDatagrams = 64;
constexpr uint32_t maximumAssembled = 16 * 1024;
constexpr uint32_t maximumFragmentsOfOne = 64;

// Clues of one piece of a file: taken after each piece, and never more than a few times its length.
constexpr uint32_t fileClueQueueBytes = 64 * 1024 * 1024;

// One record or block of a capture file that is read as a whole. libpcap writes at most 256 KiB per packet.
constexpr uint32_t maximumFileRecord = 16 * 1024 * 1024;

// Interfaces in one section of a pcapng file.
constexpr uint32_t maximumFileInterfaces = 4096;

// Headers kept of one packet: an IPv6 packet with its longest TCP header behind a VLAN tag is 118 bytes long.
constexpr uint32_t maximumHeaderBytes = 128;

// Headers lie in blocks of this size, some 680 packets; and so much of them is handed over at once, so that what JavaScript
// makes of it takes milliseconds.
constexpr size_t headerBlockBytes = 64 * 1024;
constexpr size_t freshBytesPerTake = 4 * 1024 * 1024;

// Frames decoded for each time the lock is taken: JavaScript waits for at most these, some 0.5 ms.
constexpr int framesPerTurn = 4096;

// libpcap gives a block of the ring up after this time although it is not full: so late a name may come at most.
// Shorter costs wake-ups; 50 ms is also the time between two wake-ups of JavaScript.
constexpr int blockMilliseconds = 50;
constexpr int64_t wakeInterval = 50'000'000;

}  // namespace tidewatch
