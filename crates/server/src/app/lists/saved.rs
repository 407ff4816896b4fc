//! Lists as somebody wants to see them again: personal, by name.

use rapport_domain::Table;
use rapport_store::registry::{ListViewRow, PutListView};

use crate::app::{App, AppError};

/// Saved views of one person at most.
pub const VIEWS_MAX: usize = 100;
/// Characters of a name at most.
pub const NAME_MAX_CHARS: usize = 100;
/// Bytes of a view's query as JSON at most: all conditions and columns that a list can have.
pub const QUERY_MAX_BYTES: usize = 32_768;

/// What saving came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedView {
    /// The view.
    Is(ListViewRow),
    /// There is one of this name.
    NameTaken,
}

impl App {
    /// The saved views of somebody, by table and name.
    pub async fn list_views(&self, of: Option<&str>) -> Result<Vec<ListViewRow>, AppError> {
        let owner = self.view_owner(of).await?;
        Ok(self.store.list_views(self.org(), &owner).await?)
    }

    /// Saves a view: a new one, or the one of this id anew.
    pub async fn save_list_view(
        &self,
        of: Option<&str>,
        id: Option<i64>,
        table: Table,
        name: &str,
        query: &str,
    ) -> Result<SavedView, AppError> {
        let owner = self.view_owner(of).await?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX_CHARS {
            return Err(AppError::invalid(format!("`name` has 1 to {NAME_MAX_CHARS} characters")));
        }
        if query.len() > QUERY_MAX_BYTES {
            return Err(AppError::invalid(format!("`query` is larger than {QUERY_MAX_BYTES} bytes")));
        }
        let known = self.store.list_views(self.org(), &owner).await?;
        if let Some(id) = id
            && !known.iter().any(|view| view.id == id)
        {
            return Err(missing(id));
        }
        if id.is_none() && known.len() >= VIEWS_MAX {
            return Err(AppError::refused(format!("there are {VIEWS_MAX} saved views already"))
                .with_hint("delete one that is no longer of use"));
        }
        let put = PutListView { id, viewer: &owner, table, name, query, now: self.now() };
        let saved = self.store.put_list_view(self.org(), &put).await?;
        Ok(saved.map_or(SavedView::NameTaken, SavedView::Is))
    }

    /// Deletes a saved view.
    pub async fn delete_list_view(&self, of: Option<&str>, id: i64) -> Result<(), AppError> {
        let owner = self.view_owner(of).await?;
        if self.store.delete_list_view(self.org(), &owner, id).await? { Ok(()) } else { Err(missing(id)) }
    }

    async fn view_owner(&self, of: Option<&str>) -> Result<String, AppError> {
        let view = self.view().await?;
        Ok(view.directory.user(self.need_looker(&view, of)?).email.clone())
    }
}

fn missing(id: i64) -> AppError {
    AppError::missing(format!("there is no saved view `{id}`"))
}
