// SQL of templates.
import type { Reader, Tx } from "../store/db.ts";
import { forUpdate, sql } from "../store/sql.ts";

export interface TemplateRow {
  seq: number;
  id: string;
  name: string;
  display_name: string;
  description: string;
  framework: string;
  /** Sealed JSON: headers may hold secrets. */
  request_mapping: string;
  response_mapping: string;
  auth_config: string;
  config: string;
  example_request: string | null;
  example_response: string | null;
  is_builtin: number;
  is_active: number;
  created_at: number;
  updated_at: number;
}
export const selectTemplates = (db: Reader): Promise<TemplateRow[]> => db.all(sql`select * from agent_config_templates order by seq`);
export const insertTemplate = async (tx: Tx, row: Omit<TemplateRow, "seq">): Promise<boolean> =>
  (await tx.run(sql`insert into agent_config_templates (id, name, display_name, description, framework, request_mapping, response_mapping, auth_config, config, example_request, example_response,
      is_builtin, is_active, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.display_name}, ${row.description}, ${row.framework}, ${row.request_mapping}, ${row.response_mapping}, ${row.auth_config}, ${row.config}, ${row.example_request},
      ${row.example_response}, ${row.is_builtin}, ${row.is_active}, ${row.created_at}, ${row.updated_at}) on conflict do nothing`)) === 1;
export const updateTemplate = (tx: Tx, row: Omit<TemplateRow, "seq">): Promise<number> =>
  tx.run(sql`update agent_config_templates set name = ${row.name}, display_name = ${row.display_name}, description = ${row.description}, framework = ${row.framework}, request_mapping = ${row.request_mapping},
      response_mapping = ${row.response_mapping}, auth_config = ${row.auth_config}, config = ${row.config}, example_request = ${row.example_request}, example_response = ${row.example_response},
      is_active = ${row.is_active}, updated_at = ${row.updated_at} where id = ${row.id}`);
export const deleteTemplate = async (tx: Tx, id: string): Promise<TemplateRow | undefined> =>
  (await tx.all<TemplateRow>(sql`delete from agent_config_templates where id = ${id} returning *`))[0];
export const lockTemplate = async (tx: Tx, id: string): Promise<TemplateRow | undefined> =>
  (await tx.all<TemplateRow>(sql`select * from agent_config_templates where id = ${id}${forUpdate}`))[0];
