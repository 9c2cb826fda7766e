using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>Which words and schemas of a tool an operator may approve, what the operator is warned of, and what /mcp lists of them.</summary>
public sealed class OfferTests
{
    /// <summary>Joiners and variation selectors that belong to a letter or an emoji (Unicode 23.2 and 23.4, UTS #51).</summary>
    public static TheoryData<string> Written =>
    [
        "⚠️ Careful", "❤️", "Step 1️⃣", "👩‍💻", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "👍🏽", "🇯🇵", "می‌تواند", "क्‍ष", "ශ්‍රී", "ابحث عن الملفات", "a\u00A0b", "prix\u202F: 5\u202F€", "葛\U000E0100城", "ᠠ\u180B", "ค้นหา", "a\tb", "a\r\nb",
    ];

    public static TheoryData<string> Hidden =>
    [
        "a\u200Bb", "a\u200Db", "a\u200Cb", "\u200D", "👩\u200D", "\u200D💻", "a\uFE0Fb", "\uFE0F", "a\U000E0067\U000E007F", "🏴\U000E0067", "a\U000E0100", "שלום\u200F!", "a\u202Eb", "a\u2060b", "a\u2028b", "\uFEFFSearch", "Trans\u00ADport", "a\u000Bb", "葛\U000E0100\U000E0101",
    ];

    [Theory]
    [MemberData(nameof(Written))]
    public async Task Words_with_joiners_that_belong_to_their_letters_can_be_approved(string words)
    {
        await using var hub = await HubApi.Start(server => server.Tools[0] = ToolServer.Tool("add", words));

        await hub.Approve();

        Assert.Equal(words, (await hub.Tool("add")).GetProperty("approved").GetProperty("description").GetString());
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task Words_with_a_lone_joiner_or_another_hidden_character_cannot(string words)
    {
        await using var hub = await HubApi.Start(server => server.Tools[0] = ToolServer.Tool("add", words));

        await hub.Refresh();

        Assert.Equal("hidden_characters", (await hub.Tool("add")).GetProperty("unusable").GetString());
    }

    [Theory]
    [MemberData(nameof(Written))]
    public async Task Names_that_people_give_may_be_written_so_too(string words)
    {
        if (words.Any(char.IsControl)) return; // a name is one line

        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/s1", $$$"""{"name":{{{JsonSerializer.Serialize(words)}}},"description":"S","category":"text","price_cents":0,"endpoint":"https://s.example/","provider":"p","input_schema":{"type":"object"}}""")).Expect(200);
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task Names_that_people_give_have_no_hidden_characters_either(string words)
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/s1", $$$"""{"name":{{{JsonSerializer.Serialize(words)}}},"description":"S","category":"text","price_cents":0,"endpoint":"https://s.example/","provider":"p","input_schema":{"type":"object"}}""")).Refused(422, "validation_failed");
    }

    [Theory]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"required":["b"]}]}""", "root_combinator", """{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"oneOf":[{"required":["a"]}]}""", "root_combinator", """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"allOf":[{"required":["a"]}],"not":{"required":["b"]}}""", "root_combinator", """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","properties":{"filter[name]":{"type":"string"},"$top":{"type":"integer"}},"required":["$top"]}""", "property_names", """{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"名前":{"type":"string"}}}""", "property_names", """{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]},"b.c-d_1":{"type":"object","properties":{"$x":{}}}}}""", null, """{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]},"b.c-d_1":{"type":"object","properties":{"$x":{}}}}}""")]
    public async Task What_makers_of_models_refuse_in_a_schema_is_said_at_approval_and_not_listed(string schema, string? warning, string listed)
    {
        await using var hub = await HubApi.Start(server => server.Tools[0] = $$"""{"name":"add","description":"Adds","inputSchema":{{schema}}}""");
        await hub.Refresh();
        var offered = await hub.Tool("add");
        var approved = (await hub.Client.Admin(HttpMethod.Post, "/admin/upstreams/calc/tools/calc__add/approve", $$"""{"hash":"{{offered.GetProperty("offered").GetProperty("hash").GetString()}}"}""")).Expect(200).Data;
        await hub.IsActive("add", true);
        using var mcp = new McpCaller(hub.Client.Address, await hub.Session());

        var input = (await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray().Single(tool => tool.GetProperty("name").GetString() == "calc__add").GetProperty("inputSchema");

        foreach (var tool in new[] { offered, approved })
        {
            Assert.Equal(warning is null ? [] : [warning], tool.GetProperty("warnings").EnumerateArray().Select(one => one.GetString()));
        }

        var (own, shape) = (System.Text.Json.Nodes.JsonNode.Parse(input.GetRawText())!.AsObject(), System.Text.Json.Nodes.JsonNode.Parse(listed)!);
        foreach (var name in new[] { "again", "max_price_cents" }) Assert.True(own["properties"]!.AsObject().Remove(name));
        if (own["properties"]!.AsObject().Count == 0)
        {
            own.Remove("properties");
        }

        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(shape, own), own.ToJsonString());
    }

    [Fact]
    public async Task Tools_whose_names_differ_by_case_only_are_offered_with_a_warning()
    {
        await using var hub = await HubApi.Start(server => server.Tools.AddRange(ToolServer.Tool("Add"), ToolServer.Tool("subtract")));
        await hub.Refresh();
        var offered = await hub.Tool("add");
        var approved = (await hub.Client.Admin(HttpMethod.Post, "/admin/upstreams/calc/tools/calc__add/approve", $$"""{"hash":"{{offered.GetProperty("offered").GetProperty("hash").GetString()}}"}""")).Expect(200).Data;

        foreach (var tool in new[] { offered, await hub.Tool("Add"), approved }) Assert.Equal(["name_case"], tool.GetProperty("warnings").EnumerateArray().Select(one => one.GetString()));
        Assert.Empty((await hub.Tool("subtract")).GetProperty("warnings").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"type":"string"}},"type":"object","properties":{"text":{"$ref":"#/definitions/a"}}}""", 200)]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema","type":"object","properties":{"dependencies":{"type":"array"},"text":{"type":"string"}},"additionalProperties":false}""", 200)]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","dependencies":{"a":["b"]}}""", 422)]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"items":[{"type":"string"}],"additionalItems":false}}}""", 422)]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","type":"object"}""", 422)]
    public async Task The_part_of_draft_07_that_means_the_same_is_taken_from_services_and_from_tools(string schema, int status)
    {
        await using var hub = await HubApi.Start(server => server.Tools[0] = $$"""{"name":"add","description":"Adds","inputSchema":{{schema}}}""");

        var put = await hub.Client.Admin(HttpMethod.Put, "/admin/services/s1", $$"""{"name":"S","description":"S","category":"text","price_cents":0,"endpoint":"https://s.example/","provider":"p","input_schema":{{schema}}}""");
        await hub.Refresh();

        Assert.Equal(status, put.Status);
        Assert.Equal(status == 200 ? null : "schema", (await hub.Tool("add")).GetProperty("unusable").GetString());
    }
}
