//! What `serve` does by itself, while nobody asks.

use std::time::Duration;

use rapport_domain::{Moment, time::HOUR_US};
use tokio::sync::watch;

use crate::App;

/// Between two looks at the clock. What the clock decides holds from its moment on, whether or not it is written down yet.
const TICK: Duration = Duration::from_secs(20);

/// Runs whatever is due, from the start (the server may have been down) until the server stops.
pub(crate) async fn run(app: App, mut stopping: watch::Receiver<bool>) {
    let mut calibrates_from = Moment(i64::MIN);
    loop {
        if app.now() >= calibrates_from
            && let Err(error) = app.calibrate_if_due().await
        {
            // It reads the whole store: not at every tick.
            calibrates_from = app.now().plus_us(HOUR_US);
            tracing::error!(%error, hint = error.hint(), "the likelihood could not be calibrated");
        }
        if let Err(error) = app.run_due().await {
            // The next tick tries again; what failed is said with its hint, and names nobody.
            tracing::error!(%error, hint = error.hint(), "a job failed");
        }
        let is_over = tokio::select! {
            () = tokio::time::sleep(TICK) => false,
            stopped = stopping.wait_for(|stopping| *stopping) => { drop(stopped); true }
        };
        if is_over {
            if let Err(error) = app.keep_looks().await {
                tracing::error!(%error, "the end of the access log is lost");
            }
            return;
        }
    }
}
