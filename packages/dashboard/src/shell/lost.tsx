// An address nobody knows.
import { Link } from "@tanstack/react-router";

export const Lost = () => (
  <div className="py-24 text-center">
    <h1 className="text-xl">There is no such page</h1>
    <p className="mt-2 text-soft">
      Tasks and agents are found from the{" "}
      <Link to="/" className="text-accent underline underline-offset-2">
        overview
      </Link>
      .
    </p>
  </div>
);
