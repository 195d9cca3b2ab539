//! What language models charge: `[prices."model"]` sections of `omniops.toml`, in dollars for a million tokens.
//!
//! ```toml
//! [prices."gpt-4.1-mini"]
//! input = "0.40"
//! cached_input = "0.10" # as input without it
//! output = "1.60"
//! reasoning = "1.60" # as output without it
//!
//! [prices."*"] # every other model
//! input = "30"
//! output = "120"
//! ```

use figment::value::Value;
use omniops_domain::ledger::{ModelPrice, PriceTable};
use omniops_types::MicroUsd;

use super::raw::{ConfigError, as_text};

/// The key in the file under which the sections stand.
pub(super) const SECTION: &str = "prices";
/// Stands for every model without a section of its own.
const OTHERS: &str = "*";

const FIELDS: [&str; 4] = ["input", "cached_input", "output", "reasoning"];
const AMOUNT: &str = "dollars for a million tokens with at most six decimals, such as \"2.50\"";

/// The table of the sections; without any, it knows no model.
pub(super) fn price_table(sections: Option<&Value>) -> Result<PriceTable, ConfigError> {
    let mut others = PriceTable::DEFAULT_OTHERS;
    let mut models = Vec::new();
    for (model, fields) in entries(sections) {
        let price = price(model, fields)?;
        if model == OTHERS {
            others = price;
        } else {
            models.push((model.to_owned(), price));
        }
    }
    Ok(PriceTable::new(models, others))
}

/// For `omniops config`: the models that have a price.
pub(super) fn names(sections: Option<&Value>) -> Option<String> {
    let names: Vec<&str> = entries(sections).map(|(model, _)| model).collect();
    (!names.is_empty()).then(|| names.join(","))
}

fn entries(sections: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let sections = sections.and_then(Value::as_dict);
    sections.into_iter().flatten().map(|(model, fields)| (model.as_str(), fields))
}

fn price(model: &str, fields: &Value) -> Result<ModelPrice, ConfigError> {
    let wrong = |field: &str, expected: &'static str| ConfigError::Price {
        model: model.to_owned(),
        field: field.to_owned(),
        expected,
    };
    let fields = fields.as_dict().ok_or_else(|| wrong("the section", "a table with input and output"))?;
    if let Some(unknown) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(wrong(unknown, "left out: only input, cached_input, output and reasoning have a price"));
    }
    let optional = |field: &str| {
        let amount = |value| as_text(value).parse::<MicroUsd>().map_err(|_| wrong(field, AMOUNT));
        fields.get(field).map(amount).transpose()
    };
    let required = |field| optional(field)?.ok_or_else(|| wrong(field, AMOUNT));
    let base = ModelPrice::new(required("input")?, required("output")?);
    Ok(ModelPrice {
        cached_input: optional("cached_input")?.unwrap_or(base.cached_input),
        reasoning: optional("reasoning")?.unwrap_or(base.reasoning),
        ..base
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    fn read(toml: &str) -> Result<PriceTable, ConfigError> {
        let file: BTreeMap<String, Value> = Figment::from(Toml::string(toml)).extract().unwrap();
        price_table(file.get(SECTION))
    }

    fn dollars(text: &str) -> MicroUsd {
        text.parse().unwrap()
    }

    #[test]
    fn prices_are_read_exactly_as_text_and_as_numbers() {
        let table = read("[prices.\"gpt-4.1-mini\"]\ninput = \"0.40\"\ncached_input = 0.075\noutput = 2").unwrap();
        let price = ModelPrice {
            input: dollars("0.40"),
            cached_input: dollars("0.075"),
            output: dollars("2"),
            reasoning: dollars("2"),
        };
        assert_eq!(table.price("gpt-4.1-mini"), (price, true));
    }

    #[test]
    fn other_models_cost_what_the_star_says_and_without_it_more_than_any() {
        let table = read("[prices.\"*\"]\ninput = 1\noutput = 5\nreasoning = 6").unwrap();
        let others = ModelPrice { reasoning: dollars("6"), ..ModelPrice::new(dollars("1"), dollars("5")) };
        assert_eq!(table.price("gpt-4.1-mini"), (others, false));
        assert_eq!(read("").unwrap().price("any"), (PriceTable::DEFAULT_OTHERS, false));
    }

    #[test]
    fn a_price_that_cannot_be_used_is_told_with_its_model_and_field() {
        for (toml, told) in [
            ("[prices.\"m\"]\ninput = \"cheap\"\noutput = 1", "\"m\" is not usable: input must be"),
            ("[prices.\"m\"]\ninput = 1", "\"m\" is not usable: output must be"),
            ("[prices.\"m\"]\ninput = -1\noutput = 1", "\"m\" is not usable: input must be"),
            ("[prices.\"m\"]\ninput = 1\noutput = 0.0000001", "\"m\" is not usable: output must be"),
            ("[prices.\"m\"]\ninput = 1\noutput = 1\nouptut = 2", "\"m\" is not usable: ouptut must be left out"),
            ("[prices]\nm = 3", "\"m\" is not usable: the section must be"),
        ] {
            let error = read(toml).unwrap_err().to_string();
            assert!(error.contains(told), "{toml}: {error}");
        }
    }
}
