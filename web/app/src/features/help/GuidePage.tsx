import { Button, Spinner } from "@fluentui/react-components";
import { PrintRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { createElement, type ReactNode } from "react";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { guidesQuery, type GuideNode } from "./guides.ts";
import styles from "./Help.module.css";

/** One guide, in the language of the pages. */
export function GuidePage({ name }: { name: string }) {
  const { t, language } = useL10n();
  const guides = useQuery(guidesQuery(language));
  if (guides.error) return <ProblemState problem={guides.error} retry={() => void guides.refetch()} />;
  const guide = guides.data?.find(({ names }) => names.includes(name))?.guide;
  if (!guide) return <Spinner style={{ height: "100%" }} />;
  return (
    <article className={styles.page}>
      <div className={styles.commands}>
        <Link to="/help">{t("help-all")}</Link>
        <Button appearance="subtle" icon={<PrintRegular />} onClick={() => globalThis.print()}>
          {t("help-print")}
        </Button>
      </div>
      <h1>{guide.title}</h1>
      <p className={styles.lead}>{guide.lead}</p>
      {guide.nodes.map(element)}
    </article>
  );
}

function element(node: GuideNode, key: number): ReactNode {
  if (typeof node === "string") return node;
  const children = node.children?.map(element);
  if (node.tag === "a") {
    return (
      <Link key={key} to={node.href}>
        {children}
      </Link>
    );
  }
  // A table that is wider than the screen scrolls, and nothing else does.
  if (node.tag === "table") {
    return (
      <div key={key} className={styles.scroll}>
        <table>{children}</table>
      </div>
    );
  }
  return createElement(node.tag, node.tag === "th" ? { key, scope: "col" } : { key }, children);
}
