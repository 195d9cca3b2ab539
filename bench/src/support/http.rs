//! An HTTP/1.1 client that costs next to nothing, so that what is measured is the server.
//!
//! One request at a time over one kept-alive connection; bodies with a length or in chunks; nothing is decompressed.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n\r\n").into_bytes())
    }

    pub fn post_json(path: &str, body: &impl serde::Serialize) -> Result<Self> {
        let body = serde_json::to_string(body)?;
        let length = body.len();
        Ok(Self(
            format!(
                "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        ))
    }

    /// With one more header, such as a credential.
    pub fn with(self, name: &str, value: &str) -> Self {
        let Self(bytes) = self;
        let line_end = find(&bytes, b"\r\n").map_or(0, |at| at + 2);
        let (first, rest) = bytes.split_at(line_end);
        Self([first, format!("{name}: {value}\r\n").as_bytes(), rest].concat())
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// The header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// Fails, with the start of the body, unless the status is 2xx.
    pub fn success(self) -> Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body);
        bail!("status {}: {}", self.status, body.chars().take(300).collect::<String>())
    }

    pub fn json<T: serde::de::DeserializeOwned>(self) -> Result<T> {
        Ok(serde_json::from_slice(&self.success()?.body)?)
    }
}

/// A kept-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Received and not yet used.
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(addr).await.with_context(|| format!("cannot connect to {addr}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends and reads the whole reply.
    pub async fn send(&mut self, request: &Request) -> Result<Reply> {
        let (status, head) = self.begin(request).await?;
        let body = match header(&head, "content-length") {
            Some(length) => self.take(length.parse()?).await?,
            None if header(&head, "transfer-encoding").is_some() => self.chunks().await?,
            None => Vec::new(),
        };
        Ok(Reply { status, head, body })
    }

    /// Sends and reads the head only: what follows is a stream, read with [`Connection::read_more`].
    pub async fn begin(&mut self, request: &Request) -> Result<(u16, String)> {
        self.stream.write_all(&request.0).await?;
        let end = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8(self.buffer.drain(..end + 4).collect())?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).context("no status in the reply")?;
        Ok((status, head))
    }

    /// The next piece of a stream, chunk marks and all; `None` at its end.
    pub async fn read_more(&mut self) -> Result<Option<Vec<u8>>> {
        if self.buffer.is_empty() && self.fill().await? == 0 {
            return Ok(None);
        }
        Ok(Some(std::mem::take(&mut self.buffer)))
    }

    async fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = self.until(b"\r\n").await?;
            let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
            let size = usize::from_str_radix(std::str::from_utf8(line.get(..end).unwrap_or_default())?.trim(), 16)?;
            let chunk = self.take(size + 2).await?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(chunk.get(..size).unwrap_or_default());
        }
    }

    async fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < count {
            ensure!(self.fill().await? > 0, "the server closed the connection within a body");
        }
        Ok(self.buffer.drain(..count).collect())
    }

    async fn until(&mut self, mark: &[u8]) -> Result<usize> {
        let mut from = 0;
        loop {
            if let Some(at) = find(self.buffer.get(from..).unwrap_or_default(), mark) {
                return Ok(from + at);
            }
            from = self.buffer.len().saturating_sub(mark.len());
            ensure!(self.fill().await? > 0, "the server closed the connection");
        }
    }

    async fn fill(&mut self) -> Result<usize> {
        Ok(self.stream.read_buf(&mut self.buffer).await?)
    }
}

/// Where the mark begins.
pub fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_with_a_length_and_in_chunks_are_read() -> Result<()> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let mut request = [0; 1024];
            for reply in [
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
                "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            ] {
                let _ = stream.read(&mut request).await?;
                stream.write_all(reply.as_bytes()).await?;
            }
            anyhow::Ok(())
        });
        let mut connection = Connection::open(addr).await?;
        let first = connection.send(&Request::get("/")).await?;
        assert_eq!((first.status, first.body.as_slice()), (200, b"hello".as_slice()));
        let second = connection.send(&Request::get("/").with("x-more", "1")).await?;
        assert_eq!((second.status, second.body.as_slice()), (404, b"abc0123456789".as_slice()));
        Ok(())
    }
}
