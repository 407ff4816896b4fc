import { Outlet } from "@tanstack/react-router";
import { SettingsWords } from "@/i18n/SettingsWords.tsx";

/** Around the pages of settings and privacy. */
export function SettingsArea() {
  return (
    <SettingsWords>
      <Outlet />
    </SettingsWords>
  );
}
