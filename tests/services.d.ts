/** The URL of a Postgres where databases may be created: BATON_TEST_POSTGRES, else one on 127.0.0.1:5432 that trusts us. */
export declare function postgresUrl(): Promise<string | undefined>;
/** The URL of a Redis: BATON_TEST_REDIS, else one on 127.0.0.1:6379. Use keys of your own: it is shared. */
export declare function redisUrl(): Promise<string | undefined>;
export declare function chromiumPath(): string | undefined;
export declare function tmuxPath(): string | undefined;
/**
 * A fresh, empty database for one test file, dropped when the file is done. Call it while the file is collected, not inside a test.
 * The name holds this process and a counter, so that files running at once do not meet.
 */
export declare function createDatabase(server: string): Promise<string>;
//# sourceMappingURL=services.d.ts.map