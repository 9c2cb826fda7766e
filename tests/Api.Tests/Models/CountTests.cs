using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>What a request would read is counted by its provider, costs nothing and holds nothing, and is a request all the same.</summary>
public sealed class CountTests
{
    private static readonly IReadOnlyList<string> Counting = ["openai", "anthropic", "google"];

    public static TheoryData<string, string> Doors => ModelWorld.Rows(Counting.SelectMany(wire => new[] { (wire, "messages"), (wire, "responses") }));

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task The_count_is_what_the_same_request_is_billed_to_read(string wire, string dialect)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("counted", wire);
        var session = await world.Open();
        var tools = dialect == "messages" ? ",\"system\":\"Be brief.\",\"tools\":[{\"name\":\"look\",\"description\":\"Looks.\",\"input_schema\":{\"type\":\"object\"}}]" : ",\"instructions\":\"Be brief.\",\"tools\":[{\"type\":\"function\",\"name\":\"look\",\"description\":\"Looks.\",\"parameters\":{\"type\":\"object\"}}]";

        var counted = (await world.Door.Ask(session, $"{dialect} count", ModelDoorClient.Body(dialect, "counted", maxTokens: dialect == "messages" ? 256 : null, more: tools))).Expect(200);

        Assert.Equal((0, 0), await world.Budget(session));
        Assert.Empty((await world.Api.Client.Get("/agent/runs", session.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray());
        Assert.Null(counted.Header("Agora-Run-Id"));
        Assert.True(dialect == "messages" || counted.Json.GetProperty("object").GetString() == "response.input_tokens", counted.Text);
        (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "counted", more: tools))).Expect(200);
        Assert.Equal((await world.Truth("counted")).Counts.AllInput, counted.Json.GetProperty("input_tokens").GetInt64());
    }

    [Fact]
    public async Task A_count_of_a_message_needs_no_max_tokens_and_passes_on_nothing_that_says_how_it_is_written()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("counted", "anthropic");
        var session = await world.Open();

        (await world.Door.Ask(session, "messages count", """{"model":"counted","messages":[{"role":"user","content":"Say it."}]}""")).Expect(200);
        (await world.Door.Ask(session, "messages count", """{"model":"counted","messages":[{"role":"user","content":"Say it."}],"max_tokens":2000,"stream":true,"temperature":1,"stop_sequences":["a"],"thinking":{"type":"enabled","budget_tokens":1024}}""")).Expect(200);
        (await world.Door.Ask(session, "messages count", """{"model":"counted","messages":[{"role":"user","content":"Say it."}],"colour":1}""")).Expect(400);
        (await world.Door.Ask(session, "messages", """{"model":"counted","messages":[{"role":"user","content":"Say it."}]}""")).Expect(400);
        Assert.Equal(2, world.Upstream.Requests);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task Who_does_not_count_who_is_for_something_else_and_what_the_scopes_do_not_allow_are_refused_clearly(string dialect)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("local", "compatible");
        await world.PutModel("some", "anthropic");
        await world.PutOther("vectors", "openai", "embeddings");
        var session = await world.Open();
        string Body(string model) => ModelDoorClient.Body(dialect, model);

        var told = (await world.Door.Ask(session, $"{dialect} count", Body("local"))).Expect(400);
        Assert.Contains("does not count", told.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        (await world.Door.Ask(session, $"{dialect} count", Body("vectors"))).Refused(400, "validation_failed");
        (await world.Door.Ask(session, $"{dialect} count", Body("nobodys"))).Refused(404, "not_found");
        (await world.Door.Ask(await world.Open(categories: """["text"]"""), $"{dialect} count", Body("some"))).Refused(403, "scope_violation");
        (await world.Door.Ask(new("agt_nobody.1.x", ""), $"{dialect} count", Body("some"))).Refused(401, "unauthorized");
        Assert.Equal(0, world.Upstream.Requests);
    }

    [Fact]
    public async Task Counts_stand_under_the_rate_of_requests()
    {
        await using var world = await ModelWorld.Start(ratePerMinute: 2);
        await world.PutModel("some", "anthropic");
        var session = await world.Open();
        var body = ModelDoorClient.Body("messages", "some");
        (await world.Door.Ask(session, "messages count", body)).Expect(200);
        (await world.Door.Ask(session, "messages count", body)).Expect(200);

        (await world.Door.Ask(session, "messages count", body)).Refused(429, "rate_limited");

        Assert.Equal(2, world.Upstream.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(504)]
    public async Task A_provider_that_fails_to_count_costs_nothing(int status)
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(new Fault.Status(status))] });
        await world.PutModel("some", "google");
        var session = await world.Open();

        (await world.Door.Ask(session, "messages count", ModelDoorClient.Body("messages", "some"))).Refused(502, "upstream_failed");

        Assert.Equal((0, 0), await world.Budget(session));
    }

    [Fact]
    public async Task Each_count_gives_its_place_back()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("placed", "anthropic", most: 100, usual: 50);
        var session = await world.Open();
        var body = ModelDoorClient.Body("messages", "placed", new string('a', 900 * 1024));
        for (var n = 0; n < 60; n++)
        {
            Assert.Equal(200, (await world.Door.Ask(session, "messages count", body)).Status);
        }
    }
}
