// Runs before everything else (index.html): zod must not try whether it may compile code from text. The server's content security
// policy forbids it, and the browser would report the attempt.
import { config } from "zod";

config({ jitless: true });
