//! A new model: the older one's vectors answer until all is embedded anew, which the first question asks for.

use std::sync::Arc;

use async_trait::async_trait;
use omniops_embedding::{EmbedError, Embedder, Space};

use super::{RETURNS, World, model};
use crate::knowledge::{active_space, try_run_one};

/// A new model that has embedded nothing yet, with the model before it at hand.
struct Changed {
    space: Space,
    before: Option<Arc<dyn Embedder>>,
}

impl Changed {
    fn from(before: Option<Arc<dyn Embedder>>) -> Arc<Self> {
        let space = Space { provider: "openai".to_owned(), model: "new".to_owned(), dimensions: 3 };
        Arc::new(Self { space, before })
    }
}

#[async_trait]
impl Embedder for Changed {
    fn space(&self) -> &Space {
        &self.space
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0]).collect())
    }

    fn of_space(&self, space: &Space) -> Option<Arc<dyn Embedder>> {
        self.before.iter().find(|before| before.space() == space).map(Arc::clone)
    }
}

impl World {
    /// A shop whose only page was embedded with the local model, which then stopped being the current one.
    async fn with_new_model(before: Option<Arc<dyn Embedder>>) -> Self {
        let world = Self::with_embedder(Changed::from(before)).await;
        world.shop.page(&world.domain, "Right of withdrawal", &[RETURNS]).await;
        let old = super::space(&world.domain, model().await.space()).await;
        let mut tx = world.domain.database.tenant(world.shop.tenant).await.unwrap();
        sqlx::query("insert into domain_embedding_spaces (tenant_id, domain_id, space_id) values ($1, $2, $3)")
            .bind(world.shop.tenant.uuid())
            .bind(world.shop.domain.uuid())
            .bind(old)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world
    }

    async fn active_model(&self) -> String {
        let mut tx = self.domain.database.tenant(self.shop.tenant).await.unwrap();
        active_space(&mut tx, self.shop.domain).await.unwrap().unwrap().space.model
    }

    async fn reembeddings(&self) -> i64 {
        let mut tx = self.domain.database.tenant(self.shop.tenant).await.unwrap();
        sqlx::query_scalar("select count(*) from content_refresh_jobs where kind = 'reembed'")
            .fetch_one(tx.conn())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn after_a_change_of_model_the_old_vectors_answer_until_the_new_ones_are_complete() {
    let world = World::with_new_model(Some(model().await)).await;
    // Not a word in common: only vectors can find it.
    let outcome = world.search("How do I get a refund?").await;
    assert_eq!(outcome.hits[0].text, RETURNS);
    assert!(outcome.hits[0].cosine.unwrap() > 0.3);
    assert_eq!(outcome.query_vector.len(), 384, "asked in the older space");

    assert!(try_run_one(&world.domain).await.unwrap());
    assert_eq!(world.active_model().await, "new");
    assert_eq!(world.search("How do I get a refund?").await.query_vector.len(), 3);
}

#[tokio::test]
async fn the_first_question_after_a_change_of_model_queues_the_re_embedding_once() {
    let world = World::with_new_model(Some(model().await)).await;
    assert_eq!(world.reembeddings().await, 0, "no worker has started");
    world.search("refund").await;
    world.search("refund").await;
    assert_eq!(world.reembeddings().await, 1);
    assert!(try_run_one(&world.domain).await.unwrap());
    world.search("refund").await;
    assert_eq!(world.reembeddings().await, 1, "there is nothing left to embed");
}

#[tokio::test]
async fn without_the_older_model_words_still_find() {
    let world = World::with_new_model(None).await;
    assert_eq!(world.search("money back within thirty days").await.hits[0].text, RETURNS);
    assert_eq!(world.reembeddings().await, 1);
}
