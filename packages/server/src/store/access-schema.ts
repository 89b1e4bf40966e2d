// The schema of logins: one of the migrations.
import type { Dialect } from "./sql.ts";

/** Whoever is logged in has a row here, and is logged in as long as it is there: a browser by its cookie, a program by its tokens. */
export function logins(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // cookie: the hash of what the browser shows; null of programs.
    `create table logins (id ${key} primary key, user_id ${key} not null, cookie ${key} unique, used_at bigint not null, expires_at bigint not null)`,
    `create index logins_user on logins (user_id)`,
    `create index logins_expires on logins (expires_at)`,
    `insert into logins (id, user_id, used_at, expires_at) select family, user_id, 0, max(expires_at) from refresh_tokens group by family, user_id`,
  ];
}
