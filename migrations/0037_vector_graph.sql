-- A denser graph for the nearest vectors. With pgvector's defaults (m 16, ef_construction 64) a search over 100,000
-- passages found 0.89 of the ten nearest, however wide it looked: the graph itself had no way to the others.
-- An insert costs about twice as much, which beside the model's work for the same passage is nothing.
drop index page_embeddings_hnsw_384;
create index page_embeddings_hnsw_384 on page_embeddings
    using hnsw ((embedding::vector(384)) vector_cosine_ops) with (m = 32, ef_construction = 128)
    where vector_dims(embedding) = 384;
drop index page_embeddings_hnsw_1536;
create index page_embeddings_hnsw_1536 on page_embeddings
    using hnsw ((embedding::vector(1536)) vector_cosine_ops) with (m = 32, ef_construction = 128)
    where vector_dims(embedding) = 1536;
