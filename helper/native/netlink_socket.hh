// One question to the kernel over netlink(7), and its answers.
#pragma once

#include <linux/netlink.h>

#include <functional>
#include <string>

namespace tidewatch {

struct NetlinkOutcome {
  // errno; 0 where all answers came.
  int error = 0;
  std::string step;
};

// Sends a request and gives each answer to `receive`, until the kernel says that it is done. Waits for at most one
// second for each answer: the kernel answers at once or never.
NetlinkOutcome askNetlink(int protocol, const nlmsghdr& request, const std::function<void(const nlmsghdr&)>& receive);

}  // namespace tidewatch
