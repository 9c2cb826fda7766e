namespace Agora.Api.Tests.Models;

/// <summary>A provider that keeps what it is sent is called only for sessions whose scopes allow that.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private const string None = """["data_sharing","retention"]""";
    private const string Given = """["data_retention"]""";

    private ModelWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await ModelWorld.Start(retains: "openai");
        await _world.PutModel("keeps", "openai", more: ",\"fallback\":[\"forgets\"]");
        await _world.PutModel("forgets", "anthropic", more: ",\"fallback\":[\"keeps\"]");
        (await _world.Api.Client.Admin(HttpMethod.Put, "/admin/services/either", """
            {"name":"either","description":"A router","category":"model","max_price_cents":10000,"endpoint":"model:router","provider":"maker","routes":[{"to":"keeps"},{"to":"forgets"}]}
            """)).Expect(200);
        (await _world.Api.Client.Admin(HttpMethod.Put, "/admin/services/only", """
            {"name":"only","description":"A router","category":"model","max_price_cents":10000,"endpoint":"model:router","provider":"maker","routes":[{"to":"keeps"}]}
            """)).Expect(200);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData("chat")]
    [InlineData("responses")]
    [InlineData("messages")]
    [InlineData("messages count")]
    public async Task Without_the_consent_it_is_refused_and_says_which_is_missing(string dialect)
    {
        var session = await _world.Open(consents: None);

        foreach (var model in new[] { "keeps", "only" })
        {
            var told = (await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect.Split(' ')[0], model))).Refused(403, "scope_violation");
            Assert.Contains("data_retention", told.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal((0, (0L, 0L)), (_world.Upstream.Requests, await _world.Budget(session)));
    }

    [Theory]
    [InlineData(Given)]
    [InlineData("""["*"]""")]
    public async Task With_the_consent_or_all_of_them_it_is_called(string consents)
    {
        var session = await _world.Open(consents: consents);

        (await _world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "keeps"))).Expect(200);
        (await _world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);

        await _world.Upstream.Idle();
        Assert.Equal(["keeps", "keeps"], _world.Upstream.Truths.Select(truth => truth.Model));
    }

    [Fact]
    public async Task A_router_passes_over_it_to_the_next_rule()
    {
        var session = await _world.Open(consents: None);

        (await _world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);

        Assert.Equal("forgets", (await _world.Truth("forgets")).Model);
        Assert.Equal(1, _world.Upstream.Requests);
    }

    [Fact]
    public async Task A_fallback_passes_over_it()
    {
        _world.Upstream.Script = new() { Faults = [new ScriptedModels.FaultRule(new ScriptedModels.Fault.Status(503)) { When = asked => asked.Model == "forgets" }] };
        var (without, with) = (await _world.Open(consents: None), await _world.Open(consents: Given));

        (await _world.Door.Ask(without, "chat", ModelDoorClient.Body("chat", "forgets"))).Refused(503, "unavailable");
        Assert.DoesNotContain(_world.Upstream.Truths, truth => truth.Model == "keeps");
        (await _world.Door.Ask(with, "chat", ModelDoorClient.Body("chat", "forgets"))).Expect(200);
        Assert.Equal("keeps", (await _world.Truth("keeps")).Model);
    }
}
