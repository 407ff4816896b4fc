import { Spinner } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, type ReactNode } from "react";
import { signInQuery } from "@/api/sign-in.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { PreferencesContext, usePreferences } from "./preferences.ts";

const SignInPage = lazy(() => import("@/features/sign-in/SignInPage.tsx"));
const ConsentRequestPage = lazy(() =>
  import("@/features/settings/ConsentRequestPage.tsx").then((module) => ({ default: module.ConsentRequestPage })),
);
const InvitationPage = lazy(() => import("@/features/sign-in/InvitationPage.tsx"));

/** The path of links that let somebody choose a password; the secret stands behind `#`, which no server is sent. */
const INVITATION_PATH = "/invitation";
/** The path of links that show what is asked to whoever may consent. */
const CONSENT_PATH = "/consent";

/** Lets whoever is signed in, or need not be, through to the pages; everybody else signs in first and stays on their address. */
export function Gate({ children }: { children: ReactNode }) {
  const signIn = useQuery(signInQuery());
  const { pathname, hash } = globalThis.location;
  if (pathname === INVITATION_PATH) {
    return (
      <Suspense fallback={<Waiting />}>
        <InvitationPage token={hash.slice(1)} />
      </Suspense>
    );
  }
  if (pathname === CONSENT_PATH) {
    return (
      <Suspense fallback={<Waiting />}>
        <ConsentRequestPage />
      </Suspense>
    );
  }
  if (signIn.error) return <ProblemState problem={signIn.error} retry={() => void signIn.refetch()} />;
  if (!signIn.data) return <Waiting />;
  const { is_required: isRequired, user } = signIn.data;
  if (!isRequired) return children;
  if (user == null) {
    return (
      <Suspense fallback={<Waiting />}>
        <SignInPage signIn={signIn.data} />
      </Suspense>
    );
  }
  return <AsUser user={user}>{children}</AsUser>;
}

/** Whoever is signed in is who looks, whatever this browser remembers. */
function AsUser({ user, children }: { user: string; children: ReactNode }) {
  const { preferences, change } = usePreferences();
  const state = useMemo(() => ({ preferences: { ...preferences, viewer: user }, change }), [preferences, change, user]);
  return <PreferencesContext value={state}>{children}</PreferencesContext>;
}

function Waiting() {
  return <Spinner style={{ height: "100%" }} />;
}
