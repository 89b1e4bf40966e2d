// The server did not answer, or something that is not Baton answered in its place. Unlike a Refusal nothing is known of
// what became of the request: a creating call may be sent again with the same idempotency key.

export class Unreachable extends Error {
  readonly url: string;
  constructor(url: string, detail: string, cause?: unknown) {
    super(`No answer from ${url}: ${detail}`, cause === undefined ? undefined : { cause });
    this.name = "Unreachable";
    this.url = url;
  }
}

/** The innermost message of an error: fetch hides the reason (`ECONNREFUSED`) in its cause. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : inner.name;
  const message = inner.message === "" ? code : inner.message;
  return UNVOUCHED.has(code)
    ? `${message}; if that certificate is meant, name a file with it, or with whoever vouches for it, in NODE_EXTRA_CA_CERTS`
    : message;
}
/** Of Node: nobody it knows vouches for the server's certificate. */
const UNVOUCHED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
