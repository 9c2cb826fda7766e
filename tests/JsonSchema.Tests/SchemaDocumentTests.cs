using System.Runtime.InteropServices;
using System.Text;

namespace Agora.JsonSchema.Tests;

public sealed class SchemaDocumentTests
{
    private const string Id = "https://agora.invalid/tasks/c1";

    [Theory]
    [InlineData("""{"type":"array","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"type":"integer"}}}""")]
    [InlineData("""{"items":{"$ref":"#n"},"$defs":{"x":{"$anchor":"n","type":"integer"}}}""")]
    [InlineData("""{"items":{"$ref":"n"},"$defs":{"x":{"$id":"n","type":"integer"}}}""")]
    [InlineData("""{"$id":"list.json","items":{"$ref":"list.json#/$defs/n"},"$defs":{"n":{"type":"integer"}}}""")]
    [InlineData("""{"$id":"a/list.json","items":{"$ref":"../n"},"$defs":{"x":{"$id":"../n","type":"integer"}}}""")]
    [InlineData("""{"$id":"https://example.com/list","items":{"$ref":"n"},"$defs":{"x":{"$id":"https://example.com/n","type":"integer"}}}""")]
    [InlineData("""{"$id":"#","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"type":"integer"}}}""")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2020-12/schema","items":{"$dynamicRef":"#n"},"$defs":{"n":{"$dynamicAnchor":"n","type":"integer"}}}""")]
    [InlineData("""{"items":{"type":"integer"},"$comment":"\ud800","\udc00":["\ud800"]}""")]
    public void References_of_a_schema_mean_the_same_inside_a_bigger_one(string schema)
    {
        Assert.Equal(["/1"], Json.Schema(schema).Check("""[1,"x"]""").Select(v => v.Path));

        var bigger = Json.Schema(Inline(schema));

        Assert.Empty(bigger.Check("""{"output":[1,2]}"""));
        Assert.Equal(["/output/1"], bigger.Check("""{"output":[1,"x"]}""").Select(v => v.Path));
    }

    [Fact]
    public void A_boolean_schema_becomes_an_object_that_means_the_same()
    {
        Assert.Equal($$"""{"$id":"{{Id}}"}""", SchemaDocument.WithId(Json.Value("true"), Id).GetRawText());
        Assert.Empty(Json.Schema(Inline("true")).Check("""{"output":1}"""));
        Assert.Single(Json.Schema(Inline("false")).Check("""{"output":1}"""));
    }

    [Fact]
    public void An_absolute_id_stays_and_a_relative_one_becomes_absolute()
    {
        Assert.Equal("urn:x:y", IdOf("""{"$id":"urn:x:y"}"""));
        Assert.Equal("https://agora.invalid/tasks/list.json", IdOf("""{"$id":"list.json"}"""));
        Assert.Equal(Id, IdOf("""{"type":"null"}"""));

        static string? IdOf(string schema) => SchemaDocument.WithId(Json.Value(schema), Id).GetProperty("$id").GetString();
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("https://agora.invalid/a#b")]
    public void An_id_that_is_not_absolute_or_has_a_fragment_is_a_programmers_error(string id) =>
        Assert.Throws<ArgumentException>(() => SchemaDocument.WithId(Json.Value("true"), id));

    private static string Inline(string schema)
    {
        var inlined = SchemaDocument.WithId(Json.Value(schema), Id);
        string raw = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(inlined));
        return $$"""{"$defs":{"n":{"type":"null"} },"properties":{"output":{{raw}} },"required":["output"],"additionalProperties":false}""";
    }
}
