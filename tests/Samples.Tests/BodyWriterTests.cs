using System.Text.Json.Nodes;
using Agora.Samples.Agent;

namespace Agora.Samples.Tests;

public sealed class BodyWriterTests
{
    [Theory]
    [InlineData("""{"const":{"a":[1,null]}}""", """{"a":[1,null]}""")]
    [InlineData("""{"enum":["window","aisle"]}""", "\"window\"")]
    [InlineData("""{"type":"integer","default":7,"enum":[1,7]}""", "7")]
    [InlineData("""{"type":"string","examples":["NRT"]}""", "\"NRT\"")]
    [InlineData("""{"type":"boolean"}""", "true")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":5}""", "3")]
    [InlineData("""{"type":"integer","exclusiveMinimum":3}""", "4")]
    [InlineData("""{"type":"integer","maximum":-2}""", "-2")]
    [InlineData("""{"type":"number","exclusiveMaximum":1}""", "0")]
    [InlineData("""{"type":["integer","null"]}""", "1")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-01-15\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"agent@example.com\"")]
    [InlineData("""{"type":"string","pattern":"^[A-Z]{3}-\\d{2,4}x?$"}""", "\"AAA-11\"")]
    [InlineData("""{"type":"string","maxLength":10}""", "\"The trains\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"boolean"},"b":{}},"required":["a"]}""", """{"a":true}""")]
    [InlineData("""{"type":"array","minItems":2,"uniqueItems":true,"items":{"enum":["x","y","z"]}}""", """["x","y"]""")]
    [InlineData("""{"type":"array","items":false}""", "[]")]
    [InlineData("""{"oneOf":[{"const":"first"},{"const":"second"}]}""", "\"first\"")]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"required":["b"]}]}""", """{"a":1}""")]
    [InlineData("""{"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}},"required":["b"]}]}""", """{"a":1,"b":2}""")]
    [InlineData("true", "{}")]
    public void A_value_is_made_for_each_keyword(string schema, string expected) => Assert.Equal(expected, Write(schema).ToJsonString());

    [Fact]
    public void A_long_text_gets_a_paragraph_of_at_least_the_length_asked_for()
    {
        var text = (string?)Write("""{"type":"string","minLength":2000,"maxLength":50000}""");

        Assert.InRange(text!.Length, 2000, 50_000);
    }

    [Fact]
    public void A_local_reference_counts_from_the_nearest_id()
    {
        const string schema = """
            {
              "type": "object",
              "properties": {
                "output": {
                  "$id": "urn:task",
                  "type": "object",
                  "$defs": { "code": { "const": "inner" } },
                  "properties": { "code": { "$ref": "#/$defs/code" }, "self": { "$ref": "#/properties/code" } },
                  "required": ["code", "self"]
                },
                "code": { "$ref": "#/$defs/code" }
              },
              "required": ["output", "code"],
              "$defs": { "code": { "const": "outer" } }
            }
            """;

        Assert.Equal("""{"output":{"code":"inner","self":"inner"},"code":"outer"}""", Write(schema).ToJsonString());
    }

    [Fact]
    public void Consents_given_as_prefixItems_of_constants_are_all_granted()
    {
        const string schema = """
            {
              "type": "object",
              "properties": {
                "consents": {
                  "type": "array",
                  "prefixItems": [
                    { "type": "object", "properties": { "type": { "const": "data_sharing" }, "granted": { "const": true } }, "required": ["type", "granted"] },
                    { "type": "object", "properties": { "type": { "const": "contact" }, "granted": { "const": true } }, "required": ["type", "granted"] }
                  ],
                  "items": false,
                  "minItems": 2
                }
              },
              "required": ["consents"]
            }
            """;

        Assert.Equal("""{"consents":[{"type":"data_sharing","granted":true},{"type":"contact","granted":true}]}""", Write(schema).ToJsonString());
    }

    [Fact]
    public void Prefilled_members_win_over_constants_and_constants_over_fills()
    {
        const string schema = """
            {
              "type": "object",
              "properties": { "a": { "const": 1 }, "b": { "const": 1 }, "c": { "type": "integer" }, "d": { "type": "object", "properties": { "e": { "const": 1 } }, "required": ["e"] } },
              "required": ["a", "b", "c", "d"]
            }
            """;
        var writer = new BodyWriter(new Dictionary<string, string> { ["b"] = "5", ["c"] = "6" });

        var body = writer.Write(JsonNode.Parse(schema), JsonNode.Parse("""{"a":2,"d":{"f":3},"c":null}"""));

        Assert.Equal("""{"a":2,"b":1,"c":6,"d":{"e":1,"f":3}}""", body.ToJsonString());
    }

    [Fact]
    public void A_fill_is_put_into_optional_members_of_its_name_at_any_depth()
    {
        const string schema = """{"type":"object","properties":{"in":{"type":"object","properties":{"note":{"type":"string"}}}},"required":["in"]}""";
        var writer = new BodyWriter(new Dictionary<string, string> { ["note"] = "mine" });

        Assert.Equal("""{"in":{"note":"mine"}}""", writer.Write(JsonNode.Parse(schema), null).ToJsonString());
    }

    [Fact]
    public void A_schema_that_asks_for_endless_nesting_is_refused_InvalidDataException() =>
        Assert.Throws<InvalidDataException>(() => Write("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"""));

    private static JsonNode Write(string schema) => new BodyWriter([]).Write(JsonNode.Parse(schema), null);
}
