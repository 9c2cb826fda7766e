namespace Agora.Api.Tests.Mcp;

/// <summary>Which revisions of the protocol /mcp speaks, and what it says of any other.</summary>
public sealed class RevisionTests(BadInputTests.Served served) : IClassFixture<BadInputTests.Served>
{
    private const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""";

    [Theory]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2024-10-07", "2025-11-25")]
    [InlineData("2099-01-01", "2025-11-25")]
    public async Task A_handshake_agrees_on_the_revision_that_the_client_asks_for_or_else_on_the_newest_with_a_handshake(string asked, string agreed)
    {
        var answer = await served.Mcp.Post(Initialize(asked));

        Assert.Equal(agreed, answer.Result.GetProperty("protocolVersion").GetString());
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    [InlineData("2025-03-26")]
    [InlineData("2024-11-05")]
    public async Task A_spoken_revision_is_taken_in_the_header(string revision)
    {
        Assert.Equal(revision, (await served.Mcp.Post(Initialize(revision), default, ("MCP-Protocol-Version", revision))).Result.GetProperty("protocolVersion").GetString());
        Assert.True((await served.Mcp.Post(List, default, ("MCP-Protocol-Version", revision))).Result.GetProperty("tools").GetArrayLength() > 0);
    }

    [Theory]
    [InlineData("2024-10-07")]
    [InlineData("1999-01-01")]
    public async Task An_unknown_revision_in_the_header_is_refused_with_a_list_of_all_that_are_spoken(string revision)
    {
        var answer = await served.Mcp.Post(List, default, ("MCP-Protocol-Version", revision));

        var data = answer.Error.GetProperty("data");
        Assert.Equal((400, -32022, revision), (answer.Status, answer.Error.GetProperty("code").GetInt32(), data.GetProperty("requested").GetString()));
        Assert.Equal(["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"], data.GetProperty("supported").EnumerateArray().Select(one => one.GetString()));
    }

    private static string Initialize(string revision) =>
        $$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{revision}}","capabilities":{},"clientInfo":{"name":"tests","version":"1"} } }""";
}
