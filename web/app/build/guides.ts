import { marked, type Token, type Tokens } from "marked";
import type { Plugin } from "vite";

/** A part of a guide: a text, or an element with its parts. Nothing else comes out of Markdown, HTML least of all. */
export type GuideNode = string | { tag: GuideTag; children?: GuideNode[]; href?: string };
type GuideTag =
  | "h2"
  | "h3"
  | "p"
  | "ul"
  | "ol"
  | "li"
  | "strong"
  | "em"
  | "code"
  | "pre"
  | "a"
  | "table"
  | "thead"
  | "tbody"
  | "tr"
  | "th"
  | "td";

/** The same guide in another language. */
const TRANSLATION = /^\.\.\/\w\w\/[\w-]+\.md$/;
/** Another guide in the same language. */
const GUIDE = /^([\w-]+)\.md$/;
/** A page of ours. Whoever reads the file elsewhere has no use for the link: no viewer follows this scheme. */
const PAGE = /^app:(\/[\w/-]+)$/;

/** A guide as pages show it. */
export interface Guide {
  title: string;
  /** What it is for: its first paragraph. */
  lead: string;
  nodes: GuideNode[];
}

/** A guide from its Markdown; fails on whatever pages could not show. */
export function compileGuide(markdown: string): Guide {
  const [title, lead, ...rest] = marked.lexer(markdown).filter(({ type }) => type !== "space");
  if (title?.type !== "heading" || lead?.type !== "paragraph") throw new Error("a guide begins with its title and a paragraph");
  return { title: textOf(title), lead: textOf(lead), nodes: rest.map(block) };
}

/** The text of a token. Links to the guide in another language are left out: pages have a switch for languages. */
function textOf(token: Token): string {
  const plain = (node: GuideNode): string => (typeof node === "string" ? node : (node.children ?? []).map(plain).join(""));
  return inlines(token).map(plain).join("").trim();
}

function block(token: Token): GuideNode {
  switch (token.type) {
    case "heading":
      return { tag: (token as Tokens.Heading).depth === 2 ? "h2" : "h3", children: inlines(token) };
    case "paragraph":
      return { tag: "p", children: inlines(token) };
    case "code":
      return { tag: "pre", children: [{ tag: "code", children: [(token as Tokens.Code).text] }] };
    case "list": {
      const { ordered, items } = token as Tokens.List;
      return {
        tag: ordered ? "ol" : "ul",
        children: items.map((item) => ({ tag: "li", children: item.tokens.flatMap(inItem) })),
      };
    }
    case "table": {
      const { header, rows } = token as Tokens.Table;
      const cells = (tag: "th" | "td", row: Tokens.TableCell[]): GuideNode => ({
        tag: "tr",
        children: row.map((cell) => ({ tag, children: cell.tokens.flatMap(inline) })),
      });
      const head: GuideNode = { tag: "thead", children: [cells("th", header)] };
      return { tag: "table", children: [head, { tag: "tbody", children: rows.map((row) => cells("td", row)) }] };
    }
    default:
      throw new Error(`a guide cannot show ${token.type}: ${token.raw}`);
  }
}

function inItem(token: Token): GuideNode[] {
  if (token.type === "space") return [];
  return token.type === "text" ? inlines(token) : [block(token)];
}

function inlines(token: Token): GuideNode[] {
  return ("tokens" in token ? (token.tokens ?? []) : []).flatMap(inline);
}

function inline(token: Token): GuideNode[] {
  switch (token.type) {
    case "text":
    case "escape":
      return [(token as Tokens.Text).text];
    case "strong":
    case "em":
      return [{ tag: token.type, children: inlines(token) }];
    case "codespan":
      return [{ tag: "code", children: [(token as Tokens.Codespan).text] }];
    case "link":
      return link(token as Tokens.Link);
    default:
      throw new Error(`a guide cannot show ${token.type}: ${token.raw}`);
  }
}

function link(token: Tokens.Link): GuideNode[] {
  const { href } = token;
  if (TRANSLATION.test(href)) return [];
  const page = PAGE.exec(href)?.[1];
  const guide = GUIDE.exec(href)?.[1];
  if (!page && !guide) throw new Error(`a guide links neither a guide nor a page: ${href}`);
  return [{ tag: "a", href: page ?? `/help/${guide}`, children: inlines(token) }];
}

/** Makes modules of the guides under docs/guide, so that pages carry them and no Markdown is read in a browser. */
export function guidePlugin(): Plugin {
  return {
    name: "rapport-guides",
    transform(code, id) {
      if (!/\/docs\/guide\/\w+\/[\w-]+\.md$/.test(id)) return null;
      return { code: `export default ${JSON.stringify(compileGuide(code))};`, map: null };
    },
  };
}
