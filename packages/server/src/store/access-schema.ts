// The schema of logins: some of the migrations.
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

/** People who log in elsewhere: by whom they are known there. */
export function loginsElsewhere(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `alter table users add column issuer ${key}`,
    `alter table users add column subject ${key}`,
    `alter table users add column email text`,
    `create unique index users_subject on users (issuer, subject) where issuer is not null`,
    // Of browsers that were sent there: the hash of what their cookie says, and where they want to be after.
    `create table oidc_attempts (cookie ${key} primary key, return_to text not null, expires_at bigint not null)`,
    `create index oidc_attempts_expires on oidc_attempts (expires_at)`,
  ];
}

/** Wrong passwords, and where right ones were shown lately. */
export function guesses(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [`create table guesses (place ${key} primary key, wrong bigint not null, until bigint not null)`, `create index guesses_until on guesses (until)`];
}
