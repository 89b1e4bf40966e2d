// SQL of wrong passwords: how many were shown at a place, until when that counts; and of places where the right one was shown.
import type { Reader, Tx } from "../store/db.ts";
import { oneOf, rows, sql } from "../store/sql.ts";

export interface GuessRow {
  /** A hash: what people type as their name may be their password. */
  place: string;
  wrong: number;
  until: number;
}
export const selectGuesses = (db: Reader, places: readonly string[], now: number): Promise<GuessRow[]> =>
  db.all<GuessRow>(sql`select place, wrong, until from guesses where place ${oneOf(places)} and until > ${now}`);
/** One more at each; where nothing counts any more, the first. In one order, so that two who count do not wait for each other. */
export const countGuess = (tx: Tx, places: readonly string[], now: number, until: number): Promise<GuessRow[]> =>
  tx.all<GuessRow>(sql`insert into guesses (place, wrong, until)
    select place, 1, ${until} from ${rows(
      "x",
      { place: "text" },
      places.map((place) => ({ place })),
    )} where true order by place
    on conflict (place) do update set wrong = case when guesses.until > ${now} then guesses.wrong + 1 else 1 end,
      until = case when guesses.until > ${now} then guesses.until else excluded.until end
    returning place, wrong, until`);
export const uncountGuess = (tx: Tx, places: readonly string[]): Promise<number> =>
  tx.run(sql`update guesses set wrong = wrong - 1 where place ${oneOf(places)} and wrong > 0`);
export const setPlace = (tx: Tx, { place, wrong, until }: GuessRow): Promise<number> =>
  tx.run(sql`insert into guesses (place, wrong, until) values (${place}, ${wrong}, ${until})
    on conflict (place) do update set wrong = excluded.wrong, until = excluded.until`);
export const deleteGuesses = (tx: Tx, until: number): Promise<number> => tx.run(sql`delete from guesses where until < ${until}`);
