using System.Text.Json;

namespace Agora.Api.Tests.Models;

/// <summary>What was asked of a response that is kept, read again item by item.</summary>
public sealed class InputItemTests : IAsyncLifetime
{
    private ModelWorld _world = null!;
    private ModelSession _session = null!;

    public async Task InitializeAsync()
    {
        _world = await ModelWorld.Start();
        await _world.PutModel("kept", "openai");
        _session = await _world.Open();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Its_own_items_come_page_by_page_without_instructions_and_what_it_goes_on_from()
    {
        var first = (await _world.Door.Ask(_session, "responses", """{"model":"kept","input":"before","store":true}""")).Expect(200).Json.GetProperty("id").GetString()!;
        var asked = (await _world.Door.Ask(_session, "responses", $$"""
            {"model":"kept","instructions":"Be brief.","previous_response_id":"{{first}}","store":true,"input":[{"role":"user","content":"one"},{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"two"}]}
            """)).Expect(200).Json.GetProperty("id").GetString()!;

        var whole = await List(asked, "?order=asc");
        Assert.Equal(["message", "function_call", "function_call_output"], whole.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("type").GetString()));
        Assert.Equal(("one", false), (whole.GetProperty("data")[0].GetProperty("content")[0].GetProperty("text").GetString(), whole.GetProperty("has_more").GetBoolean()));

        var ids = Ids(whole);
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids.Reverse(), Ids(await List(asked, "")));
        var page = await List(asked, "?order=asc&limit=2");
        Assert.Equal((ids[0], ids[1], true), (page.GetProperty("first_id").GetString(), page.GetProperty("last_id").GetString(), page.GetProperty("has_more").GetBoolean()));
        var rest = await List(asked, $"?order=asc&limit=2&after={ids[1]}");
        Assert.Equal((ids[2], false), (Assert.Single(Ids(rest)), rest.GetProperty("has_more").GetBoolean()));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=101")]
    [InlineData("?limit=x")]
    [InlineData("?order=up")]
    [InlineData("?after=msg_none")]
    public async Task A_page_that_is_none_is_refused(string query)
    {
        var id = (await _world.Door.Ask(_session, "responses", """{"model":"kept","input":"a","store":true}""")).Expect(200).Json.GetProperty("id").GetString()!;

        await List(id, query, 400);
    }

    [Fact]
    public async Task Anothers_or_one_that_was_not_kept_is_not_there()
    {
        var other = await _world.Open(agent: "agent-2");
        var kept = (await _world.Door.Ask(_session, "responses", """{"model":"kept","input":"a","store":true}""")).Expect(200).Json.GetProperty("id").GetString()!;
        var passing = (await _world.Door.Ask(_session, "responses", """{"model":"kept","input":"a","store":false}""")).Expect(200).Json.GetProperty("id").GetString()!;

        await List(passing, "", 404);
        await List(kept, "", 404, other);
    }

    private async Task<JsonElement> List(string id, string query, int status = 200, ModelSession? session = null)
    {
        var (told, text) = await _world.Door.Send(session ?? _session, HttpMethod.Get, $"/openai/v1/responses/{id}/input_items{query}");
        Assert.True(status == told, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static IReadOnlyList<string> Ids(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
}
