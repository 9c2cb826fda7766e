namespace Agora.JsonSchema.Tests;

public sealed class TextTests
{
    // A lone surrogate is legal as an escape in JSON, and makes JsonElement.GetString throw.
    private const string Lone = "\"\\ud800\"";

    [Theory]
    [InlineData("""{"type":"string","minLength":1,"maxLength":1}""", true)]
    [InlineData("""{"maxLength":0}""", false)]
    [InlineData("""{"const":"\ud800"}""", true)]
    [InlineData("""{"const":"\ud801"}""", false)]
    [InlineData("""{"enum":["a","\ud800"]}""", true)]
    [InlineData("""{"enum":["\udc00"]}""", false)]
    [InlineData("""{"pattern":"^.$"}""", true)]
    [InlineData("""{"pattern":"^[a-z]$"}""", false)]
    [InlineData("""{"format":"email"}""", false)]
    [InlineData("""{"format":"date-time"}""", false)]
    [InlineData("""{"format":"regex"}""", true)]
    public void A_lone_surrogate_is_a_text_like_any_other(string schema, bool valid) =>
        Assert.Equal(valid, Json.Accepts(schema, Lone));

    [Fact]
    public void A_lone_surrogate_in_names_of_members_is_validated_and_told()
    {
        var schema = Json.Schema("""
            {"required":["\ud800"],"properties":{"\ud800":{"type":"null"}},"patternProperties":{"x":{}},
             "propertyNames":{"maxLength":1},"unevaluatedProperties":false,"\udfff":"a keyword nobody knows"}
            """);

        Assert.Empty(schema.Check("""{"x":null,"\uD800":null}"""));
        Assert.Equal(["/\ud800 type", "/a unevaluatedProperties"], schema.Check("""{"\ud800":1,"a":1}""").Select(v => $"{v.Path} {v.Keyword}"));
        Assert.Single(Json.Schema("""{"uniqueItems":true}""").Check("""[{"\ud800":"\udc00"},{"\ud800":"\udc00"}]"""));
    }

    [Theory]
    [InlineData("\"\\u0061\\u006E\"", "an")]
    [InlineData("\"\\/\\\\\\\"\\b\\f\\n\\r\\t\"", "/\\\"\b\f\n\r\t")]
    [InlineData("\"\\ud83d\\udc32\"", "🐲")]
    [InlineData("\"日\\u672c語\"", "日本語")]
    public void Escapes_are_read_before_anything_is_compared(string json, string text)
    {
        Assert.True(Json.Accepts($$"""{"const":{{Json.Text(text)}}}""", json));
        Assert.True(Json.Accepts($$"""{"enum":[1,{{Json.Text(text)}}]}""", json));
        Assert.True(Json.Accepts($$"""{"properties":{ {{Json.Text(text)}}:{"type":"null"} },"additionalProperties":false}""", $$"""{ {{json}}:null}"""));
        Assert.False(Json.Accepts("""{"uniqueItems":true}""", $"[{json},{Json.Text(text)}]"));
    }

    [Fact]
    public void Length_counts_code_points_in_long_texts_too()
    {
        string dragons = string.Concat(Enumerable.Repeat("🐲", 10_000));

        Assert.True(Json.Accepts("""{"minLength":10000,"maxLength":10000}""", $"\"{dragons}\""));
        Assert.True(Json.Accepts("""{"minLength":10001,"maxLength":10001}""", $"\"{dragons}\\n\""));
    }

    [Fact]
    public void Members_with_names_longer_than_the_scratch_space_are_found()
    {
        string name = new('n', 1_000);

        Assert.False(Json.Accepts($$"""{"properties":{"{{name}}":{"type":"null"} } }""", $$"""{"{{name}}":1}"""));
    }

    [Fact]
    public void Large_objects_are_equal_in_any_order_and_unequal_when_one_member_differs()
    {
        string[] members = [.. Enumerable.Range(0, 2_000).Select(i => $"\"{i}\":{i}")];
        string forward = $"{{{string.Join(',', members)}}}", backward = $"{{{string.Join(',', members.Reverse())}}}";

        Assert.Single(Json.Schema("""{"uniqueItems":true}""").Check($"[{forward},{backward}]"));
        Assert.Empty(Json.Schema("""{"uniqueItems":true}""").Check($"[{forward},{backward.Replace(":77,", ":78,", StringComparison.Ordinal)}]"));
    }
}
