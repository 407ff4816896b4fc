//! KPIs and health of one record from one reading of its rows: what lists show.

use rapport_domain::Touches;

use crate::{
    Context, HealthFolder, KpiFolder, RecordScope,
    health::HealthFigures,
    kpis::{KpiFigures, Window},
    rows::Rows,
};

/// Folds records to their figures, one after the other, with the same buffers.
#[derive(Clone, Debug, Default)]
pub struct RecordFolder {
    rows: Rows,
    kpis: KpiFolder,
    health: HealthFolder,
}

impl RecordFolder {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// What [`KpiFolder::figures`] and [`HealthFolder::figures`] say of a record, bit for bit. The window is the same for a whole pass, so
    /// the caller makes it once.
    pub fn figures(
        &mut self,
        ctx: &Context<'_>,
        scope: &RecordScope,
        touches: &Touches,
        window: Window,
    ) -> (KpiFigures, HealthFigures) {
        self.rows.read(ctx, scope, touches);
        let window = Window { end: window.end.min(ctx.as_of), ..window };
        let kpis = self.kpis.figures_of(ctx, touches, &self.rows, window);
        (kpis, self.health.figures_of(ctx, scope, touches, &self.rows))
    }
}
