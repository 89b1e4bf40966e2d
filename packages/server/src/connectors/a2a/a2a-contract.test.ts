// The contract, for every way in which this connector speaks to an agent.
import { testConnector } from "../connector.testsuite.ts";
import { underTest } from "./a2a.testkit.ts";

testConnector("a2a", () => underTest("/new"));
testConnector("a2a", () => underTest("/new-poll"));
testConnector("a2a", () => underTest("/rest"));
testConnector("a2a", () => underTest("/old"));
testConnector("a2a", () => underTest("/old-poll"));
testConnector("a2a", () => underTest("/envelope", { protocol: "envelope" }), { progress: "one message has one answer", lie: "it has no place for figures" });
