#include "header_ring.hh"

#include <algorithm>
#include <utility>

#include "limits.hh"
#include "writer.hh"

namespace tidewatch {
namespace {

// RFC 9293 3.1, RFC 768, RFC 792, RFC 4443 2.1, RFC 9260 3, RFC 4340 5.1, RFC 3828. A cut or wrong header is none, and so is
// what this program does not know: its bytes may be anybody's.
uint32_t transportHeaderBytes(const Datagram& datagram) {
  const Slice& transport = datagram.transport;
  if (datagram.fragment.offset != 0) return 0;
  uint32_t length = 0;
  switch (datagram.protocol) {
    case ip_protocol::tcp:
      if (transport.captured < 20) return 0;
      length = (transport.data[12] >> 4) * 4u;
      if (length < 20) return 0;
      break;
    case ip_protocol::udp:
    case ip_protocol::udpLite:
    case ip_protocol::icmp:
    case ip_protocol::icmpv6:
      length = 8;
      break;
    case ip_protocol::sctp:
    case ip_protocol::dccp:
      length = 12;
      break;
    default:
      return 0;
  }
  return length <= transport.captured ? length : 0;
}

}  // namespace

uint32_t headerBytesOf(Slice frame, const Datagram& datagram) {
  const uint8_t* end = datagram.transport.data;
  if (end < frame.data || end > frame.data + frame.captured) return 0;
  const auto before = static_cast<uint32_t>(end - frame.data);
  return std::min({before + transportHeaderBytes(datagram), frame.captured, maximumHeaderBytes});
}

HeaderRing::HeaderRing(Bounds bounds) : bounds_(bounds) {}

void HeaderRing::dropOldest() {
  if (takenBlocks_ > 0) {
    --takenBlocks_;
  } else {
    missed_ += blocks_.front().records - takenRecords_;
    takenBytes_ = 0;
    takenRecords_ = 0;
  }
  blocks_.pop_front();
}

void HeaderRing::expire(int64_t now) {
  while (!blocks_.empty() && blocks_.front().newest < now - bounds_.age) dropOldest();
}

// A block is closed when it is full, or when it holds a tenth of the time: so none grows much older than the bound.
HeaderRing::Block& HeaderRing::blockFor(size_t length, int64_t now) {
  if (!blocks_.empty()) {
    Block& last = blocks_.back();
    if (last.used + length <= headerBlockBytes && now - last.begun < bounds_.age / 10) return last;
  }
  expire(now);
  while (!blocks_.empty() && (blocks_.size() + 1) * headerBlockBytes > bounds_.bytes) dropOldest();
  Block& begun = blocks_.emplace_back();
  begun.bytes.reset(new uint8_t[headerBlockBytes]);
  begun.begun = now;
  return begun;
}

void HeaderRing::add(uint64_t flow, Slice frame, const Datagram& datagram, int64_t now) {
  const uint32_t kept = headerBytesOf(frame, datagram);
  if (kept == 0) return;
  const size_t length = (headerRecordLength + kept + 7) & ~size_t{7};
  Block& block = blockFor(length, now);
  uint8_t* record = block.bytes.get() + block.used;
  Writer writer{record};
  writer.number(flow);
  writer.word(static_cast<uint32_t>(now / second));
  writer.word(static_cast<uint32_t>(now % second));
  writer.word(frame.wire);
  writer.half(static_cast<uint16_t>(kept));
  writer.half(static_cast<uint16_t>(length));
  std::memcpy(writer.at, frame.data, kept);
  // What pads a record must be nothing: memory may hold anything.
  std::memset(writer.at + kept, 0, length - headerRecordLength - kept);
  block.used += length;
  block.newest = std::max(block.newest, now);
  ++block.records;
}

void HeaderRing::held(std::vector<uint8_t>& records) const {
  size_t length = 0;
  for (const Block& block : blocks_) length += block.used;
  records.reserve(length);
  for (const Block& block : blocks_) records.insert(records.end(), block.bytes.get(), block.bytes.get() + block.used);
}

uint64_t HeaderRing::fresh(std::vector<uint8_t>& records) {
  while (takenBlocks_ < blocks_.size() && records.size() < freshBytesPerTake) {
    const Block& block = blocks_[takenBlocks_];
    records.insert(records.end(), block.bytes.get() + takenBytes_, block.bytes.get() + block.used);
    const bool last = takenBlocks_ + 1 == blocks_.size();
    takenBytes_ = last ? block.used : 0;
    takenRecords_ = last ? block.records : 0;
    if (last) break;
    ++takenBlocks_;
  }
  return std::exchange(missed_, 0);
}

}  // namespace tidewatch
