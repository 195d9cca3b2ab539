//! The real server over real sockets, on a database of its own for each test.

mod auth;
mod chat;
mod conversations;
mod envelope;
mod health;
mod isolation;
mod openapi;
mod pages;
mod realtime;
mod support;
mod widget;
