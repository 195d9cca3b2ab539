//! The axum host: SSR, REST, SSE, boot and command line.
