//! Merging people that are one, and taking it back.

use rapport_domain::Address;
use rapport_store::registry::MergeRow;

use super::{App, AppError};

impl App {
    /// Makes two people one: every figure of either covers both from now on. The merge's number.
    pub async fn merge_people(&self, kept: &str, merged: &str) -> Result<i64, AppError> {
        let view = self.view().await?;
        let mut keys = Vec::new();
        for text in [kept, merged] {
            let address = Address::parse(text).map_err(|error| AppError::invalid(format!("`{text}`: {error}")))?;
            if view.ours.is_our_key(address.as_str()) {
                return Err(AppError::invalid(format!(
                    "`{address}` is ours; give a user's second address as an alias in users.csv"
                )));
            }
            let id = view.address_id(address.as_str()).ok_or_else(|| AppError::missing(format!("`{address}` was never seen")))?;
            keys.push((view.directory.address(id).person, view.directory.address(id).key.to_string()));
        }
        if keys[0].0 == keys[1].0 {
            return Err(AppError::refused(format!("`{}` and `{}` are one person already", keys[0].1, keys[1].1)));
        }
        Ok(self.store.merge_people(self.org(), &keys[0].1, &keys[1].1, self.actor(), self.now()).await?)
    }

    /// Takes a merge back.
    pub async fn split_people(&self, merge_id: i64) -> Result<(), AppError> {
        Ok(self.store.split_people(self.org(), merge_id, self.actor(), self.now()).await?)
    }

    /// All merges, also those taken back.
    pub async fn people_merges(&self) -> Result<Vec<MergeRow>, AppError> {
        Ok(self.store.people_merges(self.org()).await?)
    }
}
