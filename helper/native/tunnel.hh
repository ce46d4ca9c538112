// Tunnels: the IP packet inside another one's payload.
#pragma once

#include "datagram.hh"

namespace tidewatch {

// The innermost IP packet that `outer` carries through IPIP, 6in4, GRE, EtherIP, MPLS, VXLAN, GENEVE, GTP-U, Teredo or
// L2TP. False where it carries none. A packet that an ICMP error quotes is not carried.
bool readInnermost(const Datagram& outer, Datagram& innermost);

}  // namespace tidewatch
