using System.Text;

namespace Agora.JsonSchema.Tests;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("5", "", "")]
    [InlineData("""{"type":"strin"}""", "/type", "type")]
    [InlineData("""{"properties":{"a":{"minLength":-1}}}""", "/properties/a/minLength", "minLength")]
    [InlineData("""{"properties":{"a":5}}""", "/properties/a", "properties")]
    [InlineData("""{"items":[{}]}""", "/items", "items")]
    [InlineData("""{"required":["a","a"]}""", "/required/1", "required")]
    [InlineData("""{"multipleOf":0}""", "/multipleOf", "multipleOf")]
    [InlineData("""{"allOf":[]}""", "/allOf", "allOf")]
    [InlineData("""{"$defs":{"a":{"pattern":"(b"}}}""", "/$defs/a/pattern", "pattern")]
    [InlineData("""{"patternProperties":{"[z-a]":{}}}""", "/patternProperties/[z-a]", "patternProperties")]
    [InlineData("""{"pattern":"\\p{Script=Greek}"}""", "/pattern", "pattern")]
    [InlineData("""{"pattern":"a{70000}"}""", "/pattern", "pattern")]
    [InlineData("""{"pattern":"(?i)a"}""", "/pattern", "pattern")]
    [InlineData("""{"pattern":"(?"}""", "/pattern", "pattern")]
    [InlineData("""{"properties":{"a":{"$ref":"https://example.com/a.json"}}}""", "/properties/a/$ref", "$ref")]
    [InlineData("""{"$defs":{"unused":{"$ref":"//example.com/a"}}}""", "/$defs/unused/$ref", "$ref")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""", "/$ref", "$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "/$ref", "$ref")]
    [InlineData("""{"$ref":"#none"}""", "/$ref", "$ref")]
    [InlineData("""{"$dynamicRef":"#none"}""", "/$dynamicRef", "$dynamicRef")]
    [InlineData("""{"$ref":"#/unknown/0","unknown":[{"type":"strin"}]}""", "/unknown/0/type", "type")]
    [InlineData("""{"$ref":"#"}""", "", "$ref")]
    [InlineData("""{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}}}""", "/$defs/a", "$ref")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "/$schema", "$schema")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"]}}""", "/dependencies", "dependencies")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"additionalItems":false}}}""", "/properties/a/additionalItems", "additionalItems")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"items":[{}]}}}""", "/properties/a/items", "items")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/b","minLength":2}},"definitions":{"b":{}}}""", "/properties/a/$ref", "$ref")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"contains":{},"minContains":2}}}""", "/properties/a/minContains", "minContains")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"contains":{},"maxContains":2}}}""", "/properties/a/maxContains", "maxContains")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"dependentRequired":{"a":["b"]}}}}""", "/properties/a/dependentRequired", "dependentRequired")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"dependentSchemas":{"a":{}}}}}""", "/properties/a/dependentSchemas", "dependentSchemas")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"unevaluatedItems":false}}}""", "/properties/a/unevaluatedItems", "unevaluatedItems")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"unevaluatedProperties":false}}}""", "/properties/a/unevaluatedProperties", "unevaluatedProperties")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"prefixItems":[{}]}}}""", "/properties/a/prefixItems", "prefixItems")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$dynamicRef":"#"}}}""", "/properties/a/$dynamicRef", "$dynamicRef")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://x/","properties":{"a":{"$id":"http://y/","$ref":"b"}},"definitions":{"x":{"$id":"http://x/b"},"y":{"$id":"http://y/b"}}}""", "/properties/a/$ref", "$ref")]
    [InlineData("""{"$defs":{"a":{"$id":"x:a"},"b":{"$id":"x:a"}}}""", "/$defs/b/$id", "$id")]
    [InlineData("""{"$defs":{"a":{"$anchor":"a"},"b":{"$anchor":"a"}}}""", "/$defs/b/$anchor", "$anchor")]
    [InlineData("""{"$id":"a#b"}""", "/$id", "$id")]
    [InlineData("""{"$id":"\ud800"}""", "/$id", "$id")]
    public void A_schema_that_is_none_is_refused_with_the_place(string schema, string pointer, string keyword)
    {
        var error = Json.Errors(schema)[0];

        Assert.Equal((pointer, keyword), (error.Pointer, error.Keyword));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("\u00ff")]
    public void What_is_not_JSON_is_refused(string text) => Json.Errors(text);

    [Fact]
    public void A_member_that_stands_twice_is_refused_with_the_place()
    {
        Assert.Equal("/properties/a", Json.Errors("""{"properties":{"a":{},"a":{}}}""")[0].Pointer);
        Assert.Equal("/enum/0/b", Json.Errors("""{"enum":[{"b":1,"\u0062":2}]}""")[0].Pointer);
    }

    [Fact]
    public void All_places_are_named_not_only_the_first()
    {
        var errors = Json.Errors("""{"properties":{"a":{"pattern":"("},"b":{"$ref":"#/x"},"c":{"$ref":"https://example.com"}}}""");

        Assert.Equal(["/properties/a/pattern", "/properties/b/$ref", "/properties/c/$ref"], errors.Select(e => e.Pointer));
    }

    [Fact]
    public void A_document_of_64_KiB_compiles_and_one_byte_more_is_refused()
    {
        string schema = "{\"$comment\":\"" + new string('x', SchemaLimits.MaxSchemaBytes - 15) + "\"}";
        Assert.Equal(SchemaLimits.MaxSchemaBytes, Encoding.UTF8.GetByteCount(schema));

        Json.Schema(schema);

        Assert.Contains("65536", Json.Errors(schema + " ")[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_nested_64_deep_compiles_and_one_deeper_is_refused()
    {
        Json.Schema(Nested(63));

        Json.Errors(Nested(64));
        // As an element, whoever parsed it set the bound.
        Assert.False(Schema.Compile(Json.Value(Nested(5_000))).Succeeded);

        static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"not\":", depth)) + "{}" + new string('}', depth);
    }

    [Fact]
    public void More_subschemas_than_the_bound_are_refused()
    {
        static string Of(int count) => "{\"allOf\":[" + string.Join(',', Enumerable.Repeat("true", count)) + "]}";
        Json.Schema(Of(SchemaLimits.MaxSubschemas - 1));

        Json.Errors(Of(SchemaLimits.MaxSubschemas));
    }

    [Fact]
    public void More_patterns_than_the_bound_are_refused_but_one_used_often_counts_once()
    {
        static string Of(IEnumerable<int> numbers) => "{\"allOf\":[" + string.Join(',', numbers.Select(i => $$"""{"pattern":"^{{i}}$"}""")) + "]}";
        Json.Schema(Of(Enumerable.Range(0, SchemaLimits.MaxPatterns)));
        Json.Schema(Of(Enumerable.Repeat(1, 1_000)));

        Json.Errors(Of(Enumerable.Range(0, SchemaLimits.MaxPatterns + 1)));
    }

    [Fact]
    public void A_chain_of_a_thousand_references_compiles_without_deep_recursion_and_is_given_up_when_followed()
    {
        string links = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $$"""  "{{i}}":{"$ref":"#/$defs/{{i + 1}}"} """));
        var schema = Json.Schema($$"""{"$defs":{ {{links}}, "1000":{"type":"null"} },"properties":{"a":{"$ref":"#/$defs/0"} } }""");

        Assert.Equal([Violation.LimitKeyword], schema.Check("""{"a":null}""").Select(v => v.Keyword));
    }

    [Fact]
    public void A_dialect_that_requires_an_unknown_vocabulary_is_refused()
    {
        var options = new SchemaOptions { Resolve = _ => Json.Value("""{"$vocabulary":{"https://example.com/vocab":true}}""") };

        Assert.Equal("/$schema", Json.Errors("""{"$schema":"https://example.com/dialect"}""", options)[0].Pointer);
    }

    [Fact]
    public void A_schema_handed_in_is_used_and_checked_as_well()
    {
        var options = new SchemaOptions { Resolve = uri => uri == "https://example.com/a" ? Json.Value("""{"type":"null"}""") : uri == "https://example.com/bad" ? Json.Value("""{"type":7}""") : null };

        Assert.Single(Json.Schema("""{"$ref":"https://example.com/a"}""", options).Check("1"));
        Assert.Equal("https://example.com/bad#/type", Json.Errors("""{"$ref":"https://example.com/bad"}""", options)[0].Pointer);
    }
}
