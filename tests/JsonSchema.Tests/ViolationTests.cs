namespace Agora.JsonSchema.Tests;

public sealed class ViolationTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "5", "", "type", "Expected string, found a number.")]
    [InlineData("""{"type":["integer","null"]}""", "1.5", "", "type", "Expected null or integer, found a number with a fraction.")]
    [InlineData("""{"const":{"a":[1]}}""", """{"a":[2]}""", "", "const", """Must be exactly {"a":[1]}.""")]
    [InlineData("""{"enum":["a",1,null]}""", "\"b\"", "", "enum", "Must be one of \"a\", 1, null.")]
    [InlineData("""{"minimum":3}""", "2.999999999999999999999", "", "minimum", "Must be 3 or more.")]
    [InlineData("""{"maximum":3}""", "3.000000000000000000001", "", "maximum", "Must be 3 or less.")]
    [InlineData("""{"exclusiveMinimum":0}""", "-0.0", "", "exclusiveMinimum", "Must be more than 0.")]
    [InlineData("""{"exclusiveMaximum":1e400}""", "10e399", "", "exclusiveMaximum", "Must be less than 1e400.")]
    [InlineData("""{"multipleOf":0.01}""", "19.999", "", "multipleOf", "Must be a multiple of 0.01.")]
    [InlineData("""{"minLength":2}""", "\"\\ud83d\\udc32\"", "", "minLength", "Must have at least 2 characters, has 1.")]
    [InlineData("""{"maxLength":1}""", "\"añ\"", "", "maxLength", "Must have at most 1 character, has 2.")]
    [InlineData("""{"pattern":"^a+$"}""", "\"ab\"", "", "pattern", "Must match the pattern \"^a+$\".")]
    [InlineData("""{"format":"date"}""", "\"2021-02-29\"", "", "format", "Must be a valid date, for example 2026-01-31.")]
    [InlineData("""{"minItems":1}""", "[]", "", "minItems", "Must have at least 1 item, has 0.")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "", "maxItems", "Must have at most 1 item, has 2.")]
    [InlineData("""{"uniqueItems":true}""", """[{"a":1,"b":2},0,{"b":2.0,"a":10e-1}]""", "/2", "uniqueItems", "Repeats item 0 of the array: items must differ.")]
    [InlineData("""{"contains":{"type":"null"}}""", "[1,2]", "", "contains", "At least 1 item must match the schema under \"contains\"; 0 of 2 do.")]
    [InlineData("""{"contains":{"type":"null"},"minContains":2}""", "[null,2]", "", "minContains", "At least 2 items must match the schema under \"contains\"; 1 of 2 do.")]
    [InlineData("""{"contains":{"type":"null"},"maxContains":1}""", "[null,null]", "", "maxContains", "At most 1 item may match the schema under \"contains\"; 2 of 2 do.")]
    [InlineData("""{"items":{"type":"null"}}""", "[null,1]", "/1", "type", "Expected null, found a number.")]
    [InlineData("""{"prefixItems":[true],"items":false}""", "[1,2]", "/1", "items", "The schema allows no item at this position: remove it.")]
    [InlineData("""{"prefixItems":[{}],"unevaluatedItems":false}""", "[1,2]", "/1", "unevaluatedItems", "The schema allows no item at this position: remove it.")]
    [InlineData("""{"minProperties":1}""", "{}", "", "minProperties", "Must have at least 1 member, has 0.")]
    [InlineData("""{"maxProperties":0}""", """{"a":1}""", "", "maxProperties", "Must have at most 0 members, has 1.")]
    [InlineData("""{"required":["name"]}""", "{}", "", "required", "The member \"name\" is missing: add it.")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "", "dependentRequired", "The member \"b\" is missing: it is needed because \"a\" is there.")]
    [InlineData("""{"dependentSchemas":{"a":{"maxProperties":1}}}""", """{"a":1,"b":1}""", "", "maxProperties", "Must have at most 1 member, has 2.")]
    [InlineData("""{"properties":{"a/b~":{"type":"null"}}}""", """{"a/b~":1}""", "/a~1b~0", "type", "Expected null, found a number.")]
    [InlineData("""{"patternProperties":{"^x":{"type":"null"}}}""", """{"x":1}""", "/x", "type", "Expected null, found a number.")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1,"b":1}""", "/b", "additionalProperties", "The schema does not define this member: remove it or correct its name.")]
    [InlineData("""{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}""", """{"a":1,"b":1}""", "/b", "unevaluatedProperties", "The schema does not define this member: remove it or correct its name.")]
    [InlineData("""{"propertyNames":{"maxLength":1}}""", """{"ab":1}""", "/ab", "propertyNames", "The name of this member is not allowed. Must have at most 1 character, has 2.")]
    [InlineData("""{"not":{"type":"null"}}""", "null", "", "not", "Matches the schema under \"not\", which it must not.")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2},{"type":"null"}]}""", "3", "", "oneOf", "Must match exactly one of 3 alternatives, matches numbers 1, 2.")]
    [InlineData("""{"if":{"type":"integer"},"then":{"minimum":5}}""", "3", "", "minimum", "Must be 5 or more.")]
    [InlineData("""{"if":{"type":"integer"},"else":{"type":"null"}}""", "\"\"", "", "type", "Expected null, found a string.")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}""", "3", "", "type", "Expected null, found a number.")]
    [InlineData("""{"properties":{"a":false}}""", """{"a":1}""", "/a", "properties", "The schema allows no value here: remove it.")]
    [InlineData("false", "1", "", "false", "The schema allows no value here: remove it.")]
    public void A_violation_has_path_keyword_and_a_sentence(string schema, string instance, string path, string keyword, string message)
    {
        var violation = Assert.Single(Json.Schema(schema).Check(instance));

        Assert.Equal(new Violation(path, keyword, message), violation);
    }

    [Fact]
    public void An_output_that_is_wrong_in_three_places_has_all_three_reported()
    {
        var schema = Json.Schema("""{"properties":{"a":{"type":"string"},"b":{"items":{"minimum":0}}},"required":["c"]}""");

        var violations = schema.Check("""{"a":1,"b":[1,-1]}""");

        Assert.Equal([" required", "/a type", "/b/1 minimum"], violations.Select(v => $"{v.Path} {v.Keyword}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void When_no_alternative_matches_the_closest_one_is_explained()
    {
        var schema = Json.Schema("""
            {"anyOf":[
              {"type":"null"},
              {"type":"object","required":["kind","size"],"properties":{"kind":{"const":"box"},"size":{"type":"integer"}}},
              {"type":"object","required":["kind","radius"],"properties":{"kind":{"const":"ball"},"radius":{"type":"integer"}}}]}
            """);

        var violations = schema.Check("""{"kind":"box","size":"large"}""");

        Assert.Equal(
            [
                new("", "anyOf", "Matches none of 3 alternatives; what the closest one, number 2, lacks follows."),
                new Violation("/size", "type", "Expected integer, found a string."),
            ],
            violations);
    }

    [Fact]
    public void A_part_that_failed_is_not_reported_again_as_unevaluated()
    {
        var schema = Json.Schema("""{"allOf":[{"properties":{"a":{"type":"null"}}}],"unevaluatedProperties":false}""");

        Assert.Equal(["type"], schema.Check("""{"a":1}""").Select(v => v.Keyword));
    }

    [Fact]
    public void Unevaluated_members_and_items_are_told_among_hundreds()
    {
        var schema = Json.Schema("""{"allOf":[{"patternProperties":{"^a":true}},{"patternProperties":{"^b":true}}],"unevaluatedProperties":false}""");
        string members = string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"{"abc"[i == 150 ? 2 : i % 2]}{i}\":1"));
        Assert.Equal(["/c150"], schema.Check($"{{{members}}}").Select(v => v.Path));

        schema = Json.Schema("""{"anyOf":[{"contains":{"maximum":100}},{"contains":{"minimum":102}}],"unevaluatedItems":false}""");
        Assert.Equal(["/101"], schema.Check($"[{string.Join(',', Enumerable.Range(0, 200))}]").Select(v => v.Path));
    }

    [Fact]
    public void The_same_complaint_reached_in_two_ways_is_made_once()
    {
        var schema = Json.Schema("""{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"null"}}}""");

        Assert.Single(schema.Check("1"));
    }

    [Fact]
    public void A_message_never_quotes_the_instance()
    {
        var schema = Json.Schema("""{"items":{"allOf":[{"const":1},{"enum":[1]},{"pattern":"^x$"},{"format":"email"},{"maxLength":3},{"type":"null"},{"not":{"type":"string"}}]}}""");

        var violations = schema.Check("""["secret"]""");

        Assert.Equal(7, violations.Count);
        Assert.All(violations, v => Assert.DoesNotContain("secret", v.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Formats_are_annotations_when_asked_so()
    {
        const string schema = """{"format":"email"}""";

        Assert.Empty(Json.Schema(schema, new SchemaOptions { AssertFormats = false }).Check("\"no address\""));
        Assert.Single(Json.Schema(schema).Check("\"no address\""));
    }
}
