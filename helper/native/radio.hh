// IEEE 802.11 data frames, with and without a radiotap header, and the LLC header that is in them.
#pragma once

#include "link_layer.hh"

namespace tidewatch {

NetworkPacket packetInRadiotap(Slice frame);
NetworkPacket packetInRadioFrame(Slice frame);

// LLC with SNAP (IEEE 802.2, RFC 1042), or LLC alone with the SAP of IP.
NetworkPacket packetInLlc(Slice slice);

}  // namespace tidewatch
