import { Checkbox, Dropdown, Field, Input, Option, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import type { ConnectorKind, MicrosoftCloud } from "@/api/connectors.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { portOf, SECURITIES, usualPort, usualScope, type Draft, type Security, type SignInWay } from "./connectorDraft.ts";
import styles from "./Settings.module.css";

interface Props {
  draft: Draft;
  /** Names of the secrets that stay where their field is left empty. */
  keepsSecrets: string[];
  onChange: (changed: Partial<Draft>) => void;
}

const SECURITY_WORDS: Record<Security, MessageId> = {
  tls: "connector-security-tls",
  start_tls: "connector-security-start-tls",
  none: "connector-security-none",
};

const CLOUDS = {
  global: "cloud-global",
  us_government: "cloud-us-government",
  us_defense: "cloud-us-defense",
  china: "cloud-china",
} as const;
type NamedCloud = keyof typeof CLOUDS;

/** What stands in the name of a mailbox's user, or in an address, for what belongs to a mailbox. */
const PLACES = { address: "{address}", local: "{local}", domain: "{domain}" };

/** Fields of a connector by what it speaks. */
export function ConnectorFields({ kind, ...rest }: Props & { kind: ConnectorKind }) {
  switch (kind) {
    case "microsoft_365":
      return <MicrosoftFields {...rest} />;
    case "imap":
      return <ImapFields {...rest} />;
    case "jmap":
      return <JmapFields {...rest} />;
    case "exchange":
      return <WebFields hint="connector-url-exchange" example="https://mail.example.com/EWS/Exchange.asmx" {...rest} />;
    case "caldav":
      return <WebFields hint="connector-url-caldav" example="https://mail.example.com/dav/{address}/" {...rest} />;
  }
}

/** Whose mailboxes a connector reads. */
export function DomainsField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useL10n();
  return (
    <Field label={t("connector-domains")} hint={t("connector-domains-hint")}>
      <Textarea value={value} rows={2} placeholder="example.com" onChange={(_, data) => onChange(data.value)} />
    </Field>
  );
}

function ImapFields(props: Props) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  return (
    <>
      <Field required label={t("connector-host")} hint={t("connector-host-hint")}>
        <Input value={draft.host} placeholder="mail.example.com" onChange={(_, data) => onChange({ host: data.value })} />
      </Field>
      <Field label={t("connector-security")} hint={draft.security === "none" ? t("connector-security-none-hint") : undefined}>
        <RadioGroup
          value={draft.security}
          onChange={(_, data) => onChange({ security: SECURITIES.find((one) => one === data.value) ?? "tls" })}
        >
          {SECURITIES.map((one) => (
            <Radio key={one} value={one} label={t(SECURITY_WORDS[one])} />
          ))}
        </RadioGroup>
      </Field>
      <Field
        label={t("connector-port")}
        hint={t("connector-port-hint", { port: String(usualPort(draft.security)) })}
        validationMessage={portOf(draft) === null ? t("connector-port-wrong") : undefined}
      >
        <Input
          inputMode="numeric"
          value={draft.port}
          placeholder={String(usualPort(draft.security))}
          onChange={(_, data) => onChange({ port: data.value })}
        />
      </Field>
      <SignInFields ways={["account", "own", "client_credentials", "service_account"]} {...props} />
    </>
  );
}

function WebFields({ hint, example, ...props }: Props & { hint: MessageId; example: string }) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  return (
    <>
      <Field required label={t("connector-url")} hint={t(hint, PLACES)}>
        <Input value={draft.url} placeholder={example} onChange={(_, data) => onChange({ url: data.value })} />
      </Field>
      <SignInFields ways={["account", "own"]} {...props} />
    </>
  );
}

function JmapFields(props: Props) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  return (
    <>
      <WebFields hint="connector-url-jmap" example="https://mail.example.com" {...props} />
      <Checkbox
        checked={draft.usesToken}
        label={t("connector-uses-token")}
        onChange={(_, { checked }) => onChange({ usesToken: checked === true })}
      />
    </>
  );
}

const WAY_WORDS: Record<SignInWay, MessageId> = {
  account: "connector-sign-in-account",
  own: "connector-sign-in-own",
  client_credentials: "connector-sign-in-client",
  service_account: "connector-sign-in-service",
};

/** How mailboxes are signed in to: by a name and a password, or by tokens. */
function SignInFields({ ways, ...props }: Props & { ways: SignInWay[] }) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  return (
    <>
      <Field label={t("connector-sign-in")}>
        <RadioGroup
          value={draft.way}
          onChange={(_, data) => onChange({ way: ways.find((one) => one === data.value) ?? "account" })}
        >
          {ways.map((one) => (
            <Radio key={one} value={one} label={t(WAY_WORDS[one])} />
          ))}
        </RadioGroup>
      </Field>
      <WayFields {...props} />
      <Field required label={t("connector-user")} hint={t("connector-user-hint", PLACES)}>
        <Input value={draft.user} onChange={(_, data) => onChange({ user: data.value })} />
      </Field>
    </>
  );
}

function WayFields(props: Props) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  switch (draft.way) {
    case "own":
      return <p className={styles.note}>{t("connector-sign-in-own-text")}</p>;
    case "account":
      return (
        <>
          <Field required label={t("connector-account")} hint={t("connector-account-hint")}>
            <Input value={draft.account} autoComplete="off" onChange={(_, data) => onChange({ account: data.value })} />
          </Field>
          <SecretField name="password" label="connector-password" {...props} />
        </>
      );
    case "client_credentials":
      return (
        <>
          <Field required label={t("connector-token-url")} hint={t("connector-token-url-hint")}>
            <Input
              value={draft.tokenUrl}
              placeholder="https://login.microsoftonline.com/…/oauth2/v2.0/token"
              onChange={(_, data) => onChange({ tokenUrl: data.value })}
            />
          </Field>
          <Field required label={t("connector-client")} hint={t("connector-client-imap-hint")}>
            <Input value={draft.clientId} onChange={(_, data) => onChange({ clientId: data.value })} />
          </Field>
          <SecretField name="client_secret" label="connector-client-secret" {...props} />
          <ScopeField {...props} />
        </>
      );
    case "service_account":
      return (
        <>
          <SecretField isLong name="service_account" label="connector-service-account" {...props} />
          <ScopeField {...props} />
        </>
      );
  }
}

/** What tokens are for. */
function ScopeField({ draft, onChange }: Props) {
  const { t } = useL10n();
  const usual = usualScope(draft.way) ?? "";
  return (
    <Field label={t("connector-scope")} hint={t("connector-scope-hint", { scope: usual })}>
      <Input value={draft.scope} placeholder={usual} onChange={(_, data) => onChange({ scope: data.value })} />
    </Field>
  );
}

function MicrosoftFields(props: Props) {
  const { t } = useL10n();
  const { draft, onChange } = props;
  return (
    <>
      <Field label={t("connector-reads")}>
        <RadioGroup
          value={draft.reads}
          onChange={(_, data) => onChange({ reads: data.value === "message_traces" ? "message_traces" : "mailboxes" })}
        >
          <Radio value="mailboxes" label={t("connector-reads-mailboxes")} />
          <Radio value="message_traces" label={t("connector-reads-traces")} />
        </RadioGroup>
      </Field>
      {draft.reads === "message_traces" ? <p className={styles.note}>{t("connector-reads-traces-text")}</p> : null}
      <Field required label={t("connector-tenant")} hint={t("connector-tenant-hint")}>
        <Input value={draft.tenantId} onChange={(_, data) => onChange({ tenantId: data.value })} />
      </Field>
      <Field
        required
        label={t("connector-client")}
        hint={t(draft.reads === "mailboxes" ? "connector-client-hint" : "connector-client-traces-hint")}
      >
        <Input value={draft.clientId} onChange={(_, data) => onChange({ clientId: data.value })} />
      </Field>
      <Field label={t("connector-cloud")}>
        <CloudChoice cloud={draft.cloud} onChange={(cloud) => onChange({ cloud })} />
      </Field>
      <Field label={t("connector-proof")}>
        <RadioGroup
          value={draft.proof}
          onChange={(_, data) => onChange({ proof: data.value === "certificate" ? "certificate" : "secret" })}
        >
          <Radio value="secret" label={t("connector-proof-secret")} />
          <Radio value="certificate" label={t("connector-proof-certificate")} />
        </RadioGroup>
      </Field>
      {draft.proof === "secret" ? (
        <SecretField name="client_secret" label="connector-client-secret" {...props} />
      ) : (
        <>
          <SecretField isLong name="certificate" label="connector-certificate" {...props} />
          <SecretField isLong name="private_key" label="connector-private-key" {...props} />
        </>
      )}
      <Field hint={t("connector-reads-users-hint")}>
        <Checkbox
          checked={draft.readsUsers}
          label={t("connector-reads-users")}
          onChange={(_, { checked }) => onChange({ readsUsers: checked === true })}
        />
      </Field>
    </>
  );
}

function CloudChoice({ cloud, onChange, ...control }: { cloud: MicrosoftCloud; onChange: (cloud: NamedCloud) => void }) {
  const { t } = useL10n();
  // Other addresses are for tests, and are set by API alone; a form that is not touched leaves them.
  const chosen = typeof cloud === "string" ? cloud : null;
  return (
    <Dropdown
      {...control}
      value={chosen ? t(CLOUDS[chosen]) : t("cloud-custom")}
      selectedOptions={chosen ? [chosen] : []}
      onOptionSelect={(_, { optionValue }) =>
        onChange((Object.keys(CLOUDS) as NamedCloud[]).find((one) => one === optionValue) ?? "global")
      }
    >
      {(Object.keys(CLOUDS) as NamedCloud[]).map((one) => (
        <Option key={one} value={one}>
          {t(CLOUDS[one])}
        </Option>
      ))}
    </Dropdown>
  );
}

interface SecretProps extends Props {
  name: string;
  label: MessageId;
  /** A text of several lines (PEM or JSON). */
  isLong?: boolean;
}

/** How a secret of several lines begins. */
const BEGINNINGS: Record<string, string> = {
  certificate: "-----BEGIN CERTIFICATE-----",
  private_key: "-----BEGIN PRIVATE KEY-----",
  service_account: '{ "type": "service_account", …',
};

/** A secret: it is written, never shown. */
function SecretField({ name, label, isLong = false, draft, keepsSecrets, onChange }: SecretProps) {
  const { t } = useL10n();
  const isKept = keepsSecrets.includes(name);
  const value = draft.secrets[name] ?? "";
  const set = (typed: string) => onChange({ secrets: { ...draft.secrets, [name]: typed } });
  return (
    <Field required={!isKept} label={t(label)} hint={t(isKept ? "connector-secret-keep" : "connector-secret-hint")}>
      {isLong ? (
        <Textarea
          value={value}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          placeholder={BEGINNINGS[name]}
          onChange={(_, data) => set(data.value)}
        />
      ) : (
        <Input type="password" autoComplete="new-password" value={value} onChange={(_, data) => set(data.value)} />
      )}
    </Field>
  );
}
