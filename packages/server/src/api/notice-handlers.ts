// Which verb of notices answers each of its routes.
import type { Notices } from "../notices/notices.ts";
import type { Handlers } from "./api-world.ts";

type NoticeRoute = "getPushKey" | "listPushSubscriptions" | "createPushSubscription" | "removePushSubscription";

export const noticeHandlers = ({ notices }: { notices: Notices }): Pick<Handlers, NoticeRoute> => ({
  getPushKey: async () => ({ answer: { publicKey: await notices.publicKey() } }),
  listPushSubscriptions: async ({ who }) => ({ answer: { items: await notices.list(who) } }),
  createPushSubscription: async ({ body, who }) => ({ answer: await notices.subscribe(who, body) }),
  removePushSubscription: async ({ params, who }) => {
    await notices.unsubscribe(who, params.id);
    return {};
  },
});
