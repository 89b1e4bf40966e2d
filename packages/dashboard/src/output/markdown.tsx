// Markdown an agent wrote, drawn as elements and never as HTML: markup inside it is shown as the text it is, and a link
// leads only to http, https or mail.
import { type Token, type Tokens, lexer } from "marked";
import { Fragment, type ReactNode, useMemo } from "react";

export default function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => lexer(text), [text]);
  return <div className="space-y-3 leading-relaxed [&_li>p]:inline">{drawAll(tokens)}</div>;
}

const drawAll = (tokens: Token[] | undefined): ReactNode => tokens?.map((token, index) => <Fragment key={index}>{draw(token as MarkedToken)}</Fragment>);

type MarkedToken =
  | Tokens.Heading
  | Tokens.Paragraph
  | Tokens.Text
  | Tokens.Strong
  | Tokens.Em
  | Tokens.Del
  | Tokens.Codespan
  | Tokens.Code
  | Tokens.Blockquote
  | Tokens.List
  | Tokens.Table
  | Tokens.Link
  | Tokens.Image
  | Tokens.Escape
  | Tokens.Br
  | Tokens.Hr
  | Tokens.Space
  | Tokens.Def
  | Tokens.HTML;

const headings = ["text-xl", "text-lg", "text-base", "text-base", "text-sm", "text-sm"] as const;

function draw(token: MarkedToken): ReactNode {
  switch (token.type) {
    case "heading": {
      // One below the page's own headings.
      const Tag = token.depth === 1 ? "h3" : token.depth === 2 ? "h4" : "h5";
      return <Tag className={`mt-5 font-semibold first:mt-0 ${headings[token.depth - 1] ?? "text-sm"}`}>{drawAll(token.tokens)}</Tag>;
    }
    case "paragraph":
      return <p>{drawAll(token.tokens)}</p>;
    case "text":
      return "tokens" in token && token.tokens ? drawAll(token.tokens) : decode(token.text);
    case "strong":
      return <strong className="font-semibold">{drawAll(token.tokens)}</strong>;
    case "em":
      return <em>{drawAll(token.tokens)}</em>;
    case "del":
      return <del>{drawAll(token.tokens)}</del>;
    case "codespan":
      return <code className="rounded bg-sunken px-1 py-px font-mono text-[0.88em]">{token.text}</code>;
    case "code":
      return <pre className="rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap">{token.text}</pre>;
    case "blockquote":
      return <blockquote className="border-l-2 border-edge pl-3 text-soft">{drawAll(token.tokens)}</blockquote>;
    case "list":
      return <List list={token} />;
    case "table":
      return <Table table={token} />;
    case "link":
      return <Link href={token.href}>{drawAll(token.tokens)}</Link>;
    case "image":
      return <Link href={token.href}>{token.text || token.href}</Link>;
    case "br":
      return <br />;
    case "hr":
      return <hr className="border-line" />;
    case "escape":
      return decode(token.text);
    case "space":
    case "def":
      return null;
    default:
      return token.raw;
  }
}

function Link({ href, children }: { href: string; children: ReactNode }) {
  if (!/^(https?:|mailto:)/i.test(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline decoration-edge underline-offset-2 hover:decoration-accent">
      {children}
    </a>
  );
}

function List({ list }: { list: Tokens.List }) {
  const Tag = list.ordered ? "ol" : "ul";
  return (
    <Tag
      start={list.ordered && typeof list.start === "number" ? list.start : undefined}
      className={`space-y-1 pl-5 marker:text-soft ${list.ordered ? "list-decimal" : "list-disc"}`}
    >
      {list.items.map((item, index) => (
        <li key={index}>
          {item.task ? (item.checked ? "☑ " : "☐ ") : null}
          {drawAll(item.tokens.filter((token) => token.type !== "checkbox"))}
        </li>
      ))}
    </Tag>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              <th key={index} style={{ textAlign: cell.align ?? "left" }} className="border-b border-edge py-1.5 pr-4 font-semibold">
                {drawAll(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={{ textAlign: cell.align ?? "left" }} className="border-b border-line py-1.5 pr-4 align-top">
                  {drawAll(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
/** The few entities people write; the rest is shown as written. */
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
