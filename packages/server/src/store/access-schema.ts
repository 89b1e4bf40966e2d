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

/** Of passwords, keys and refresh tokens only hashes are kept. */
export function access(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `create table users (${seq}, id ${key} not null unique, name ${key} not null unique, role text not null, enabled int not null, password text not null, created_at bigint not null,
      updated_at bigint not null, last_login_at bigint)`,
    `create table api_keys (${seq}, id ${key} not null unique, name text not null, prefix text not null, hash ${key} not null unique, role text not null, agent text, created_by text not null,
      created_at bigint not null, expires_at bigint, last_used_at bigint)`,
    // A login is a family of refresh tokens of which each is used once.
    `create table refresh_tokens (hash ${key} primary key, family ${key} not null, user_id ${key} not null, expires_at bigint not null, used_at bigint)`,
    `create index refresh_tokens_family on refresh_tokens (family)`,
    `create index refresh_tokens_user on refresh_tokens (user_id)`,
    `create index refresh_tokens_expires on refresh_tokens (expires_at)`,
    `create table audit (seq bigint primary key, at bigint not null, who text not null, role text not null, address text not null, action text not null, method text not null, path text not null,
      status int not null, fields text not null, previous_hash text not null, hash text not null)`,
    `create index audit_who on audit (who, seq)`,
    `create table audit_head (one int primary key, seq bigint not null, hash text not null)`,
    `insert into audit_head (one, seq, hash) values (1, 0, '${"0".repeat(64)}')`,
  ];
}
