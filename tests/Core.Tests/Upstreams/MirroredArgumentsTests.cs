using Agora.Core.Upstreams;

namespace Agora.Core.Tests.Upstreams;

/// <summary>Which arguments of a tool a call repeats in headers (SEP-2243).</summary>
public sealed class MirroredArgumentsTests
{
    public static TheoryData<string> NotToBeFollowed =>
    [
        Properties("""{"a":{"type":"string","x-mcp-header":"Region"},"b":{"type":"string","x-mcp-header":"Region"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":"Region"},"b":{"type":"string","x-mcp-header":"region"}}"""),
        Properties($$$"""{"a":{"type":"string","x-mcp-header":"Region"},"b":{{{Properties("""{"c":{"type":"string","x-mcp-header":"REGION"}}""")}}}}"""),
        Properties($$$"""{"a":{{{Properties("""{"b":{"type":"number","x-mcp-header":"Price"}}""")}}}}"""),
        Properties("""{"a":{"type":["string","null"],"x-mcp-header":"Region"}}"""),
        Properties("""{"a":{"x-mcp-header":"Region"}}"""),
        Properties("""{"a":{"type":"object","x-mcp-header":"Region"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":""}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":"A B"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":"A:"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":"A\r\nB"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":"Ä"}}"""),
        Properties("""{"a":{"type":"string","x-mcp-header":5}}"""),
        Properties($$$"""{"a":{"type":"string","x-mcp-header":"{{{new string('a', 65)}}}"}}"""),
    ];

    [Theory]
    [MemberData(nameof(NotToBeFollowed))]
    public void Annotations_that_no_client_may_follow_are_not_valid_and_name_no_argument(string schema)
    {
        Assert.False(MirroredArguments.AreValid(schema));
        Assert.Null(MirroredArguments.Of(schema));
    }

    [Fact]
    public void Each_annotated_argument_is_named_by_the_way_to_it()
    {
        var trip = Properties($$$"""{"day":{"type":"integer","x-mcp-header":"{{{new string('d', 64)}}}"},"back":{"type":"boolean","x-mcp-header":"Back"}}""");
        var schema = Properties($$$"""{"region":{"type":"string","x-mcp-header":"Region"},"trip":{{{trip}}},"note":{"type":"string"}}""");

        Assert.True(MirroredArguments.AreValid(schema));
        Assert.Equal(["Region: region", $"{new string('d', 64)}: trip.day", "Back: trip.back"], MirroredArguments.Of(schema)!.Select(static one => $"{one.Header}: {string.Join('.', one.Path)}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"description":"It has no x-mcp-header.","properties":{"a":{"type":"string"}}}""")]
    public void A_schema_without_annotations_is_valid_and_names_no_argument(string? schema)
    {
        Assert.True(MirroredArguments.AreValid(schema));
        Assert.Null(MirroredArguments.Of(schema));
    }

    private static string Properties(string properties) => $$"""{"type":"object","properties":{{properties}}}""";
}
