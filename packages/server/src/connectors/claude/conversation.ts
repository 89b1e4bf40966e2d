// Which conversation an attempt is. Claude Code finds one by its id and by the directory it was held in, so that both are remembered:
// `<session id>`, and behind a slash the name of a directory of its own where neither the agent nor the task named one. Pure.

export interface Conversation {
  /** Of this attempt. */
  sessionId: string;
  /** The one it goes on from. */
  resumes: string | undefined;
  /** The directory to work in when nobody names one. */
  placeName: string;
}
const KEPT = /^(?<sessionId>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(?<placeName>[0-9a-f-]{36}))?$/;

/** @param kept what an earlier attempt ended with; one that cannot be understood is as good as none, which `resumes` tells. */
export function toConversation(newId: () => string, kept: string | undefined): Conversation {
  const groups = KEPT.exec(kept ?? "")?.groups;
  const sessionId = newId();
  return { sessionId, resumes: groups?.["sessionId"], placeName: groups?.["placeName"] ?? sessionId };
}
export const toKept = ({ sessionId, placeName }: Conversation, ownPlace: boolean): string => (ownPlace ? `${sessionId}/${placeName}` : sessionId);
