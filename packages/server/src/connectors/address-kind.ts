// What sort of network address something is, from the point of view of a server that must not be talked into calling itself
// or its neighbours. An address that carries an IPv4 address inside (mapped, NAT64, 6to4) is judged by the one inside.
import ipaddr from "ipaddr.js";

/** `never`: link-local, cloud metadata, multicast, unspecified, reserved: no agent lives there. */
export type AddressKind = "public" | "loopback" | "private" | "never";
type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Where clouds answer with credentials, outside the ranges that are refused anyway: Azure, Alibaba, AWS and Google over IPv6. */
const METADATA = ["168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"].map((address) => ipaddr.parse(address).toNormalizedString());
const KINDS: Partial<Record<string, AddressKind>> = {
  unicast: "public",
  loopback: "loopback",
  private: "private",
  carrierGradeNat: "private",
  uniqueLocal: "private",
};
/** Global unicast; what IANA has not given out yet is not public. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

export function addressKind(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return "never";
  return kindOf(ipaddr.parse(address));
}

function kindOf(address: Address): AddressKind {
  if (METADATA.includes(address.toNormalizedString())) return "never";
  const inner = address instanceof ipaddr.IPv6 ? innerAddress(address) : undefined;
  if (inner !== undefined) return kindOf(inner);
  const kind = KINDS[address.range()] ?? "never";
  return kind === "public" && address instanceof ipaddr.IPv6 && !address.match(GLOBAL_V6) ? "never" : kind;
}

/** The IPv4 address a packet to this IPv6 address ends at, when the form tells. */
function innerAddress(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  if (address.range() === "6to4") return new ipaddr.IPv4(bytes.slice(2, 6));
  return undefined;
}

/** Whether `entry`, an address or a block such as `10.2.0.0/16`, holds `address`. Names hold nothing. */
export function holdsAddress(entry: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const given = ipaddr.process(address);
  if (ipaddr.isValidCIDR(entry)) {
    const [base, bits] = ipaddr.parseCIDR(entry);
    return base.kind() === given.kind() && given.match(base, bits);
  }
  return ipaddr.isValid(entry) && ipaddr.process(entry).toNormalizedString() === given.toNormalizedString();
}
