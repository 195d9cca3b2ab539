//! Migrations are part of the program: compile again when one is added.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
