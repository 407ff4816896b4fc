import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "./environment.ts";

const USERS = `email,name,title,roles,groups
ann@us.example,Ann Aarts,Seller,Salesperson,Sales
bob@us.example,Bob Bos,Director,Sales Manager,Board
`;
const CONTACTS = "id,name,email,owner\nc1,Jo Smit,jo@acme.example,ann@us.example\n";
const MAILS = `occurred_at,kind,from,to,message_id,mailbox,source
2026-11-02T09:00:00Z,email,ann@us.example,jo@acme.example,1@x,ann@us.example,mailbox
2026-11-03T09:00:00Z,email,jo@acme.example,ann@us.example,2@x,ann@us.example,mailbox
`;

export interface FreshServer {
  address: string;
  /** By which the first administrator chooses a password. */
  setupLink: string;
  /** Lets users sign in with an OpenID provider, which may say by a claim who administers the tenant. */
  addProvider: (
    id: string,
    name: string,
    issuer: string,
    client: { id: string; secret: string },
    administrators?: string,
  ) => void;
  /** Imports two mails of ann's mailbox; consent must have been given. */
  importMail: () => void;
  stop: () => void;
}

/** A server of its own over a fresh store with two users and a contact, where nothing is enabled. */
export async function freshServer(): Promise<FreshServer> {
  const folder = mkdtempSync(join(tmpdir(), "rapport-fresh-"));
  const data = join(folder, "data");
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const run = (...rest: string[]) => execFileSync(BINARY, ["--data", data, ...rest], { stdio: "pipe" });
  run("init", "--internal-domain", "us.example", "--time-zone", "Europe/Amsterdam");
  run("import", "users", file("users.csv", USERS));
  file("contacts.csv", CONTACTS);
  run("import", "crm", folder);
  const server = spawn(BINARY, ["--data", data, "serve", "--listen", "127.0.0.1:0"], { stdio: "pipe" });
  let notes = "";
  server.stderr.on("data", (chunk: Buffer) => (notes += chunk.toString()));
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /http:\/\/\S+/.exec(said);
      if (found) resolve(found[0]);
    });
    server.once("exit", (code) => reject(new Error(`rapport serve ended with ${code}: ${said}${notes}`)));
  });
  return {
    address,
    setupLink: /http\S+\/invitation#\S+/.exec(notes)?.[0] ?? "",
    addProvider: (id, name, issuer, client, administrators) =>
      void run(
        ...["sign-in", "provider", "set", id, "--name", name, "--issuer", issuer, "--client-id", client.id],
        ...["--secret-file", file("secret", client.secret)],
        ...(administrators ? ["--administrators", administrators] : []),
      ),
    importMail: () => void run("import", "interactions", file("mails.csv", MAILS)),
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
