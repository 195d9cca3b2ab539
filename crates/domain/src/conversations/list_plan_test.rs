//! The lists of the inbox stay quick however many conversations there are: each is read from an index, in order.
