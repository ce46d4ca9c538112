#include "netlink_socket.hh"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace tidewatch {
namespace {

// The kernel fills at most 32 KiB per datagram of a dump (netlink_dump in net/netlink/af_netlink.c).
constexpr size_t receiveLength = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

enum class Progress { more, done };

// The number that a message carries behind its header: an error (negative errno), or 0.
int statusOf(const nlmsghdr& message) {
  int status = 0;
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof status)) return 0;
  std::memcpy(&status, reinterpret_cast<const uint8_t*>(&message) + NLMSG_LENGTH(0), sizeof status);
  return status;
}

// One datagram: several messages, of a dump (ended by NLMSG_DONE) or a single answer.
Progress readMessages(const std::vector<uint8_t>& buffer, size_t length, const std::function<void(const nlmsghdr&)>& receive,
                      NetlinkOutcome& outcome) {
  for (size_t offset = 0; offset + sizeof(nlmsghdr) <= length;) {
    const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data() + offset);
    if (message->nlmsg_len < sizeof(nlmsghdr) || message->nlmsg_len > length - offset) {
      outcome = {EBADMSG, "read"};
      return Progress::done;
    }
    // A dump that failed says so in its last message too.
    if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
      outcome = {statusOf(*message) < 0 ? -statusOf(*message) : 0, "answer"};
      return Progress::done;
    }
    receive(*message);
    if ((message->nlmsg_flags & NLM_F_MULTI) == 0) return Progress::done;
    offset += NLMSG_ALIGN(message->nlmsg_len);
  }
  return Progress::more;
}

NetlinkOutcome receiveAll(int descriptor, const std::function<void(const nlmsghdr&)>& receive) {
  std::vector<uint8_t> buffer(receiveLength);
  NetlinkOutcome outcome;
  for (;;) {
    const ssize_t length = recv(descriptor, buffer.data(), buffer.size(), MSG_TRUNC);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return {errno, "recv"};
    if (static_cast<size_t>(length) > buffer.size()) return {EMSGSIZE, "recv"};
    if (length == 0) return {EPIPE, "recv"};
    if (readMessages(buffer, static_cast<size_t>(length), receive, outcome) == Progress::done) return outcome;
  }
}

}  // namespace

NetlinkOutcome askNetlink(int protocol, const nlmsghdr& request, const std::function<void(const nlmsghdr&)>& receive) {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (socket.number() < 0) return {errno, "socket"};
  const timeval patience{1, 0};
  if (setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) return {errno, "setsockopt"};
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = sendto(socket.number(), &request, request.nlmsg_len, 0, reinterpret_cast<const sockaddr*>(&kernel),
                              sizeof kernel);
  if (sent < 0) return {errno, "send"};
  return receiveAll(socket.number(), receive);
}

}  // namespace tidewatch
