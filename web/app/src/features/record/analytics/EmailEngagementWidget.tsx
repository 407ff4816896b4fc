import { MailReadRegular } from "@fluentui/react-icons";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { WidgetProps } from "./props.ts";

/** Opens, attachment views and link clicks of followed emails. Nobody is followed by captured mail, which is metadata only. */
export function EmailEngagementWidget({ insights, asOf }: WidgetProps) {
  const { t } = useL10n();
  return (
    <Widget
      name="email-engagement"
      title={t("widget-engagement")}
      info={{ what: t("widget-engagement-what"), how: t("widget-engagement-how"), data: t("widget-engagement-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      <StateBox isSmall icon={<MailReadRegular />} title={t("engagement-none")} text={t("engagement-none-text")} />
    </Widget>
  );
}
